"""Who is on call when: arithmetic on the wall clock, no expansion and no polling.

Every interval is half-open. Days and weeks are calendar lengths on the schedule's wall clock, hours are elapsed time.
A handoff time that does not exist moves forward by the gap; one that exists twice means the first. Overrides win over
rotations, of overlapping overrides the later one in the list; later rotations win over earlier ones, rotations over
the outside calendar. Nobody covered is said, never hidden.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.oncall import ImportedShift, Override, Schedule, WeeklyWindow
from domain.rotation_math import EARLIEST, LATEST, hours, layer

_SIGHT = timedelta(days=731)
"""How far ahead somebody else is looked for: two years, one of which may be a leap year. Ours: rotations of one person
would be searched for ever."""
_INSTANT = datetime.resolution


class ShiftSource(StrEnum):
    """What decides about a shift."""

    ROTATION = "rotation"
    OVERRIDE = "override"
    CALENDAR = "calendar"
    """An outside iCalendar feed."""
    NOBODY = "nobody"
    """Nothing does: a gap."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's time on call as it comes out in the end, or a gap. Half-open, UTC.

    A bound is None where nothing ever begins or ends it. Two shifts of the same person in a row are two shifts; one
    that is only cut by a change of other people is one.
    """

    schedule: str
    person: str | None
    """Handle; None: nobody is on call."""
    starts_at: datetime | None
    ends_at: datetime | None
    source: ShiftSource


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """A shift change: a rotation's handoff moment at which another person comes on call."""

    at: datetime
    """UTC; when the incoming person's shift begins."""
    outgoing: str
    incoming: str
    touching: bool
    """Whether the outgoing person's shift lasts until then; otherwise nobody was on call in between."""


def shift_at(schedule: Schedule, at: datetime) -> Shift:
    """Tell the shift or gap a moment falls into. Raises ValueError for a moment without an offset."""
    return _shift(schedule.id, _Plan(schedule, schedule.overrides).at(_utc(at)))


def shifts_between(schedule: Schedule, starts_at: datetime, ends_at: datetime) -> Sequence[Shift]:
    """List shifts and gaps in order, cut to [starts_at, ends_at); together they cover it exactly.

    Raises ValueError for a moment without an offset. An empty window has no shifts.
    """
    first, last = _utc(starts_at), _utc(ends_at)
    plan = _Plan(schedule, _within(schedule.overrides, first, last))
    return tuple(
        Shift(schedule.id, person, max(since, first), min(until, last), source)
        for person, since, until, source in plan.stretches(first, last)
    )


def next_shift(schedule: Schedule, after: datetime) -> Shift | None:
    """Tell the first shift of *another* person that begins after a moment; None where none is in sight (two years).

    Another than the one on call at that moment; in a gap anybody. Raises ValueError for a moment without an offset.
    """
    first = _utc(after)
    last = first + _SIGHT
    stretches = _Plan(schedule, _within(schedule.overrides, first, last)).stretches(first, last, joined=True)
    current = next(stretches)[0]
    for person, since, _, _ in stretches:
        if person not in {None, current}:
            return shift_at(schedule, since)
    return None


def next_change(schedule: Schedule, after: datetime) -> ShiftChange | None:
    """Tell the first shift change after a moment that asks for a handoff; None where none is in sight (two years).

    An override that begins or ends in the middle of a shift is no handoff: its people have agreed on it. One that
    begins or ends exactly at a rotation's handoff moment, or at the edge of its restricted hours, is. The outgoing
    person is whoever was on call last, also when nobody was in between. Raises ValueError for a moment without an
    offset.
    """
    first = _utc(after)
    last = first + _SIGHT
    whole = _Plan(schedule, schedule.overrides)
    plan = _Plan(schedule, _within(schedule.overrides, first, last))
    outgoing = previous = whole.last_person(first)
    for person, since, _, _ in plan.stretches(first, last, joined=True):
        if person is not None and outgoing is not None and person != outgoing and plan.planned(since)[1] == since:
            return ShiftChange(since, outgoing, person, touching=previous is not None)
        previous, outgoing = person, person or outgoing
    return None


def shifts_of(schedule: Schedule, person: str, starts_at: datetime, ends_at: datetime) -> Sequence[Shift]:
    """List the shifts of one person, cut to the window. Raises ValueError for a moment without an offset."""
    return tuple(shift for shift in shifts_between(schedule, starts_at, ends_at) if shift.person == person)


def open_at(windows: Sequence[WeeklyWindow], time_zone: str, at: datetime) -> bool:
    """Tell whether a moment falls into weekly windows on that zone's wall clock; no windows at all are always open.

    Raises ValueError for a moment without an offset.
    """
    moment, prepared = _utc(at), hours(tuple(windows), time_zone)
    return prepared is None or prepared.around(moment)[0]


def next_opening(windows: Sequence[WeeklyWindow], time_zone: str, at: datetime) -> datetime:
    """Tell the first moment from `at` on that falls into the windows, UTC: `at` itself inside of one.

    No windows at all are always open. Raises ValueError for a moment without an offset.
    """
    moment, prepared = _utc(at), hours(tuple(windows), time_zone)
    if prepared is None:
        return moment
    is_open, _, until = prepared.around(moment)
    return moment if is_open else until


_Stretch = tuple[str | None, datetime, datetime, ShiftSource]
"""Who, from when, until when and why; the longest in which one and the same thing decides."""


class _Plan:
    """A schedule made ready for questions. Each layer narrows what the layers below it can decide about."""

    __slots__ = ("_imported", "_layers", "_overrides")

    def __init__(self, schedule: Schedule, overrides: Sequence[Override]) -> None:
        zone = schedule.time_zone
        self._overrides = overrides
        self._layers = [layer(rotation, zone) for rotation in reversed(schedule.rotations)]
        self._imported = schedule.imported

    def at(self, moment: datetime, *, joined: bool = False) -> _Stretch:
        """Tell who is on call; `joined`: turns of one person in a row may count as one."""
        if not self._overrides:
            return self.planned(moment, joined=joined)
        since, until = EARLIEST, LATEST
        for override in reversed(self._overrides):
            begins, ends = override.starts_at, override.ends_at
            if begins <= moment < ends:
                return override.person, max(since, begins), min(until, ends), ShiftSource.OVERRIDE
            if moment < begins < ends:
                until = min(until, begins)
            elif begins < ends:
                since = max(since, ends)
        person, begins, ends, source = self.planned(moment, joined=joined)
        return person, max(since, begins), min(until, ends), source

    def planned(self, moment: datetime, *, joined: bool = False) -> _Stretch:
        """Tell who would be on call without overrides."""
        since, until = EARLIEST, LATEST
        for rotation in self._layers:
            person, begins, ends = rotation.at(moment, joined=joined)
            since, until = max(since, begins), min(until, ends)
            if person is not None:
                return person, since, until, ShiftSource.ROTATION
        if not self._imported:
            return None, since, until, ShiftSource.NOBODY
        person, begins, ends = _imported_at(self._imported, moment)
        source = ShiftSource.NOBODY if person is None else ShiftSource.CALENDAR
        return person, max(since, begins), min(until, ends), source

    def stretches(self, first: datetime, last: datetime, *, joined: bool = False) -> Iterator[_Stretch]:
        """List what decides from one moment to before another, whole stretches."""
        while first < last:
            stretch = self.at(first, joined=joined)
            yield stretch
            first = stretch[2]

    def last_person(self, moment: datetime) -> str | None:
        """Tell who is on call at a moment, in a gap who was before it."""
        person, since, _, _ = self.at(moment)
        return person if person is not None or since == EARLIEST else self.at(since - _INSTANT)[0]


def _imported_at(shifts: Sequence[ImportedShift], moment: datetime) -> tuple[str | None, datetime, datetime]:
    """Tell who the outside calendar names; of overlapping shifts the one that starts later counts."""
    place = bisect_right(shifts, moment, key=lambda shift: shift.starts_at)
    until = next((shift.starts_at for shift in shifts[place:] if shift.starts_at < shift.ends_at), LATEST)
    since = EARLIEST
    for shift in reversed(shifts[:place]):
        if moment < shift.ends_at:
            return shift.person, max(since, shift.starts_at), min(until, shift.ends_at)
        if shift.starts_at < shift.ends_at:
            since = max(since, shift.ends_at)
    return None, since, until


def _within(overrides: Sequence[Override], first: datetime, last: datetime) -> Sequence[Override]:
    return [override for override in overrides if override.starts_at < last and first < override.ends_at]


def _shift(schedule: str, stretch: _Stretch) -> Shift:
    person, since, until, source = stretch
    return Shift(schedule, person, None if since == EARLIEST else since, None if until == LATEST else until, source)


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no offset: give a moment, not a wall-clock time.")
    return moment.astimezone(UTC)
