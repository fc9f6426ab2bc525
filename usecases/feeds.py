"""Outside calendars as the source of a schedule's shifts: the last good copy counts, and its age is said."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain

from domain.oncall import ImportedShift, Schedule
from domain.people import Person
from usecases import handoffs, shift_news
from usecases.oncall_ports import Feed
from usecases.ports import Store
from usecases.wording import exact

EVERY = timedelta(minutes=5)
"""Between two looks at a feed; ours: a change is seen before anybody rings to ask."""
STALE = timedelta(hours=1)
"""Age of the last good copy from which people are told of it; ours: a dozen failed looks."""
MAX_SHIFTS = 5_000
"""Shifts kept of one feed; ours: half a year of shifts of an hour each."""
NAMED = 3
"""Events named in a complaint; ours."""
_WORD = re.compile(r"[^\W_]+")  # what `str.isalnum` holds for
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event of a calendar, UTC, half-open. `said` are its texts that may name somebody, the best first."""

    starts_at: datetime
    ends_at: datetime
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WantedFeed:
    """A feed that should be read now."""

    schedule: str
    url: str
    time_zone: str
    """IANA name: the wall clock of days and floating times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong with a schedule's calendar."""

    why: str
    """Why there is no newer copy, or what is wrong with this one: a sentence, or nothing."""
    read_at: datetime | None
    """When the copy that counts was read, UTC; None: there is none."""
    old: bool
    """Whether people are told of its age."""

    def said(self, zone: str | None) -> str:
        """Say it to somebody in a time zone."""
        age = f"was last read {exact(self.read_at, zone)}" if self.read_at else "has not been read yet"
        return " ".join(filter(None, (f"Its calendar {age}." if self.old else "", self.why)))


def due(store: Store, now: datetime) -> Sequence[WantedFeed]:
    """List the feeds whose last look is too long ago. A calendar that moved is read at once; its old copy counts on."""
    looks = store.feeds.looks()
    return [
        WantedFeed(schedule.id, schedule.calendar, schedule.time_zone)
        for schedule in store.schedules.all()
        if schedule.calendar is not None and now - looks.get((schedule.id, schedule.calendar), _LONG_AGO) >= EVERY
    ]


def forget_unwanted(store: Store, schedules: Sequence[Schedule]) -> None:
    """Drop the copies of all but these schedules, and of those among them that have no calendar any more."""
    wanted = {schedule.id for schedule in schedules if schedule.calendar is not None}
    store.feeds.forget({schedule for schedule, _ in store.feeds.looks()} - wanted)


def took(store: Store, wanted: WantedFeed, events: Sequence[FeedEvent], now: datetime) -> None:
    """Make a fresh copy the one that counts; people whose shifts change are told."""
    schedule = _still(store, wanted)
    if schedule is None:
        return
    shifts, complaint = _shifts(store, events)
    feed = store.feeds.get(wanted.schedule) or Feed(schedule=wanted.schedule, url=wanted.url)
    store.feeds.put(replace(feed, url=wanted.url, shifts=shifts, good_at=now, tried_at=now, error=complaint))
    if shifts == schedule.imported:
        return
    after = store.schedules.get(wanted.schedule)
    handoffs.replan(store, wanted.schedule, now)
    if after is not None and feed.good_at is not None:
        key = f"feed:{wanted.schedule}:{now.isoformat()}"
        shift_news.tell(store, [schedule], [after], now, key=key, but=())


def failed(store: Store, wanted: WantedFeed, reason: str, now: datetime) -> None:
    """Keep the last good copy, and why there is no newer one."""
    if _still(store, wanted) is None:
        return
    feed = store.feeds.get(wanted.schedule) or Feed(schedule=wanted.schedule, url=wanted.url)
    store.feeds.put(replace(feed, url=wanted.url, tried_at=now, error=reason))


def complaint_of(feed: Feed | None, now: datetime) -> Complaint | None:
    """Tell what people who look at the schedule should know of its feed; None when all is well."""
    if feed is None or feed.good_at is None:
        return Complaint(why=feed.error if feed else "", read_at=None, old=True)
    old = now - feed.good_at > STALE
    return Complaint(why=feed.error, read_at=feed.good_at, old=old) if old or feed.error else None


def _still(store: Store, wanted: WantedFeed) -> Schedule | None:
    """Lock the schedule if this is still its calendar: an import may have come in between."""
    schedule = store.schedules.lock(wanted.schedule)
    return schedule if schedule is not None and schedule.calendar == wanted.url else None


def _shifts(store: Store, events: Sequence[FeedEvent]) -> tuple[tuple[ImportedShift, ...], str]:
    """Find whose shifts the events are; say which name nobody we know."""
    names = _names(store.people.active())
    by_word = _by_first_word(names)

    @cache  # a feed says the same few texts thousands of times
    def meant(text: str) -> str | None:
        return _person(text, names, by_word)

    shifts: list[ImportedShift] = []
    unknown: list[str] = []
    for event in events:
        person = next((p for text in event.said if (p := meant(text)) is not None), None)
        if person is None:
            unknown.append(event.said[0] if event.said else "an event without a title")
        elif event.starts_at < event.ends_at:
            shifts.append(ImportedShift(person=person, starts_at=event.starts_at, ends_at=event.ends_at))
    kept = sorted(shifts, key=lambda s: (s.starts_at, s.ends_at, s.person))[:MAX_SHIFTS]
    which = ", ".join(f"“{text[:60]}”" for text in list(dict.fromkeys(unknown))[:NAMED])
    many = "1 event of its calendar names" if len(unknown) == 1 else f"{len(unknown)} events of its calendar name"
    complaint = f"{many} nobody I know, such as {which}." if unknown else ""
    return tuple(kept), complaint


def _names(people: Sequence[Person]) -> Mapping[str, str]:
    """List what an event may call people, in any case; a name that two people share names nobody."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for person in people:
        for name in {person.handle.casefold(), person.name.casefold(), (person.email or "").casefold()} - {""}:
            if found.setdefault(name, person.handle) != person.handle:
                shared.add(name)
    return {name: handle for name, handle in found.items() if name not in shared}


def _by_first_word(names: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """Group names by their first word, so that a text is held against a few of many."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[_first_word(name)].append(name)
    return groups


def _first_word(text: str) -> str:
    found = _WORD.search(text)
    return found[0] if found else ""


def _person(text: str, names: Mapping[str, str], by_word: Mapping[str, Sequence[str]]) -> str | None:
    """Find the one person a text names: all of it, or its longest part that is somebody's name or address."""
    said = " ".join(text.casefold().split())
    if said in names:
        return names[said]
    near = chain.from_iterable(by_word.get(word, ()) for word in {"", *_WORD.findall(said)})
    inside = [name for name in near if _stands_in(name, said)]
    longest = [name for name in inside if not any(name != other and name in other for other in inside)]
    meant = {names[name] for name in longest}
    return meant.pop() if len(meant) == 1 else None


def _stands_in(name: str, said: str) -> bool:
    """Tell whether a name stands in a text as whole words."""
    at = said.find(name)
    while at >= 0:
        before, after = said[at - 1 : at], said[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = said.find(name, at + 1)
    return False
