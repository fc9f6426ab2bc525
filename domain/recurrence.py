"""Things that come again: a rule of RFC 5545 on the wall clock of one time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.recurrence_days import LAST_DAY, Days, complete
from domain.recurrence_rule import MAX_INTERVAL, Frequency, Rule, parse_rule
from domain.recurrence_words import rule_in_words
from domain.zones import FIRST_YEAR, LAST_YEAR, instant, time_zones

_SHORTEST_MONTH = 28
_UNITS = {"day": Frequency.DAILY, "week": Frequency.WEEKLY, "month": Frequency.MONTHLY}


@dataclass(frozen=True)
class Recurrence:
    """The moments at which something begins again and again. The wall clock rules: 22:00 stays 22:00 all year.

    A time that the clocks leave out moves forward by the gap, one that comes twice is the first. Days that a month does
    not have are skipped (RFC 5545, section 3.3.10). The first occurrence is the first match at or after `starts`:
    where `starts` does not match the rule, it is no occurrence itself. All ends with the year 2199.
    """

    parts: Rule
    starts: datetime
    """Naive wall-clock time in `zone`, whole seconds. Its time of day is that of every occurrence."""
    zone: str
    """IANA time zone name."""

    @classmethod
    def parse(cls, text: str, starts: datetime, zone: str) -> "Recurrence":
        """Read a rule such as "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA" that begins at a naive wall-clock time in a zone.

        Raise Refused with a sentence, also for a rule that never happens.
        """
        if zone not in time_zones():
            raise Refused("The time zone is not known: write one such as Europe/London.")
        if not FIRST_YEAR <= starts.year <= LAST_YEAR:
            raise Refused(f"The beginning is out of range: give a year from {FIRST_YEAR} to {LAST_YEAR}.")
        found = cls(parse_rule(text, zone), starts.replace(microsecond=0), zone)
        found._require_one()
        return found

    @classmethod
    def from_words(cls, count: int, unit: str, starts: datetime, zone: str) -> "Recurrence":
        """Give what "every 2 weeks" means from a beginning on; the unit is day, week or month, with or without "s".

        Months keep the day of the month; of the 29th, 30th and 31st, a month that is too short takes its last day.
        Raise Refused with a sentence.
        """
        frequency = _UNITS.get(unit.strip().lower().removesuffix("s"))
        if frequency is None:
            raise Refused("That cannot be repeated: write days, weeks or months, such as every 2 weeks.")
        if not 1 <= count <= MAX_INTERVAL:
            raise Refused(f"That cannot be repeated: write a number from 1 to {MAX_INTERVAL}, such as every 2 weeks.")
        rule = complete(Rule(frequency, count), starts)
        if frequency is Frequency.MONTHLY and starts.day > _SHORTEST_MONTH:
            days = tuple(range(_SHORTEST_MONTH, starts.day + 1))
            rule = Rule(frequency, count, month_days=days, positions=(-1,))
        return cls.parse(str(rule), starts, zone)

    @property
    def rule(self) -> str:
        """The normalised rule, without "RRULE:"; `parse` reads it back, with `starts` and `zone`, to an equal value."""
        return str(self.parts)

    def words(self) -> str:
        """Say the rule in English, without the time of day: "every 2 weeks on Saturday until 2026-12-31"."""
        until = self.parts.until
        last = until.astimezone(ZoneInfo(self.zone)).date() if until else None
        return rule_in_words(complete(self.parts, self.starts), last)

    def next_at_or_after(self, moment: datetime) -> datetime | None:
        """Give the first beginning at or after a moment, as UTC; None where there is none any more."""
        return next((at for at in self._moments(moment) if at >= moment), None)

    def after(self, moment: datetime) -> datetime | None:
        """Give the first beginning later than a moment, as UTC; None where there is none any more."""
        return next((at for at in self._moments(moment) if at > moment), None)

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """Give every beginning from `start` to before `end`, as UTC and in order: one a day at most."""
        return [at for at in takewhile(lambda at: at < end, self._moments(start)) if at >= start]

    def _moments(self, since: datetime) -> Iterator[datetime]:
        """Give the beginnings in order, from shortly before a moment on."""
        previous = None
        for day in self._days.since(self._day_before(since)):
            at = self._at(day)
            if day > self._last_day or (self.parts.until is not None and at > self.parts.until):
                return
            if at != previous:  # a day that the clocks leave out, as Samoa's 30 December 2011, falls onto the next
                yield at
            previous = at

    @cached_property
    def _days(self) -> Days:
        return Days(self.parts, self.starts.date())

    @cached_property
    def _last_day(self) -> int:
        """The day of the last occurrence that COUNT leaves, counted from the beginning."""
        if self.parts.count is None:
            return LAST_DAY
        return next(islice(self._days.since(0), self.parts.count - 1, None), LAST_DAY)

    def _day_before(self, moment: datetime) -> int:
        """Give a day no occurrence before which can be at or after a moment: clocks jump by a day at most."""
        if moment <= self._at(self.starts.toordinal()):
            return 0
        if moment.year > LAST_YEAR + 1:
            return LAST_DAY + 1
        return moment.astimezone(ZoneInfo(self.zone)).toordinal() - 1

    def _at(self, day: int) -> datetime:
        return instant(datetime.combine(date.fromordinal(day), self.starts.time()), self.zone)

    def _require_one(self) -> None:
        first = next(self._days.since(0), None)
        if first is None:
            raise Refused(
                "The rule never happens, because no day fits all its parts: change or leave out one of them, or write "
                "BYMONTHDAY=-1 for the last day of every month."
            )
        if self.parts.until is not None and self._at(first) > self.parts.until:
            raise Refused(
                f"The rule ends before it first happens on {date.fromordinal(first)}: "
                "write a later UNTIL, or leave it out."
            )
