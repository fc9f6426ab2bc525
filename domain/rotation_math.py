"""The arithmetic behind shifts: whose turn it is in a rotation, and when weekly hours are open.

Nothing is expanded from a rotation's start: a handoff moment is found by one division and two conversions to UTC,
however long ago the first one was. All moments here are UTC; EARLIEST and LATEST stand for "no bound". Equal
rotations share one prepared layer, which holds derived values only.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.durations import ShiftUnit
from domain.oncall import Rotation, WeeklyWindow

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)

Piece = tuple[str | None, datetime, datetime]
"""Who (None: nobody), from when, until when: the longest stretch in which one and the same thing decides."""

_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_BLOCK_DAYS = 28
"""Edges of weekly hours are worked out for four weeks at a time. Ours: a 90 day view needs four or five blocks."""
_MARGIN_DAYS = 17
"""Days worked out before and after a block. A stretch of open or closed hours is below a week, below two where a clock
change swallows what ends it; two days more for the distance of a wall clock from UTC and for Samoa's missing day."""
_KEPT_BLOCKS = 64
"""Blocks kept for each set of hours; ours, five years."""


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment of a naive wall-clock time, as `domain.zones.instant` does, at two thirds of its price."""
    offset = zone.utcoffset(wall)
    assert offset is not None, "a ZoneInfo always knows its offset"  # noqa: S101 - for the type checker
    return (wall - offset).replace(tzinfo=UTC)


class _Handoffs(ABC):
    """The handoff moments of a rotation, numbered from the first one, 0."""

    @abstractmethod
    def moment(self, number: int) -> datetime:
        """Tell when a shift begins."""

    @abstractmethod
    def guess(self, at: datetime) -> int:
        """Tell by division which shift a moment falls into; off by one at most."""

    def around(self, at: datetime) -> tuple[int, datetime, datetime]:
        """Give the number of the shift at a moment, its begin and its end."""
        number = self.guess(at)
        begins = self.moment(number)
        while at < begins:
            number -= 1
            begins = self.moment(number)
        ends = self.moment(number + 1)
        while at >= ends:
            number += 1
            begins, ends = ends, self.moment(number + 1)
        return number, begins, ends


@dataclass(frozen=True, slots=True)
class _ElapsedHandoffs(_Handoffs):
    """Hours: elapsed time from the first handoff on."""

    starts: datetime
    step: timedelta

    def moment(self, number: int) -> datetime:
        return self.starts + number * self.step

    def guess(self, at: datetime) -> int:
        return (at - self.starts) // self.step


@dataclass(frozen=True, slots=True)
class _DailyHandoffs(_Handoffs):
    """Days and weeks: the same time on the wall clock."""

    first: datetime
    step: timedelta
    zone: ZoneInfo
    starts: datetime

    def moment(self, number: int) -> datetime:
        return _utc(self.first + number * self.step, self.zone)

    def guess(self, at: datetime) -> int:
        # Clock changes move a handoff by less than a shift is long, so elapsed time is near enough.
        return (at - self.starts) // self.step


@dataclass(frozen=True, slots=True)
class _MonthlyHandoffs(_Handoffs):
    """Months from the first handoff; a day that a month does not have becomes its last one."""

    first: datetime
    count: int
    zone: ZoneInfo

    def moment(self, number: int) -> datetime:
        year, month = divmod(self.first.year * 12 + self.first.month - 1 + number * self.count, 12)
        day = min(self.first.day, monthrange(year, month + 1)[1])
        return _utc(self.first.replace(year=year, month=month + 1, day=day), self.zone)

    def guess(self, at: datetime) -> int:
        return ((at.year - self.first.year) * 12 + at.month - self.first.month) // self.count


def _handoffs(rotation: Rotation, zone: ZoneInfo) -> _Handoffs:
    first, count = rotation.starts.replace(fold=0), rotation.shift.count
    match rotation.shift.unit:
        case ShiftUnit.SECONDS:
            return _ElapsedHandoffs(_utc(first, zone), timedelta(seconds=count))
        case ShiftUnit.DAYS:
            return _DailyHandoffs(first, timedelta(days=count), zone, _utc(first, zone))
        case ShiftUnit.MONTHS:
            return _MonthlyHandoffs(first, count, zone)


@dataclass(frozen=True, slots=True)
class _Order:
    """Who takes turns from a moment on: shift k belongs to `people[(k + offset) % len(people)]`."""

    since: datetime
    people: tuple[str, ...]
    offset: int
    alone: bool
    """Whether it is one person, who hands over to nobody."""

    def person(self, number: int) -> str:
        """Tell whose turn a shift is."""
        return self.people[(number + self.offset) % len(self.people)]

    def changed(self, since: datetime, number: int, people: tuple[str, ...]) -> "_Order":
        """Give the order after a change of people that happens during a shift."""
        size = len(self.people)
        current = (number + self.offset) % size
        staying = (place % size for place in range(current, current + size) if self.people[place % size] in people)
        place = next(staying, None)
        starts_with = 0 if place is None else _same_place(self.people, place, people)
        return _order(since, people, starts_with - number)


def _order(since: datetime, people: tuple[str, ...], offset: int) -> _Order:
    return _Order(since, people, offset % len(people), alone=len(set(people)) == 1)


def _same_place(before: tuple[str, ...], place: int, after: tuple[str, ...]) -> int:
    """Find somebody's place in a new list. Of several the second stands for the second in the old list, and so on."""
    person = before[place]
    places = [n for n, other in enumerate(after) if other == person]
    earlier = before[:place].count(person)
    return places[earlier] if earlier < len(places) else places[0]


class _Turns:
    """Whose turn it is, through all changes of people."""

    def __init__(self, rotation: Rotation, zone: ZoneInfo) -> None:
        self._handoffs = _handoffs(rotation, zone)
        self.starts = self._handoffs.moment(0)
        orders = [_order(self.starts, rotation.people, 0)]
        for change in rotation.changes:
            since = max(orders[-1].since, _utc(change.starts.replace(fold=0), zone))
            orders.append(orders[-1].changed(since, self._handoffs.around(since)[0], change.people))
        # A clock change can put two changes onto one moment: then only the last one ever counts.
        self._orders = [order for order, later in pairwise(orders) if order.since < later.since] + orders[-1:]

    def at(self, moment: datetime, *, joined: bool) -> Piece:
        """Tell whose turn it is at a moment from `starts` on; `joined`: one person's turns in a row count as one."""
        number, begins, ends = self._handoffs.around(moment)
        if len(self._orders) == 1:
            order = self._orders[0]
            return order.person(number), begins, LATEST if joined and order.alone else ends
        place = bisect_right(self._orders, moment, key=lambda order: order.since) - 1
        order = self._orders[place]
        if joined and order.alone:
            ends = LATEST
        return order.person(number), self._since(place, number, begins), self._until(place, number, ends)

    def _since(self, place: int, number: int, begins: datetime) -> datetime:
        """Tell when the turn really begins: a change of other people during it does not cut it."""
        person = self._orders[place].person(number)
        while self._orders[place].since > begins:
            if self._orders[place - 1].person(number) != person:
                return self._orders[place].since
            place -= 1
        return begins

    def _until(self, place: int, number: int, ends: datetime) -> datetime:
        person = self._orders[place].person(number)
        for later in self._orders[place + 1 :]:
            if later.since >= ends:
                break
            if ends is LATEST or later.person(number) != person:
                return later.since
        return ends


class Hours:
    """Weekly windows on a zone's wall clock: an edge that does not exist moves forward, of two the first counts."""

    def __init__(self, windows: Sequence[WeeklyWindow], zone: ZoneInfo) -> None:
        self._zone = zone
        self._of_day: list[list[tuple[timedelta, timedelta]]] = [
            [(timedelta(minutes=starts), timedelta(minutes=ends)) for starts, ends in sorted(spans)]
            for spans in _by_weekday(windows)
        ]
        self._blocks: dict[int, list[datetime]] = {}

    def around(self, at: datetime) -> tuple[bool, datetime, datetime]:
        """Tell whether a moment is open, and since and until when that is so."""
        number = at.toordinal() // _BLOCK_DAYS
        edges = self._blocks.get(number) or self._block(number)
        place = bisect_right(edges, at)
        return place % 2 == 1, edges[place - 1], edges[place]

    def _block(self, number: int) -> list[datetime]:
        first = number * _BLOCK_DAYS - _MARGIN_DAYS
        edges: list[datetime] = []
        for opens, closes in sorted(self._openings(first, first + _BLOCK_DAYS + 2 * _MARGIN_DAYS)):
            if not edges or opens > edges[-1]:
                edges += (opens, closes)
            elif closes > edges[-1]:
                edges[-1] = closes
        if len(self._blocks) >= _KEPT_BLOCKS:
            self._blocks.clear()
        self._blocks[number] = edges
        return edges

    def _openings(self, first: int, last: int) -> Iterator[tuple[datetime, datetime]]:
        """List the windows that begin on days from `first` to before `last`, each by itself."""
        for day in map(datetime.fromordinal, range(first, last)):
            for starts, ends in self._of_day[day.weekday()]:
                opens, closes = _utc(day + starts, self._zone), _utc(day + ends, self._zone)
                if opens < closes:  # else the clock change has swallowed it
                    yield opens, closes


def _by_weekday(windows: Sequence[WeeklyWindow]) -> list[set[tuple[int, int]]]:
    """Give for each weekday the windows that begin on it, in minutes after its midnight."""
    of_day: list[set[tuple[int, int]]] = [set() for _ in range(7)]
    for window in windows:
        ends = window.ends if window.ends > window.starts else window.ends + _DAY_MINUTES
        for day in window.days:
            of_day[day].add((window.starts, ends))
    return of_day


def _always(windows: Sequence[WeeklyWindow]) -> bool:
    """Tell whether windows leave no minute of a week out."""
    spans = sorted(
        (week + day * _DAY_MINUTES + starts, week + day * _DAY_MINUTES + ends)
        for day, of_day in enumerate(_by_weekday(windows))
        for starts, ends in of_day
        for week in (-_WEEK_MINUTES, 0)
    )
    covered = 0
    for starts, ends in spans:
        if starts > covered:
            return False
        covered = max(covered, ends)
    return covered >= _WEEK_MINUTES


@lru_cache(maxsize=1024)
def hours(windows: tuple[WeeklyWindow, ...], time_zone: str) -> Hours | None:
    """Prepare weekly windows; None where they are open always, as no windows at all are."""
    return None if not windows or _always(windows) else Hours(windows, ZoneInfo(time_zone))


class Layer:
    """One rotation, within the hours it is restricted to."""

    def __init__(self, rotation: Rotation, time_zone: str) -> None:
        self._turns = _Turns(rotation, ZoneInfo(time_zone))
        self._hours = hours(rotation.only, time_zone)
        self._starts = self._turns.starts
        self._first = self._starts
        if self._hours is not None:
            is_open, _, until = self._hours.around(self._starts)
            self._first = self._starts if is_open else until

    def at(self, moment: datetime, *, joined: bool = False) -> Piece:
        """Tell who is on call from this rotation; `joined`: one person's turns in a row may count as one."""
        if moment < self._first:
            return None, EARLIEST, self._first
        if self._hours is None:
            return self._turns.at(moment, joined=joined)
        is_open, since, until = self._hours.around(moment)
        if not is_open:
            return None, since, until
        person, begins, ends = self._turns.at(moment, joined=joined)
        return person, max(since, begins), min(until, ends)


@lru_cache(maxsize=4096)
def layer(rotation: Rotation, time_zone: str) -> Layer:
    """Prepare a rotation, once for all equal ones."""
    return Layer(rotation, time_zone)
