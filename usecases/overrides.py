"""Overrides that people make: one person instead of whoever is on call, at once, for a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import Refused, Unknown
from domain.oncall import Override, Schedule
from domain.people import Person
from domain.zones import format_moment
from usecases import handoffs, letters, spans
from usecases.oncall_names import schedule_named
from usecases.oncall_ports import MadeOverride
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.shift_windows import bounded, check_window
from usecases.spans import Span

LETTER = "override"
"""The letter to those whose time on call it changes; its payload names `override` and `reader`."""
UNDONE = "override.undone"
"""The letter that says that one was taken back; its payload tells what there was."""
LONGEST = timedelta(days=366)
"""Longest override; ours: a longer one is a change of the rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """An earlier override that has no effect where the new one holds."""

    override: Override
    person: str
    """Name."""
    made_by: int | None
    """A person's id; None for one of the organisation file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideView:
    """An override with everybody it concerns. `now` is when it was read, UTC."""

    made: MadeOverride
    person: Person
    maker: Person | None
    replaced: Mapping[int, tuple[Span, ...]]
    """What each person replaced gives up, by person id; empty where nobody was on call."""
    people: Mapping[int, Person]
    """Everybody named in `replaced`."""
    covers: tuple[Covered, ...]
    now: datetime
    cut: bool = False
    """Whether the start had passed, so that it begins when it was made."""
    repeated: bool = False
    """Whether it stood already when it was asked for."""
    untold: tuple[Person, ...] = ()
    """Who could not be told, because they have no Teams account here."""

    @property
    def begun(self) -> bool:
        """Whether it can no longer be taken back."""
        return self.made.override.starts_at <= self.now

    @property
    def concerned(self) -> Collection[int]:
        """Ids of the one who takes over and of everybody replaced."""
        return {self.person.id, *self.replaced}


def make(
    store: Store, actor: Person, schedule_id: str, person: Person, *, when: Span, now: datetime, again: bool = False
) -> OverrideView:
    """Put somebody on call for a time, at once. Everybody whose time changes is told, but not the actor.

    `again` says that this very request was carried out before: nothing is made anew. Raise Refused, with nothing changed, where that makes no sense.
    """
    starts_at, ends_at = when
    _check(person, starts_at, ends_at, now)
    wanted = Override(
        person=person.handle,
        starts_at=max(starts_at, now).replace(microsecond=0),
        ends_at=ends_at.replace(microsecond=0),
    )
    before = _locked(store, schedule_id)
    check_window(before, wanted.starts_at, wanted.ends_at)
    standing = _standing(store, before, wanted, now)
    if standing is not None:
        return replace(_view(store, before, standing, now), repeated=True)
    if again:
        raise Refused("This form was sent before, and the override it made is not there any more. Open it again.")
    if _has_it_all(before, wanted):
        raise Refused(
            f"{person.name} is on call on {before.id} during that time anyway, so an override changes nothing."
        )
    made = store.schedules.add_override(
        MadeOverride(id=0, schedule=before.id, override=wanted, made_by=actor.id, made_at=now)
    )
    handoffs.replan(store, before.id, now)
    shown = _view(store, _locked(store, before.id), made, now)
    untold = [reader for reader in _concerned(shown) if reader.id != actor.id and not _tell(store, shown, reader)]
    return replace(shown, cut=starts_at < now, untold=tuple(untold))


def view(store: Store, override_id: int, now: datetime) -> OverrideView | None:
    """Read an override that people are shown; None when it was taken back."""
    made = store.schedules.override(override_id)
    if made is None:
        return None
    schedule = store.schedules.get(made.schedule)
    return _view(store, schedule, made, now) if schedule is not None else None


def take_back(store: Store, actor: Person, override_id: int, now: datetime) -> OverrideView | None:
    """Undo an override that has not begun: its maker and everybody it concerns may. None: it is undone already.

    Everybody concerned is told, and the maker, but not the actor. Raise Refused for others, and once it has begun.
    """
    made = store.schedules.override(override_id)
    if made is None:
        return None
    schedule = _locked(store, made.schedule)
    made = store.schedules.override(override_id)
    if made is None:
        return None
    shown = _view(store, schedule, made, now)
    if actor.id not in {made.made_by, *shown.concerned}:
        raise Refused("Only the people of this override and whoever made it can take it back.")
    if shown.begun:
        raise Refused(
            f"This override has begun already, so it stays. To end it, write "
            f"`override {made.schedule} @somebody from now to …`."
        )
    store.schedules.remove_override(override_id)
    handoffs.replan(store, made.schedule, now)
    readers = {person.id: person for person in (*_concerned(shown), *([shown.maker] if shown.maker else []))}
    for reader in readers.values():
        if reader.id != actor.id:
            _tell_undone(store, shown, reader, actor)
    return shown


# -- checks -----------------------------------------------------------------------------------------------------------


def _check(person: Person, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if not person.active:
        raise Refused(f"{person.name} is not in the organisation any more. Choose somebody else.")
    if ends_at <= starts_at:
        raise Refused("An override ends after it begins: check both times.")
    if ends_at <= now:
        raise Refused("That time has passed; the past cannot be changed.")
    if ends_at - max(starts_at, now) > LONGEST:
        raise Refused("An override lasts a year at most. Change the rotation in the organisation file instead.")


def _locked(store: Store, schedule_id: str) -> Schedule:
    schedule = store.schedules.lock(schedule_id)
    if schedule is not None:
        return schedule
    return schedule_named(store, schedule_id)  # says what comes near


def _standing(store: Store, schedule: Schedule, wanted: Override, now: datetime) -> MadeOverride | None:
    """Find an override that does exactly this already: sent twice, it must not be there twice.

    One that was cut begins at the moment it was made, so a repeated one begins a little later.
    """
    for made in reversed(store.schedules.overrides(schedule.id, ending_after=now)):
        same = made.override.person == wanted.person and made.override.ends_at == wanted.ends_at
        begins = made.override.starts_at
        if same and (begins == wanted.starts_at or begins <= wanted.starts_at == now.replace(microsecond=0)):
            return made if _has_it_all(schedule, wanted) else None
    return None


def _has_it_all(schedule: Schedule, wanted: Override) -> bool:
    have = spans.held(schedule, wanted.starts_at, wanted.ends_at).get(wanted.person)
    return have == ((wanted.starts_at, wanted.ends_at),)


# -- what it does -----------------------------------------------------------------------------------------------------


def _view(store: Store, schedule: Schedule, made: MadeOverride, now: datetime) -> OverrideView:
    mine = made.override
    lost = _taken_away(schedule, mine)
    found = {handle: store.people.by_handle(handle) for handle in (mine.person, *lost)}
    replaced = {person.id: lost[handle] for handle, person in found.items() if person and handle in lost}
    person = found[mine.person]
    if person is None:
        raise Unknown(f"I do not know “{mine.person}” any more.")
    return OverrideView(
        made=made,
        person=person,
        maker=store.people.many([made.made_by]).get(made.made_by),
        replaced=replaced,
        people={who.id: who for who in found.values() if who},
        covers=_covers(store, schedule, mine, now),
        now=now,
    )


def _taken_away(schedule: Schedule, mine: Override) -> Mapping[str, tuple[Span, ...]]:
    """Tell what others would have without an override, by handle."""
    at = _place_of(schedule, mine)
    others = (*schedule.overrides[:at], *schedule.overrides[at + 1 :])
    ends_at = mine.starts_at + bounded(schedule, mine.ends_at - mine.starts_at)
    before = spans.held(replace(schedule, overrides=others), mine.starts_at, ends_at)
    after = spans.held(schedule, mine.starts_at, ends_at)
    return {handle: lost for handle, (_, lost) in spans.moved(before, after).items() if lost}


def _covers(store: Store, schedule: Schedule, mine: Override, now: datetime) -> tuple[Covered, ...]:
    """List the earlier overrides of others that this one wins over."""
    people_made = store.schedules.overrides(schedule.id, ending_after=now)
    makers = {made.override: made.made_by for made in people_made}
    earlier = schedule.overrides[: _place_of(schedule, mine)]
    found: list[Covered] = []
    for other in earlier:
        if other.person == mine.person or other.ends_at <= mine.starts_at or other.starts_at >= mine.ends_at:
            continue
        who = store.people.by_handle(other.person)
        found.append(Covered(override=other, person=who.name if who else other.person, made_by=makers.get(other)))
    return tuple(found)


def _place_of(schedule: Schedule, mine: Override) -> int:
    """Find an override in its schedule: of equal ones the last, which is the one that counts."""
    places = [n for n, override in enumerate(schedule.overrides) if override == mine]
    return places[-1] if places else len(schedule.overrides)


# -- who is told ------------------------------------------------------------------------------------------------------


def _concerned(shown: OverrideView) -> Sequence[Person]:
    return [shown.person, *(who for n, who in shown.people.items() if n in shown.replaced and n != shown.person.id)]


def _tell(store: Store, shown: OverrideView, reader: Person) -> bool:
    made = shown.made
    return letters.to_person(
        store,
        reader,
        LETTER,
        key=f"override:{made.id}:{reader.id}",
        # A person who does not know must not be on call: asked twice is harmless, never asked is not.
        message_class=MessageClass.CARD,
        override=made.id,
        reader=reader.id,
    )


def _tell_undone(store: Store, shown: OverrideView, reader: Person, by: Person) -> None:
    """Say that it is undone: the letter carries what it says, the override is gone when it is written."""
    made = shown.made
    letters.to_person(
        store,
        reader,
        UNDONE,
        key=f"override:{made.id}:undone:{reader.id}",
        message_class=MessageClass.CARD,
        schedule=made.schedule,
        override=made.override.to_json(),
        whom=shown.person.id,
        by=by.id,
        maker=made.made_by,
        reader=reader.id,
        again=[[format_moment(begins), format_moment(ends)] for begins, ends in shown.replaced.get(reader.id, ())],
    )
