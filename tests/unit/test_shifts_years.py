"""Five years in twelve zones: at every moment exactly one shift of a schedule without gaps.

Here on a coarse grid and every ten minutes around each clock change; `python -m bench oncall` walks the whole grid.
"""

from bisect import bisect_right
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.shifts import shift_at, shifts_between
from tests.support.shift_plans import rotation, schedule, utc, wall

ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Antarctica/Troll",
)
BEGINS = {"Pacific/Apia": 2009}  # the years of its summer time and of the day it left out
YEARS, TEN_MINUTES = 5, timedelta(minutes=10)
FOUR = ("ann", "ben", "cat", "dan")


def clock_changes(zone, first, last):
    """The moments at which a zone changes its offset, to the minute."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for before, after in pairwise(days):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            steps = [before + timedelta(minutes=n) for n in range(24 * 60 + 1)]
            yield next(
                b for a, b in pairwise(steps) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()
            )


def moments(zone, first, last):
    """Every 29 hours, and every ten minutes around the clock changes."""
    found = {first + n * timedelta(hours=29) for n in range((last - first) // timedelta(hours=29))}
    for change in clock_changes(ZoneInfo(zone), first, last):
        found |= {change + n * TEN_MINUTES for n in range(-6 * 14, 6 * 14)}
    return sorted(at for at in found if first <= at < last)


def gapless(zone, year):
    """Schedules in which somebody is on call at all times from the beginning of a year on."""
    early = wall(year - 1, 12, 1)
    yield schedule(rotation(early.replace(hour=9), "P7D", FOUR), zone=zone)
    yield schedule(rotation(early.replace(hour=2, minute=30), "P1D", FOUR), zone=zone)
    yield schedule(rotation(early, "P1D", FOUR), zone=zone)
    yield schedule(rotation(early.replace(day=31, month=10, hour=1, minute=30), "P1M", FOUR), zone=zone)
    yield schedule(rotation(early.replace(hour=8), "PT8H", FOUR), zone=zone)
    yield schedule(
        rotation(early, "P7D", FOUR, only=["mon-fri 09:00-17:00", "mon-thu 17:00-09:00"]),
        rotation(early, "P14D", ("eve", "kim"), only=["fri 17:00-24:00", "sat-sun 00:00-24:00", "mon 00:00-09:00"]),
        zone=zone,
    )


@pytest.mark.parametrize("zone", ZONES)
def test_every_moment_of_five_years_is_covered_exactly_once(zone):
    year = BEGINS.get(zone, 2024)
    first, last = utc(year, 1, 1), utc(year + YEARS, 1, 1)
    grid = moments(zone, first, last)
    for plan in gapless(zone, year):
        shifts = shifts_between(plan, first, last)
        assert (shifts[0].starts_at, shifts[-1].ends_at) == (first, last)
        assert all(shift.person and shift.starts_at < shift.ends_at for shift in shifts)
        assert all(before.ends_at == after.starts_at for before, after in pairwise(shifts))
        begins = [shift.starts_at for shift in shifts]
        for at in grid:
            found, listed = shift_at(plan, at), shifts[bisect_right(begins, at) - 1]
            assert found.starts_at <= at < found.ends_at
            assert found.person == listed.person
            assert (max(found.starts_at, first), min(found.ends_at, last)) == (listed.starts_at, listed.ends_at)


@pytest.mark.parametrize("zone", ZONES)
def test_every_shift_begins_at_its_time_on_the_wall_or_just_after_a_clock_change(zone):
    year = BEGINS.get(zone, 2024)
    local, last = ZoneInfo(zone), utc(year + YEARS, 1, 1)
    jumps = set(clock_changes(local, utc(year, 1, 1), last))
    plan = schedule(rotation(wall(year - 1, 12, 1, 2, 30), "P1D", FOUR), zone=zone)
    for shift in shifts_between(plan, utc(year, 1, 1), last)[1:]:
        shown = shift.starts_at.astimezone(local)
        right = (shown.hour, shown.minute, shown.fold) == (2, 30, 0)
        assert right or any(timedelta(0) <= shift.starts_at - jump < timedelta(hours=2) for jump in jumps)


def test_the_clock_changes_these_tests_look_for_are_there():
    new_york = list(clock_changes(ZoneInfo("America/New_York"), utc(2026, 1, 1), utc(2027, 1, 1)))
    assert new_york == [utc(2026, 3, 8, 7), utc(2026, 11, 1, 6)]
    apia = list(clock_changes(ZoneInfo("Pacific/Apia"), utc(2011, 12, 1), utc(2012, 1, 31)))
    assert apia == [utc(2011, 12, 30, 10)]
