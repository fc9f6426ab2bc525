"""Shifts written out: a window of a schedule, and somebody's next ones. Shifts may be as short as a second."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.durations import ShiftUnit
from domain.errors import Refused
from domain.oncall import Schedule
from domain.shifts import Shift, shift_at, shifts_between, shifts_of

NEXT_SHIFTS = 3
"""Coming shifts that are shown of a person."""
LOOK_AHEAD = (timedelta(days=8), timedelta(days=60), timedelta(days=400))
"""How far a person's shifts are looked for, in growing steps; ours: nobody plans more than a year."""
MOST_SHIFTS = 20_000
"""Shifts that are written out at once; ours: some seconds of work and a few megabytes."""
_UNIT = {
    ShiftUnit.SECONDS: timedelta(seconds=1),
    ShiftUnit.DAYS: timedelta(days=1),
    ShiftUnit.MONTHS: timedelta(days=28),
}


def coming_shifts(
    schedules: Sequence[Schedule], handle: str, now: datetime, limit: int = NEXT_SHIFTS
) -> tuple[Shift, ...]:
    """List somebody's next shifts that have not begun, the soonest first and whole."""
    found: list[Shift] = []
    for ahead in LOOK_AHEAD:
        found = [
            shift
            for schedule in schedules
            for shift in shifts_of(schedule, handle, now, now + bounded(schedule, ahead))
            if shift.starts_at is not None and shift.starts_at > now
        ]
        if len(found) >= limit:
            break
    soonest = sorted(found, key=lambda shift: (shift.starts_at or now, shift.schedule))[:limit]
    by_id = {schedule.id: schedule for schedule in schedules}
    # The window may have cut the last one.
    return tuple(shift_at(by_id[shift.schedule], shift.starts_at or now) for shift in soonest)


def handles_in(schedule: Schedule) -> frozenset[str]:
    """List everybody who can ever be on call on a schedule."""
    people = {override.person for override in schedule.overrides} | {shift.person for shift in schedule.imported}
    for rotation in schedule.rotations:
        people.update(rotation.people, *(change.people for change in rotation.changes))
    return frozenset(people)


def shifts_in(schedule: Schedule, starts_at: datetime, ends_at: datetime) -> Sequence[Shift]:
    """List shifts and gaps, cut to the window. Raise Refused where that would be too many to write out."""
    check_window(schedule, starts_at, ends_at)
    return shifts_between(schedule, starts_at, ends_at)


def check_window(schedule: Schedule, starts_at: datetime, ends_at: datetime) -> None:
    """Raise Refused where a window has too many shifts to write out."""
    most = shifts_expected(schedule, ends_at - starts_at)
    if most > MOST_SHIFTS:
        raise Refused(
            f"{schedule.id} has about {most} shifts in that time; {MOST_SHIFTS} is the most at once. "
            "Ask for a shorter time."
        )


def shifts_expected(schedule: Schedule, length: timedelta) -> int:
    """Estimate how many shifts and gaps a window of this length has, rather too many than too few."""
    days = length / timedelta(days=1)
    per_day = sum(
        timedelta(days=1) / (_UNIT[rotation.shift.unit] * rotation.shift.count) + len(rotation.only)
        for rotation in schedule.rotations
    )
    return int(2 * per_day * days) + 2 * (len(schedule.overrides) + len(schedule.imported))


def bounded(schedule: Schedule, length: timedelta) -> timedelta:
    """Shorten a window, so that a schedule of seconds is not written out for a week."""
    most = shifts_expected(schedule, length)
    return length if most <= MOST_SHIFTS else length * MOST_SHIFTS / most
