"""Who is on call by arithmetic, against expanding an iCalendar feed; and five years in twelve zones without a hole.

    python -m bench.oncall [--rounds 6]

The peer is recurring_ical_events with the same weekly rotation of five people as five recurring events: once with its
query object kept, once parsing and expanding for each question. CPU time per question, both sides in turns within one
process, at moments drawn anew for each round; each ratio is the median of the ratios within the rounds, the first round
is dropped. Then every ten minutes of five years in twelve zones: how many moments nobody covers, and how many two.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from bench.table import Row, print_setting, print_table
from domain.durations import parse_shift_length
from domain.oncall import Override, Rotation, Schedule, parse_weekly_window
from domain.shifts import next_change, shift_at, shifts_between

NEW_YORK = ZoneInfo("America/New_York")
FIVE = ("ann", "ben", "cat", "dan", "eve")
FIRST = datetime(2024, 1, 1, 9)  # noqa: DTZ001 - a wall clock has no zone
BEGINS, YEARS = datetime(2024, 1, 2, tzinfo=UTC), 5
TEN_MINUTES = timedelta(minutes=10)
ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
)
OURS, KEPT, EXPANDED, WINDOWS, WINDOWS_KEPT = 20_000, 800, 60, 800, 150
"""Questions in a round: a quarter of a second each, so that a round is about one."""

Question = Callable[[datetime], object]


def rotation(length: str, *, starts: datetime = FIRST, people: tuple[str, ...] = FIVE, only: str = "") -> Rotation:
    windows = tuple(parse_weekly_window(text) for text in only.split(", ") if text)
    return Rotation(starts=starts, shift=parse_shift_length(length), people=people, only=windows)


def schedule(*rotations: Rotation, zone: str = NEW_YORK.key) -> Schedule:
    return Schedule(id="primary", team="payments", time_zone=zone, rotations=rotations)


def layered(number: int) -> Schedule:
    """Give a schedule of three layers and two overrides, unlike every other number's."""
    starts = FIRST + timedelta(hours=number)
    made = schedule(
        rotation("P7D", starts=starts),
        rotation("P1D", starts=starts, only="mon-fri 09:00-17:00"),
        rotation("P14D", starts=starts, only="fri-sat 20:00-08:00"),
        zone=ZONES[number % len(ZONES)],
    )
    weeks = [BEGINS + timedelta(weeks=n + number % 50) for n in (0, 60)]
    overrides = (Override(person="kim", starts_at=at, ends_at=at + timedelta(days=2)) for at in weeks)
    return replace(made, overrides=tuple(overrides))


# --- the peer ---------------------------------------------------------------------------------------------------


def feed() -> icalendar.Calendar:
    """Write the weekly rotation of five as five events that come back every five weeks."""
    calendar, starts = icalendar.Calendar(), FIRST.replace(tzinfo=NEW_YORK)
    calendar.add("prodid", "-//bench//oncall//")
    calendar.add("version", "2.0")
    for number, person in enumerate(FIVE):
        event, begins = icalendar.Event(), starts + timedelta(weeks=number)
        event.add("uid", person)
        event.add("summary", person)
        event.add("dtstamp", begins.astimezone(UTC))
        event.add("dtstart", begins)
        event.add("dtend", begins + timedelta(weeks=1))
        event.add("rrule", {"freq": "weekly", "interval": len(FIVE)})
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar


def people_in(query: recurring_ical_events.CalendarQuery, at: datetime) -> list[str]:
    """Ask the peer who is on call."""
    found: Any = query.between(at, at + timedelta(seconds=1))
    return [str(event["SUMMARY"]) for event in found if event["DTSTART"].dt <= at < event["DTEND"].dt]


# --- time -------------------------------------------------------------------------------------------------------


def cost(ask: Question, moments: Sequence[datetime]) -> float:
    """Give the CPU seconds of one question."""
    began = time.process_time()
    for at in moments:
        ask(at)
    return (time.process_time() - began) / len(moments)


def draw(count: int) -> list[datetime]:
    seconds = YEARS * 365 * 86_400
    return [BEGINS + timedelta(seconds=random.randrange(seconds)) for _ in range(count)]


def compared(name: str, ours: list[float], floor: list[float], demand: float | None, *, at_least: bool) -> Row:
    """Take the median of the ratios within the rounds, without the first round."""
    ratios = [f / o if at_least else o / f for o, f in zip(ours[1:], floor[1:], strict=True)]
    return Row(name, ours[1:], floor[1:], statistics.median(ratios), demand, at_least)


def questions() -> dict[str, tuple[Question, int]]:
    """Name what is asked, and how often in a round."""
    weekly, text = schedule(rotation("P7D")), feed().to_ical()
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(text))
    office = schedule(rotation("P7D", only="mon-fri 09:00-17:00"))
    old, new = (
        schedule(rotation("PT1H", starts=FIRST.replace(year=year), people=FIVE))
        for year in (FIRST.year - 10, FIRST.year)
    )
    teams, loose = (
        [layered(n) for n in range(200)],
        [schedule(rotation("P7D", starts=FIRST + n * TEN_MINUTES)) for n in range(600)],
    )
    quarter = timedelta(days=90)
    return {
        "now": (lambda at: shift_at(weekly, at), OURS),
        "now, kept": (lambda at: people_in(query, at), KEPT),
        "now, parsed": (
            lambda at: people_in(recurring_ical_events.of(icalendar.Calendar.from_ical(text)), at),
            EXPANDED,
        ),
        "90 days": (lambda at: shifts_between(weekly, at, at + quarter), WINDOWS),
        "90 days, kept": (lambda at: query.between(at, at + quarter), WINDOWS_KEPT),
        "90 days, office": (lambda at: shifts_between(office, at, at + quarter), WINDOWS_KEPT),
        "hourly, old": (lambda at: shift_at(old, at), OURS),
        "hourly, new": (lambda at: shift_at(new, at), OURS),
        "next change": (lambda at: next_change(weekly, at), OURS // 4),
        "200 teams": (lambda at: [shift_at(team, at) for team in teams], 30),
        "600 loose": (lambda at: [shift_at(one, at) for one in loose], 30),
    }


def measure(rounds: int) -> list[Row]:
    """Ask all questions in turns; compare within each round."""
    asked = questions()
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, (ask, count) in asked.items():
            took[name].append(cost(ask, draw(count)))
    return [
        compared("now, against the query kept", took["now"], took["now, kept"], 30, at_least=True),
        compared("now, against parse and expand", took["now"], took["now, parsed"], 300, at_least=True),
        compared("90 days, against the query kept", took["90 days"], took["90 days, kept"], 5, at_least=True),
        compared(
            "90 days of office hours, to unrestricted", took["90 days, office"], took["90 days"], None, at_least=False
        ),
        compared("hourly for ten years, to a new one", took["hourly, old"], took["hourly, new"], 1.5, at_least=False),
        compared("next change, to now", took["next change"], took["now"], None, at_least=False),
        compared("200 schedules x 3 layers, to 600 x 1", took["200 teams"], took["600 loose"], 1.5, at_least=False),
    ]


# --- holes ------------------------------------------------------------------------------------------------------


def grid() -> Iterator[datetime]:
    at, last = BEGINS, BEGINS.replace(year=BEGINS.year + YEARS)
    while at < last:
        yield at
        at += TEN_MINUTES


def asked_one_by_one(plan: Schedule) -> tuple[int, int, int]:
    """Ask at every moment of the grid: how many there are, how many nobody covers, how many two shifts cover."""
    moments, uncovered, double = 0, 0, 0
    before = shift_at(plan, BEGINS)
    for at in grid():
        found = shift_at(plan, at)
        moments += 1
        begins, ends = found.starts_at, found.ends_at
        uncovered += found.person is None or begins is None or ends is None or not begins <= at < ends
        double += found != before and before.ends_at is not None and at < before.ends_at
        before = found
    return moments, uncovered, double


def counted(plan: Schedule) -> tuple[int, int, int]:
    """Count for every moment of the grid the shifts of one long window that contain it."""
    shifts = shifts_between(plan, BEGINS, BEGINS.replace(year=BEGINS.year + YEARS))
    spans = [(s.starts_at, s.ends_at) for s in shifts if s.person is not None and s.starts_at and s.ends_at]
    moments, uncovered, double, place = 0, 0, 0, 0
    for at in grid():
        while place < len(spans) and spans[place][1] <= at:
            place += 1
        covering = sum(begins <= at < ends for begins, ends in spans[place : place + 3])
        moments += 1
        uncovered += covering == 0
        double += covering > 1
    unordered = sum(before >= after for before, after in pairwise(spans))
    return moments, uncovered, double + unordered


def gapless(zone: str) -> Iterator[Schedule]:
    """Schedules in which somebody is on call all the time."""
    early = FIRST.replace(year=FIRST.year - 1, day=31)
    yield schedule(rotation("P1D", starts=early.replace(hour=2, minute=30)), zone=zone)
    yield schedule(rotation("P1D", starts=early.replace(hour=0)), zone=zone)
    yield schedule(rotation("PT8H", starts=early), zone=zone)
    yield schedule(rotation("P1M", starts=early.replace(hour=1, minute=30)), zone=zone)
    nights, weekends = (
        "mon-fri 09:00-17:00, mon-thu 17:00-09:00",
        "fri 17:00-24:00, sat-sun 00:00-24:00, mon 00:00-09:00",
    )
    yield schedule(rotation("P7D", starts=early, only=nights), rotation("P14D", starts=early, only=weekends), zone=zone)


def print_holes() -> bool:
    """Walk the grid in all zones; tell whether everything is covered exactly once."""
    began = time.process_time()
    asked = [asked_one_by_one(schedule(rotation("P7D"), zone=zone)) for zone in ZONES]
    listed = [counted(plan) for zone in ZONES for plan in gapless(zone)]
    for name, found in (("weekly, asked one by one", asked), ("daily, hourly, monthly, hours; listed", listed)):
        moments, uncovered, double = (sum(numbers) for numbers in zip(*found, strict=True))
        print(f"{name:<40} {moments:>10} moments, {uncovered} uncovered, {double} double-covered")
    print(f"({len(ZONES)} zones, {YEARS} years, every ten minutes; {time.process_time() - began:.0f} s CPU)")
    return not any(uncovered or double for _, uncovered, double in asked + listed)


def print_holes_of_the_peer() -> None:
    """Count for comparison, around the clock changes of three years, where the peer names nobody."""
    query, weekly = recurring_ical_events.of(feed()), schedule(rotation("P7D"))
    hours = [BEGINS + timedelta(hours=n) + TEN_MINUTES * 3 for n in range(3 * 365 * 24)]
    changes = [
        a for a, b in pairwise(hours) if a.astimezone(NEW_YORK).utcoffset() != b.astimezone(NEW_YORK).utcoffset()
    ]
    near = [change + timedelta(hours=n) for change in changes for n in range(-36, 37)]
    wrong = [at for at in near if people_in(query, at) != [shift_at(weekly, at).person]]
    print(f"the peer, {len(near)} moments around clock changes: {len(wrong)} answers differ from ours:")
    for at in wrong[:6]:
        print(
            f"  {at:%Y-%m-%d %H:%MZ}: it says {people_in(query, at) or 'nobody'}, we say {shift_at(weekly, at).person}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    peer = ", ".join(f"{name} {version(name)}" for name in ("recurring-ical-events", "icalendar", "tzdata"))
    print_setting(f"weekly rotation of five; {peer}; CPU time of one question")
    rows = measure(options.rounds)
    print_table(rows)
    print()
    print_holes_of_the_peer()
    whole = print_holes()
    raise SystemExit(0 if whole and all(row.holds for row in rows) else 1)


if __name__ == "__main__":
    main()
