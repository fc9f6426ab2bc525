"""The days a recurrence rule means, found by jumping to the wanted period and never by walking there.

Days are proleptic Gregorian ordinals (`date.toordinal`). Which days of a month or a year a rule means depends only on
its length and on the weekday it begins with, so it is worked out once for each of the 28 months and 14 years there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import accumulate

from domain.recurrence_rule import Frequency, Rule
from domain.zones import LAST_YEAR

LAST_DAY = date(LAST_YEAR, 12, 31).toordinal()
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


def complete(rule: Rule, first: date) -> Rule:
    """Fill in what a rule takes from the day it begins on: RFC 5545, section 3.3.10, on missing BYxxx parts."""
    if rule.weekdays or rule.month_days:
        return rule
    match rule.frequency:
        case Frequency.DAILY:
            return rule
        case Frequency.WEEKLY:
            return replace(rule, weekdays=((0, first.weekday()),))
        case Frequency.MONTHLY:
            return replace(rule, month_days=(first.day,))
        case Frequency.YEARLY:
            return replace(rule, month_days=(first.day,), months=rule.months or (first.month,))


class Days:
    """The days of one rule from its first day on, up to the end of the calendar of schedules."""

    def __init__(self, rule: Rule, first: date) -> None:
        self._rule = complete(rule, first)
        self._first = first
        self._months: dict[tuple[int, int], Sequence[int]] = {}
        self._years: dict[tuple[int, int], Sequence[int]] = {}

    def since(self, day: int) -> Iterator[int]:
        """Give the days from one on, in order. UNTIL and COUNT are not looked at."""
        start = max(day, self._first.toordinal())
        if start > LAST_DAY:
            return
        periods = {
            Frequency.DAILY: self._daily,
            Frequency.WEEKLY: self._weekly,
            Frequency.MONTHLY: self._monthly,
            Frequency.YEARLY: self._yearly,
        }[self._rule.frequency]
        for period in periods(date.fromordinal(start)):
            yield from (day for day in period if start <= day <= LAST_DAY)

    def _daily(self, start: date) -> Iterator[Sequence[int]]:
        """Go by months, which a rule with BYMONTH or BYMONTHDAY skips as a whole."""
        step, first = self._rule.interval, self._first.toordinal()
        if self._rule.positions and not {1, -1} & set(self._rule.positions):
            return  # a day has one occurrence
        for year, month in _months(start.year * 12 + start.month - 1, 1):
            begins = date(year, month, 1).toordinal() - 1
            if days := self._of_month(year, month, begins):
                wanted = set(days)
                from_day = max(first, begins + 1)
                aligned = from_day + (first - from_day) % step
                yield [day for day in range(aligned, begins + 32, step) if day - begins in wanted]

    def _weekly(self, start: date) -> Iterator[Sequence[int]]:
        rule = self._rule
        week = self._first.toordinal() - (self._first.weekday() - rule.week_start) % 7
        offsets = sorted((day - rule.week_start) % 7 for _, day in rule.weekdays)
        if rule.positions and min(map(abs, rule.positions)) > len(offsets):
            return
        step = 7 * rule.interval
        for begins in range(week + (start.toordinal() - week) // step * step, LAST_DAY + 1, step):
            days = [begins + offset for offset in offsets]
            if rule.months:
                days = [day for day in days if date.fromordinal(day).month in rule.months]
            yield _chosen(days, rule.positions)

    def _monthly(self, start: date) -> Iterator[Sequence[int]]:
        number = self._first.year * 12 + self._first.month - 1
        passed = start.year * 12 + start.month - 1 - number
        for year, month in _months(number + passed // self._rule.interval * self._rule.interval, self._rule.interval):
            begins = date(year, month, 1).toordinal() - 1
            if days := self._of_month(year, month, begins):
                yield _chosen([begins + day for day in days], self._rule.positions)

    def _yearly(self, start: date) -> Iterator[Sequence[int]]:
        step, first = self._rule.interval, self._first.year
        for year in range(first + (start.year - first) // step * step, LAST_YEAR + 1, step):
            begins = date(year, 1, 1).toordinal() - 1
            shape = (date(year, 12, 31).toordinal() - begins, begins % 7)
            if shape not in self._years:
                self._years[shape] = _chosen(_days_of_year(self._rule, *shape), self._rule.positions)
            yield [begins + day for day in self._years[shape]]

    def _of_month(self, year: int, month: int, begins: int) -> Sequence[int]:
        if self._rule.months and month not in self._rule.months:
            return ()
        leap = month == _FEBRUARY and _is_leap(year)
        shape = (_MONTH_LENGTHS[month - 1] + leap, begins % 7)
        if shape not in self._months:
            self._months[shape] = _days_of_month(self._rule, *shape)
        return self._months[shape]


def _months(number: int, step: int) -> Iterator[tuple[int, int]]:
    for each in range(number, LAST_YEAR * 12 + 12, step):
        yield each // 12, each % 12 + 1


def _days_of_month(rule: Rule, length: int, weekday: int) -> list[int]:
    return [
        day
        for day in range(1, length + 1)
        if _has_date(rule, day, length) and _has_weekday(rule, day, length, (weekday + day - 1) % 7)
    ]


def _days_of_year(rule: Rule, length: int, weekday: int) -> list[int]:
    """Numbered weekdays count within the month where the rule names months, else within the year."""
    lengths = [days + (length - 365 if month == _FEBRUARY else 0) for month, days in enumerate(_MONTH_LENGTHS, 1)]
    found: list[int] = []
    for month, (size, before) in enumerate(zip(lengths, accumulate(lengths, initial=0), strict=False), 1):
        if rule.months:
            if month in rule.months:
                found += (before + day for day in _days_of_month(rule, size, (weekday + before) % 7))
            continue
        found += (
            before + day
            for day in range(1, size + 1)
            if _has_date(rule, day, size) and _has_weekday(rule, before + day, length, (weekday + before + day - 1) % 7)
        )
    return found


def _has_date(rule: Rule, day: int, length: int) -> bool:
    return not rule.month_days or day in rule.month_days or day - length - 1 in rule.month_days


def _has_weekday(rule: Rule, day: int, length: int, weekday: int) -> bool:
    """Tell whether a day is wanted, being day `day` of the `length` days that numbers count in."""
    if not rule.weekdays:
        return True
    numbers = (0, (day + 6) // 7, -((length - day) // 7 + 1))
    return any(wanted == weekday and number in numbers for number, wanted in rule.weekdays)


def _chosen(days: Sequence[int], positions: tuple[int, ...]) -> Sequence[int]:
    if not positions:
        return days
    size = len(days)
    return [day for place, day in enumerate(days, 1) if place in positions or place - size - 1 in positions]


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
