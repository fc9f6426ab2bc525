"""On-call calendars for people's own calendar programs, under secret addresses."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import Refused
from domain.oncall import Schedule
from domain.people import Person
from domain.shifts import Shift, shift_at, shifts_between
from usecases.oncall_ports import CalendarLink, LinkOwner
from usecases.ports import Store
from usecases.shift_windows import bounded, handles_in

PUBLIC_URL = "installation.public_url"
"""Name of the key under which the server leaves the address it is reached at."""
BEHIND, AHEAD = timedelta(days=30), timedelta(days=180)
"""How much of the past and the future a calendar shows; ours: programs fetch it anew every few hours."""
MOST_EVENTS = 2_000
"""Coming shifts that a calendar shows; ours: half a year of two a day is 360."""
_SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One shift, UTC, half-open. `key` stays the same as long as the shift begins at the same moment."""

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a secret address shows."""

    name: str
    events: Sequence[CalendarEvent]


def address_for_schedule(store: Store, schedule_id: str, now: datetime, *, renew: bool) -> str:
    """Tell the secret address of a schedule's calendar; `renew` ends the earlier one. Raise Refused for an unknown one."""
    schedule = store.schedules.get(schedule_id)
    if schedule is None:
        raise Refused(f"There is no schedule “{schedule_id[:80]}”. Write `oncall` to see the schedules there are.")
    return _address(store, LinkOwner.SCHEDULE, schedule.id, now, renew=renew)


def address_for_person(store: Store, person: Person, now: datetime, *, renew: bool) -> str:
    """Tell the secret address of somebody's own shifts; `renew` ends the earlier one."""
    return _address(store, LinkOwner.PERSON, str(person.id), now, renew=renew)


def _address(store: Store, owner: LinkOwner, owner_id: str, now: datetime, *, renew: bool) -> str:
    link = store.calendar_links.of(owner, owner_id)
    if link is None or renew:
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        link = CalendarLink(secret=secret, owner=owner, owner_id=owner_id, made_at=now)
        store.calendar_links.put(link)
    base = (store.key_value.get(PUBLIC_URL) or "").rstrip("/")
    return f"{base}/calendar/{link.secret}.ics"


def calendar_of(store: Store, secret: str, now: datetime) -> Calendar | None:
    """Read what a secret address shows at a moment (UTC); None where there is none such, or not any more."""
    link = store.calendar_links.by_secret(secret)
    if link is None:
        return None
    if link.owner is LinkOwner.SCHEDULE:
        schedule = store.schedules.get(link.owner_id)
        return None if schedule is None else _of_schedule(store, schedule, now)
    person = store.people.many([int(link.owner_id)]).get(int(link.owner_id))
    return None if person is None or not person.active else _of_person(store, person, now)


def _of_schedule(store: Store, schedule: Schedule, now: datetime) -> Calendar:
    names = {person.handle: person.name for person in store.people.active()}
    events = [
        _event(schedule, shift, f"{names.get(shift.person, shift.person)} on call ({schedule.id})")
        for shift in _whole_shifts(schedule, now)
        if shift.person is not None
    ]
    return Calendar(f"On call: {schedule.id}", _nearest(events, now))


def _of_person(store: Store, person: Person, now: datetime) -> Calendar:
    events = [
        _event(schedule, shift, f"On call: {schedule.id}")
        for schedule in store.schedules.all()
        if person.handle in handles_in(schedule)
        for shift in _whole_shifts(schedule, now)
        if shift.person == person.handle
    ]
    by_time = sorted(events, key=lambda event: (event.starts_at, event.key))
    return Calendar(f"On call: {person.name}", _nearest(by_time, now))


def _whole_shifts(schedule: Schedule, now: datetime) -> Sequence[Shift]:
    """List the shifts and gaps around a moment. None is cut: it would begin or end elsewhere at every look."""
    found = shifts_between(schedule, now - bounded(schedule, BEHIND), now + bounded(schedule, AHEAD))
    first, last = (shift_at(schedule, shift.starts_at or now) for shift in (found[0], found[-1]))
    return [first, *found[1:-1], last] if len(found) > 1 else [first]


def _nearest(events: Sequence[CalendarEvent], now: datetime) -> Sequence[CalendarEvent]:
    """Keep what is near where there is too much: a schedule may have shifts of a second."""
    begun = [event for event in events if event.starts_at <= now]
    return [*begun[-MOST_EVENTS // 10 :], *events[len(begun) :][:MOST_EVENTS]]


def _event(schedule: Schedule, shift: Shift, title: str) -> CalendarEvent:
    starts_at, ends_at = shift.starts_at, shift.ends_at
    if starts_at is None or ends_at is None:  # only a gap can lack one
        raise AssertionError
    return CalendarEvent(f"{schedule.id}-{starts_at:%Y%m%dT%H%M%SZ}", title, starts_at, ends_at)
