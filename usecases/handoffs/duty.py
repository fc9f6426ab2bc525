"""Who is paged around a shift change."""

from collections.abc import Sequence
from datetime import datetime

from domain.handoff import Handoff
from domain.oncall import Schedule
from domain.shifts import ShiftSource, shift_at
from usecases.ports import Store


def responsible(store: Store, schedule: Schedule, at: datetime) -> int | None:
    """Tell who is paged instead of whom the schedule names at a moment (UTC); None: the schedule decides.

    Of the handoffs before `at` only the last one counts. An override from later than the shift change is somebody's
    decision and wins.
    """
    around = [handoff for handoff in store.handoffs.around(schedule.id, at) if not handoff.is_off]
    if not around:
        return None
    last = _last(store, schedule, around)
    held = last.responsible(at)
    if held is None:
        return None
    shift = shift_at(schedule, at)
    if shift.source is ShiftSource.OVERRIDE and shift.starts_at != last.boundary_at:
        return None
    person = store.people.many([held]).get(held)
    return held if person is not None and person.active else None


def _last(store: Store, schedule: Schedule, around: Sequence[Handoff]) -> Handoff:
    """Choose the last one; of several at one shift change that of whoever comes on call, else the newest."""
    boundary = max(handoff.boundary_at for handoff in around)
    same = sorted((handoff for handoff in around if handoff.boundary_at == boundary), key=lambda h: -h.id)
    if len(same) == 1:
        return same[0]
    comes = shift_at(schedule, boundary).person
    person = store.people.by_handle(comes) if comes else None
    return next((handoff for handoff in same if person and handoff.incoming == person.id), same[0])
