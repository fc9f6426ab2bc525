"""Weeks as digests count them: ISO weeks on the calendar of a team, told on the Monday that follows."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.zones import FIRST_YEAR, LAST_YEAR, instant

POSTED_AT = time(9)
"""On the team's clock, on the Monday after the week (contract section 8)."""
_TYPED = re.compile(r"(\d{4})-?w(\d{1,2})", re.IGNORECASE | re.ASCII)
_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week: it begins on Monday, and the first one of a year has its first Thursday."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 2026-W48. Raise Refused with a sentence for anything else."""
        found = _TYPED.fullmatch(text.strip())
        try:
            week = cls.of(date.fromisocalendar(int(found[1]), int(found[2]), 1)) if found else None
        except ValueError:
            week = None
        if week is None or not FIRST_YEAR < week.year < LAST_YEAR:
            raise Refused(f"“{text.strip()[:20]}” is no week: write it like 2026-W48.")
        return week

    @classmethod
    def of(cls, day: date) -> Self:
        """Tell in which week a day lies."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def last_whole(cls, now: datetime, zone: str) -> Self:
        """Tell which week was over last, on the clock of a zone."""
        return cls.of(now.astimezone(ZoneInfo(zone)).date() - _DAYS)

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """Tell when it begins and ends in a zone: half-open, UTC; an hour shorter or longer where the clocks change."""
        begins = datetime.combine(self.monday, time())
        return instant(begins, zone), instant(begins + _DAYS, zone)

    def told_at(self, zone: str) -> datetime:
        """Tell when its digest is posted, UTC."""
        return instant(datetime.combine(self.monday + _DAYS, POSTED_AT), zone)

    def following(self) -> Self:
        """Give the week after it."""
        return type(self).of(self.monday + _DAYS)

    def __str__(self) -> str:
        """Write 2026-W48."""
        return f"{self.year}-W{self.number:02d}"


def next_told(now: datetime, zone: str) -> Week:
    """Find the first week whose digest is posted later than `now`."""
    week = Week.last_whole(now, zone)
    return week if week.told_at(zone) > now else week.following()
