"""Lengths of time as people write them: ISO 8601 durations, to the second."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?P<clock>T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
_CALENDAR = ("years", "months", "weeks", "days")
MAX_DURATION = timedelta(days=3660)
"""Longest length accepted: ten years. Our own limit, it keeps date arithmetic inside the calendar."""
MAX_MONTHS = 120


class ShiftUnit(StrEnum):
    """What the length of a shift counts."""

    SECONDS = "seconds"
    """Elapsed time: 12 hours are 12 hours, also when the clocks change."""
    DAYS = "days"
    """Calendar days on the schedule's wall clock: the hour of the handoff stays when the clocks change."""
    MONTHS = "months"
    """Calendar months from the first handoff; a day that a month does not have becomes its last day."""


@dataclass(frozen=True, slots=True)
class ShiftLength:
    """The length of an on-call shift: so many elapsed seconds, calendar days or calendar months."""

    unit: ShiftUnit
    count: int

    def __str__(self) -> str:
        """Write the ISO 8601 text; `parse_shift_length` reads it back to an equal value."""
        match self.unit:
            case ShiftUnit.MONTHS:
                return f"P{self.count}M"
            case ShiftUnit.DAYS:
                return f"P{self.count}D"
            case ShiftUnit.SECONDS:
                return "PT" + _clock_parts(self.count)


def parse_duration(text: str) -> timedelta:
    """Read an ISO 8601 duration such as "PT5M" or "P1DT12H"; a day is 24 hours, a week 7 days.

    Raises ValueError with a sentence for anything else, for months and years (their length is not fixed), for
    parts of a second, for zero and for more than ten years.
    """
    parts = _parts(text)
    if parts["years"] or parts["months"]:
        raise ValueError(f'"{text}" counts months or years, which have no fixed length: use days, such as P30D.')
    return _length(parts, text)


def format_duration(length: timedelta) -> str:
    """Write a length as an ISO 8601 duration in whole seconds: 90 minutes are "PT1H30M"."""
    seconds = length // timedelta(seconds=1)
    days, rest = divmod(seconds, 86_400)
    return "P" + (f"{days}D" if days else "") + (f"T{_clock_parts(rest)}" if rest or not days else "")


def parse_shift_length(text: str) -> ShiftLength:
    """Read the length of a shift: days, weeks, months and years are calendar, hours to seconds are elapsed.

    Raises ValueError with a sentence, also when two of these kinds are mixed: "P1DT12H" has no single meaning on
    the day the clocks change.
    """
    parts = _parts(text)
    months = 12 * parts["years"] + parts["months"]
    days = 7 * parts["weeks"] + parts["days"]
    seconds = 3600 * parts["hours"] + 60 * parts["minutes"] + parts["seconds"]
    if months and (days or seconds):
        raise ValueError(f'"{text}" mixes months with shorter parts: give a shift in months alone, such as P1M.')
    if days and seconds:
        raise ValueError(f'"{text}" mixes calendar days with hours: write days (P7D) or hours (PT36H), not both.')
    if months:
        if months > MAX_MONTHS:
            raise ValueError(f'"{text}" is longer than ten years: give a shorter shift.')
        return ShiftLength(ShiftUnit.MONTHS, months)
    _length(parts, text)
    return ShiftLength(ShiftUnit.DAYS, days) if days else ShiftLength(ShiftUnit.SECONDS, seconds)


def _parts(text: str) -> dict[str, int]:
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None or found["clock"] == "T" or not any(found.groups()):
        raise ValueError(f'"{text[:40]}" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.')
    return {name: int(found[name] or 0) for name in (*_CALENDAR, "hours", "minutes", "seconds")}


def _length(parts: dict[str, int], text: str) -> timedelta:
    seconds = 3600 * parts["hours"] + 60 * parts["minutes"] + parts["seconds"]
    total = 86_400 * (7 * parts["weeks"] + parts["days"]) + seconds
    if total == 0:
        raise ValueError(f'"{text}" is no time at all: the shortest duration is PT1S.')
    if total > MAX_DURATION // timedelta(seconds=1):
        raise ValueError(f'"{text}" is longer than ten years: give a shorter duration.')
    return timedelta(seconds=total)


def _clock_parts(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return "".join(f"{n}{letter}" for n, letter in ((hours, "H"), (minute, "M"), (second, "S")) if n) or "0S"
