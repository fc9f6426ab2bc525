"""IANA time zones and wall-clock times."""

import re
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_WALL = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)", re.ASCII)
_OFFSET = re.compile(r"(.+?) ?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Years accepted for schedules: our own limit, so that adding an offset or a shift stays inside the calendar."""


@cache
def time_zones() -> frozenset[str]:
    """Every IANA time zone name known here ("Europe/London", "UTC"), without the machine's own "localtime"."""
    return frozenset(available_timezones() - {"localtime"})


def instant(wall: datetime, zone: str) -> datetime:
    """Give the UTC moment of a naive wall-clock time in a zone.

    A time that does not exist moves forward by the gap; of a time that exists twice the first counts.
    """
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def parse_wall_time(text: str) -> datetime:
    """Read a wall-clock time such as "2026-11-02T09:00" or "2026-11-02 09:00:30" as a naive datetime.

    Raises ValueError with a sentence, also for a time with an offset.
    """
    if _OFFSET.fullmatch(text) and _WALL.match(text):
        raise ValueError(f'"{text}" has an offset: write the wall clock of the time zone, such as 2026-11-02T09:00.')
    return _naive(text)


def parse_moment(text: str, zone: str) -> datetime:
    """Read a moment such as "2026-11-07T00:00Z" or "2026-11-07T01:00+01:00" as a UTC datetime.

    Without an offset it is wall-clock time in `zone`. Raises ValueError with a sentence.
    """
    found = _OFFSET.fullmatch(text)
    if found is None or not _WALL.fullmatch(found[1]):
        return _in_range(instant(_naive(text), zone), text)
    offset = "+00:00" if found[2] in "Zz" else found[2]
    wall = _naive(found[1])
    try:
        moment = datetime.fromisoformat(f"{wall.isoformat()}{offset}").astimezone(UTC)
    except ValueError as error:
        raise ValueError(
            f'"{text[:40]}" has an offset that does not exist: write Z or an offset like +01:00.'
        ) from error
    return _in_range(moment, text)


def format_wall_time(wall: datetime) -> str:
    """Write a naive time as "2026-11-02T09:00", with seconds only where there are some."""
    return wall.isoformat(timespec="seconds" if wall.second else "minutes")


def format_moment(moment: datetime) -> str:
    """Write an aware datetime as "2026-11-07T00:00Z"; `parse_moment` reads it back to an equal value."""
    return format_wall_time(moment.astimezone(UTC).replace(tzinfo=None)) + "Z"


def _naive(text: str) -> datetime:
    found = _WALL.fullmatch(text)
    try:
        wall = datetime.fromisoformat(f"{found[1]}T{found[2]}") if found else None
    except ValueError:
        wall = None
    if wall is None:
        raise ValueError(f'"{text[:40]}" is not a date and time: write it like 2026-11-02T09:00.')
    return _in_range(wall, text)


def _in_range(moment: datetime, text: str) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f'"{text}" is out of range: give a year from {FIRST_YEAR} to {LAST_YEAR}.')
    return moment
