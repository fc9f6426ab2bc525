"""Planning: one handoff for the next shift change of each schedule, and what has to happen around it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import islice

from domain import handoff as steps
from domain.handoff import OFFERED_BEFORE, OVERTAKEN, SCHEDULE_CHANGED, SECOND_REMINDER, Handoff
from domain.handoff import HandoffState as State
from domain.oncall import HandoffRule, Schedule
from domain.people import Person
from domain.shifts import ShiftChange, ShiftSource, next_change, shift_at
from usecases.handoffs import telling
from usecases.ports import Store
from usecases.work import NewWork

OFFER, REMIND, EXPIRE, CLOSE = "handoff.offer:1", "handoff.remind:1", "handoff.expire:1", "handoff.close:1"
"""The kinds of due work around a shift change."""
_TICK = timedelta(milliseconds=1)
_LOOKED_AT = 10
"""Shift changes looked at for one with two people we know; ours: the rest is planned when its time comes."""
_SEARCHED = 50
"""Handoffs of a schedule among which those are looked for that are not open; ours: more than any plan holds."""

log = logging.getLogger(__name__)

Roster = Callable[[str], Person | None]
"""Finds an active person by handle."""


def replan(store: Store, schedule_id: str, now: datetime) -> None:
    """Plan the next handoff of a schedule (`now` UTC), and take back what does not happen any more.

    Safe to repeat. Belongs into the transaction of every change of the schedule; it locks the schedule.
    """
    schedule, roster = store.schedules.lock(schedule_id), _asked(store)
    here = schedule.id if schedule else schedule_id
    latest, off = store.handoffs.of_schedule(here, limit=_SEARCHED), list[Handoff]()
    accepted = [handoff for handoff in latest if handoff.is_pending(now) and not handoff.is_open]
    for handoff in (*store.handoffs.open_of(here), *accepted):
        why = _why_off(roster, schedule, handoff, now)
        if why:
            off.append(handoff)
            store.work.cancel(subject(handoff))
            take_back(store, handoff, why, now)
        elif schedule is not None:
            _follow_rule(store, roster, schedule, handoff)
    for handoff in latest:
        if handoff.is_late and (schedule is None or not is_over(schedule, handoff, now)):
            telling.redraw(store, handoff, because=f":{now.isoformat()}")
            close_later(store, schedule, handoff, now)
    if schedule is not None:
        for wanted, offer_at in _wanted(roster, schedule, now):
            _prepare(store, replace(wanted, notes=_notes(wanted, off, latest)), offer_at)


def plan_all(store: Store, now: datetime) -> None:
    """Plan every schedule that is not planned, or not rightly. For the start, for a tick, after an import.

    Safe to repeat, also on two replicas at once.
    """
    schedules, roster = store.schedules.all(), _listed(store)
    latest = store.handoffs.of_schedule(None, limit=len(schedules) * 3 + _SEARCHED)
    pending: dict[str, list[Handoff]] = {schedule.id: [] for schedule in schedules}
    for handoff in latest:
        if handoff.is_pending(now):
            pending.setdefault(handoff.schedule, []).append(handoff)
    unplanned = {s.id for s in schedules if not _is_planned(roster, s, pending[s.id], now)}
    for schedule_id in sorted(unplanned | (pending.keys() - {schedule.id for schedule in schedules})):
        replan(store, schedule_id, now)


def happens(store: Store, schedule: Schedule, handoff: Handoff) -> bool:
    """Tell whether the schedule (still) changes from one to the other person at that moment."""
    return _change(_asked(store), schedule, handoff) is not None


def is_over(schedule: Schedule, handoff: Handoff, now: datetime) -> bool:
    """Tell whether the shift it hands over has ended too."""
    if handoff.boundary_at >= now:
        return False
    ends_at = shift_end(schedule, handoff)
    return ends_at is not None and ends_at <= now


def shift_end(schedule: Schedule, handoff: Handoff) -> datetime | None:
    """Tell when the shift it hands over ends (UTC); None: nothing is in sight that ends it.

    At the next shift change; earlier where an override ends and the rotation names somebody else. Somebody who stands
    in for a part of the shift does not end it.
    """
    begins_at, incoming = handoff.boundary_at, shift_at(schedule, handoff.boundary_at).person
    following = next_change(schedule, begins_at)
    last = following.at if following else None
    ends = {o.ends_at for o in schedule.overrides if begins_at < o.ends_at and (last is None or o.ends_at < last)}
    for at in sorted(ends):
        shift = shift_at(schedule, at)
        if shift.source is ShiftSource.OVERRIDE or shift.person in (None, incoming):
            continue
        while shift.person != incoming and shift.starts_at is not None and shift.starts_at > begins_at:
            shift = shift_at(schedule, shift.starts_at - _TICK)
        return shift.ends_at
    return last


def why_over(store: Store, schedule: Schedule | None, handoff: Handoff, now: datetime) -> str | None:
    """Say in a sentence why an answer means nothing any more; None while it means something."""
    return _why_off(_asked(store), schedule, handoff, now)


def close_later(store: Store, schedule: Schedule | None, handoff: Handoff, now: datetime) -> None:
    """Plan that the cards of one that was declined or has expired are drawn again when its shift is over."""
    store.work.cancel(subject(handoff), kinds=(CLOSE,))
    ends_at = shift_end(schedule, handoff) if schedule else None
    if ends_at is not None and ends_at > now:
        _plan(store, handoff, CLOSE, ends_at)


def subject(handoff: Handoff) -> str:
    """Name the due work of a handoff."""
    return f"handoff:{handoff.id}"


def take_back(store: Store, handoff: Handoff, why: str, now: datetime) -> None:
    """End one that does not happen, or is over. A prepared one is forgotten; for any other both people are told."""
    if handoff.state is State.PREPARED:
        store.handoffs.remove(handoff.id)
        return
    off = steps.take_back(handoff, why, now)
    if off is None:
        return
    store.handoffs.save(off, seen=handoff.version)
    if why != OVERTAKEN:
        telling.say_off(store, off)
    telling.redraw(store, off)


# -- inside ------------------------------------------------------------------------------------------------------------


def _asked(store: Store) -> Roster:
    """Ask for each person once."""

    def find(handle: str) -> Person | None:
        person = store.people.by_handle(handle)
        return person if person is not None and person.active else None

    return cache(find)


def _listed(store: Store) -> Roster:
    """Read everybody at once: for all schedules that is cheaper."""
    known = {person.handle.casefold(): person for person in store.people.active()}
    return lambda handle: known.get(handle.casefold())


def _is_planned(roster: Roster, schedule: Schedule, pending: Sequence[Handoff], now: datetime) -> bool:
    if any(_why_off(roster, schedule, handoff, now) for handoff in pending):
        return False
    return schedule.handoff is HandoffRule.OFF or any(h.is_open and h.boundary_at > now for h in pending)


def _why_off(roster: Roster, schedule: Schedule | None, handoff: Handoff, now: datetime) -> str | None:
    if schedule is None or schedule.handoff is HandoffRule.OFF or _change(roster, schedule, handoff) is None:
        return SCHEDULE_CHANGED
    return OVERTAKEN if is_over(schedule, handoff, now) else None


def _change(roster: Roster, schedule: Schedule, handoff: Handoff) -> ShiftChange | None:
    """Find the shift change a handoff is for."""
    change = next_change(schedule, handoff.boundary_at - _TICK)
    if change is None or change.at != handoff.boundary_at:
        return None
    people = _people(roster, change)
    return change if people and (people[0].id, people[1].id) == (handoff.outgoing, handoff.incoming) else None


def _follow_rule(store: Store, roster: Roster, schedule: Schedule, handoff: Handoff) -> None:
    change = _change(roster, schedule, handoff)
    corrected = steps.hold(handoff, _holds(schedule, change)) if change else None
    if corrected is not None:
        store.handoffs.save(corrected, seen=handoff.version)
        telling.redraw(store, corrected)


def _holds(schedule: Schedule, change: ShiftChange) -> bool:
    return schedule.handoff is HandoffRule.ACCEPTED and change.touching


def _wanted(roster: Roster, schedule: Schedule, now: datetime) -> Iterator[tuple[Handoff, datetime]]:
    """Name the next handoff and when it is offered; where that is now, the one after it too.

    Nothing is offered before the shift it ends has begun, however short shifts are.
    """
    begun = now
    for change in islice(_changes(schedule, now), _LOOKED_AT):
        people = _people(roster, change)
        if people is None:
            log.info("no handoff of %s at %s: somebody is not known or has left", schedule.id, change.at)
            continue
        outgoing, incoming = people
        offer_at = max(change.at - OFFERED_BEFORE, begun)
        yield (
            Handoff(
                id=0,
                schedule=schedule.id,
                outgoing=outgoing.id,
                incoming=incoming.id,
                boundary_at=change.at,
                holds=_holds(schedule, change),
            ),
            offer_at,
        )
        if offer_at > now:
            return
        begun = change.at


def _changes(schedule: Schedule, now: datetime) -> Iterator[ShiftChange]:
    if schedule.handoff is HandoffRule.OFF:
        return
    change = next_change(schedule, now)
    while change is not None:
        yield change
        change = next_change(schedule, change.at)


def _people(roster: Roster, change: ShiftChange) -> tuple[Person, Person] | None:
    outgoing, incoming = roster(change.outgoing), roster(change.incoming)
    return (outgoing, incoming) if outgoing and incoming else None


def _notes(wanted: Handoff, off: Sequence[Handoff], latest: Sequence[Handoff]) -> str:
    """Find what the outgoing person wrote: on one that is off just now, else on the newest of this shift change."""
    same = [known for known in latest if known.boundary_at == wanted.boundary_at]
    return next((known.notes for known in (*off, *same) if known.outgoing == wanted.outgoing and known.notes), "")


def _prepare(store: Store, wanted: Handoff, offer_at: datetime) -> None:
    """Plan one with everything that happens around it."""
    handoff = store.handoffs.add(wanted) or _again(store, wanted)
    if handoff is None:
        return  # it is planned, or has been answered
    moments = (
        (OFFER, offer_at),
        (REMIND, handoff.boundary_at),
        (REMIND, handoff.boundary_at + SECOND_REMINDER),
        (EXPIRE, handoff.expires_at),
    )
    for kind, due_at in moments:
        _plan(store, handoff, kind, due_at)


def _plan(store: Store, handoff: Handoff, kind: str, due_at: datetime) -> None:
    store.work.add(
        NewWork(
            kind=kind,
            dedupe_key=f"{subject(handoff)}:{handoff.version}:{kind}:{due_at.isoformat()}",
            due_at=due_at,
            subject=subject(handoff),
            payload={"handoff": handoff.id},
        )
    )


def _again(store: Store, wanted: Handoff) -> Handoff | None:
    """Prepare one again that was taken back, now that the schedule is as it was."""
    shift_change = (wanted.boundary_at, wanted.outgoing, wanted.incoming)
    for known in store.handoffs.of_schedule(wanted.schedule, limit=_SEARCHED):
        if (known.boundary_at, known.outgoing, known.incoming) == shift_change:
            again = steps.prepare_again(known, holds=wanted.holds, notes=wanted.notes)
            if again is not None:
                store.handoffs.save(again, seen=known.version)
            return again
    return None
