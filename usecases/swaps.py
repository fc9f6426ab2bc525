"""Swaps: two people exchange shifts, once the one who was asked has said yes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.errors import Refused, Unknown
from domain.oncall import Override, Schedule
from domain.people import Person
from domain.shifts import Shift
from domain.swap import Swap, SwapState
from usecases import handoffs, letters, spans
from usecases.oncall_names import schedule_named
from usecases.oncall_ports import MadeOverride
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.shift_windows import check_window, coming_shifts, handles_in
from usecases.spans import Span

LETTER = "swap"
"""The letter that asks for a swap, and tells how that ended; its payload names `swap`, `reader` and the state told."""
MINE_OFFERED, THEIRS_OFFERED, MOST_OFFERED = 10, 6, 40
"""Shifts to choose from: of the asker, of each other person, of all others; ours: what fits a phone's list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapView:
    """A swap with its people. `now` is when it was read, UTC."""

    swap: Swap
    asker: Person
    other: Person
    now: datetime
    stale: str = ""
    """Why it cannot be accepted any more; empty while it can, and once it is decided."""
    repeated: bool = False
    """Whether it was asked, or decided, like that already."""

    @property
    def gives(self) -> Span:
        """What the asker gives and the other takes."""
        return (self.swap.gives_from, self.swap.gives_to)

    @property
    def takes(self) -> Span:
        """What the asker takes and the other gives."""
        return (self.swap.takes_from, self.swap.takes_to)


def shifts_to_give(store: Store, person: Person, now: datetime, schedule_id: str = "") -> tuple[Shift, ...]:
    """List a person's next whole shifts, on one schedule or on all."""
    schedules = [schedule_named(store, schedule_id)] if schedule_id else store.schedules.all()
    mine = [schedule for schedule in schedules if person.handle in handles_in(schedule)]
    return coming_shifts(mine, person.handle, now, MINE_OFFERED)


def shifts_of_person(schedule: Schedule, person: Person, now: datetime) -> tuple[Shift, ...]:
    """List the next whole shifts of a person on a schedule."""
    return coming_shifts([schedule], person.handle, now, MOST_OFFERED)


def begins_on(shift: Shift, day: str, zone: str) -> bool:
    """Tell whether a shift begins on a day, such as 2026-12-05, on that zone's wall clock."""
    return shift.starts_at is not None and f"{shift.starts_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" == day


def shifts_to_take(store: Store, asker: Person, now: datetime, schedule_id: str) -> tuple[tuple[Shift, Person], ...]:
    """List the next whole shifts that others have on a schedule, with whose they are."""
    schedule = schedule_named(store, schedule_id)
    found: list[tuple[Shift, Person]] = []
    for handle in handles_in(schedule) - {asker.handle}:
        person = store.people.by_handle(handle)
        if person is not None and person.active and person.object_id is not None:
            found += [(shift, person) for shift in coming_shifts([schedule], handle, now, THEIRS_OFFERED)]
    return tuple(sorted(found, key=lambda pair: (pair[0].starts_at or now, pair[1].handle))[:MOST_OFFERED])


def ask(
    store: Store, asker: Person, other: Person, schedule_id: str, *, gives: Span, takes: Span, now: datetime
) -> SwapView:
    """Ask somebody to swap; nothing changes until they accept. Raise Refused where it cannot be done.

    While the very same question stands nobody is asked again, in either direction.
    """
    schedule = store.schedules.lock(schedule_id) or schedule_named(store, schedule_id)
    if other.id == asker.id:
        raise Refused("You cannot swap with yourself. Choose a shift of somebody else.")
    if not other.active or other.object_id is None:
        raise Refused(
            f"I cannot ask {other.name}: they have no Teams account here. Use `override` once you have agreed."
        )
    swap = Swap(
        id=0,
        schedule=schedule.id,
        asker=asker.id,
        other=other.id,
        gives_from=gives[0],
        gives_to=gives[1],
        takes_from=takes[0],
        takes_to=takes[1],
        asked_at=now,
    )
    why = _stale(schedule, swap, asker, other, now)
    if why:
        raise Refused(why)
    standing = store.swaps.open_like(swap)
    if standing is not None:
        return SwapView(swap=standing, asker=asker, other=other, now=now, repeated=True)
    if store.swaps.open_like(_mirrored(swap)) is not None:
        raise Refused(f"{other.name} has asked you for this very swap. Press “Accept swap” in the chat with me.")
    shown = SwapView(swap=store.swaps.add(swap), asker=asker, other=other, now=now)
    _tell(store, shown, other)
    return shown


def _mirrored(swap: Swap) -> Swap:
    """Give the same exchange as the other person would ask for it."""
    return replace(
        swap,
        asker=swap.other,
        other=swap.asker,
        gives_from=swap.takes_from,
        gives_to=swap.takes_to,
        takes_from=swap.gives_from,
        takes_to=swap.gives_to,
    )


def view(store: Store, swap_id: int, now: datetime) -> SwapView:
    """Read a swap as it stands. Raise Unknown when there is none."""
    swap = store.swaps.get(swap_id)
    people: Mapping[int, Person] = store.people.many([swap.asker, swap.other]) if swap else {}
    if swap is None or len(people) < 2:  # noqa: PLR2004 - both people
        raise Unknown("This swap is not there any more. Write `swap` to ask for another one.")
    shown = SwapView(swap=swap, asker=people[swap.asker], other=people[swap.other], now=now)
    if swap.state is not SwapState.ASKED:
        return shown
    return replace(shown, stale=_stale(store.schedules.get(swap.schedule), swap, shown.asker, shown.other, now))


def accept(store: Store, actor: Person, swap_id: int, now: datetime) -> SwapView:
    """Exchange the two shifts. Pressed again it changes nothing. Raise Refused where it is too late, or not theirs."""
    shown = _locked(store, swap_id, now)
    swap = shown.swap
    if actor.id != swap.other:
        raise Refused(f"Only {shown.other.name} can accept this swap.")
    if swap.state is SwapState.ACCEPTED:
        return replace(shown, repeated=True)
    if swap.state is not SwapState.ASKED:
        raise Refused(f"{_ended(shown)} Write `swap` to ask for another one.")
    if shown.stale:
        raise Refused(shown.stale)
    for person, (starts_at, ends_at) in ((shown.other, shown.gives), (shown.asker, shown.takes)):
        override = Override(person=person.handle, starts_at=starts_at, ends_at=ends_at)
        store.schedules.add_override(
            MadeOverride(id=0, schedule=swap.schedule, override=override, made_by=swap.asker, made_at=now)
        )
    handoffs.replan(store, swap.schedule, now)
    return _decide(store, shown, SwapState.ACCEPTED, now, tell=shown.asker)


def decline(store: Store, actor: Person, swap_id: int, now: datetime) -> SwapView:
    """Say no. Pressed again it changes nothing."""
    shown = _locked(store, swap_id, now)
    if actor.id != shown.swap.other:
        raise Refused(f"Only {shown.other.name} can decline this swap.")
    if shown.swap.state is SwapState.DECLINED:
        return replace(shown, repeated=True)
    if shown.swap.state is not SwapState.ASKED:
        raise Refused(_too_late(shown))
    return _decide(store, shown, SwapState.DECLINED, now, tell=shown.asker)


def withdraw(store: Store, actor: Person, swap_id: int, now: datetime) -> SwapView:
    """Take the question back. Pressed again it changes nothing."""
    shown = _locked(store, swap_id, now)
    if actor.id != shown.swap.asker:
        raise Refused(f"Only {shown.asker.name} can withdraw this swap.")
    if shown.swap.state is SwapState.WITHDRAWN:
        return replace(shown, repeated=True)
    if shown.swap.state is not SwapState.ASKED:
        raise Refused(_too_late(shown))
    return _decide(store, shown, SwapState.WITHDRAWN, now, tell=shown.other)


def unasked(store: Store, swap_id: int, now: datetime) -> SwapView:
    """End a question that did not reach the other person: asked again, it must not count as one that stands."""
    shown = _locked(store, swap_id, now)
    if shown.swap.state is not SwapState.ASKED:
        return shown
    return _decide(store, shown, SwapState.WITHDRAWN, now)


def _locked(store: Store, swap_id: int, now: datetime) -> SwapView:
    """Read a swap to change it, with its schedule locked, so that what is decided is what is true."""
    swap = store.swaps.get(swap_id)
    if swap is not None:
        store.schedules.lock(swap.schedule)
    return view(store, swap_id, now)


def _decide(store: Store, shown: SwapView, state: SwapState, now: datetime, *, tell: Person | None = None) -> SwapView:
    swap = replace(shown.swap, state=state, decided_at=now, version=shown.swap.version + 1)
    store.swaps.save(swap, seen=shown.swap.version)
    decided = replace(shown, swap=swap, stale="")
    if tell is not None:
        _tell(store, decided, tell)
    return decided


def _stale(schedule: Schedule | None, swap: Swap, asker: Person, other: Person, now: datetime) -> str:
    """Say why two shifts cannot be exchanged; empty when they can."""
    again = "Write `swap` to choose others."
    if schedule is None:
        return f"The schedule {swap.schedule} is not there any more, so there is nothing to swap."
    for whose, starts_at, ends_at in (
        (asker, swap.gives_from, swap.gives_to),
        (other, swap.takes_from, swap.takes_to),
    ):
        if starts_at >= ends_at:
            return f"A shift ends after it begins. {again}"
        if starts_at <= now:
            return f"{whose.name}'s shift has begun already, so it cannot be swapped. {again}"
        check_window(schedule, starts_at, ends_at)
        if spans.held(schedule, starts_at, ends_at).get(whose.handle) != ((starts_at, ends_at),):
            return (
                f"{whose.name} is not on call on {schedule.id} at that time any more, so it cannot be swapped. {again}"
            )
    return ""


def _ended(shown: SwapView) -> str:
    who = shown.asker if shown.swap.state is SwapState.WITHDRAWN else shown.other
    at = f" at {shown.swap.decided_at:%Y-%m-%d %H:%M} UTC" if shown.swap.decided_at else ""
    verb = {SwapState.WITHDRAWN: "withdrew", SwapState.ACCEPTED: "accepted", SwapState.DECLINED: "declined"}
    return f"{who.name} {verb.get(shown.swap.state, 'has')} this swap{at}."


def _too_late(shown: SwapView) -> str:
    said = _ended(shown)
    if shown.swap.state is not SwapState.ACCEPTED:
        return said
    return f"{said} To change it again, write `override {shown.swap.schedule} @person from <when> to <when>`."


def _tell(store: Store, shown: SwapView, reader: Person) -> None:
    swap = shown.swap
    letters.to_person(
        store,
        reader,
        LETTER,
        key=f"swap:{swap.id}:{swap.state}:{reader.id}",
        # Buttons are safe to press twice, so a doubled question does no harm; a lost one does.
        message_class=MessageClass.CARD,
        swap=swap.id,
        reader=reader.id,
        state=str(swap.state),
    )
