"""Schedules in a few words, and their shifts as plain values."""

from datetime import UTC, datetime

from domain.durations import parse_shift_length
from domain.oncall import ImportedShift, Override, PeopleChange, Rotation, Schedule, parse_weekly_window

NEW_YORK = "America/New_York"
FIVE = ("ann", "ben", "cat", "dan", "eve")
MONDAY = datetime(2026, 6, 1, 9)  # noqa: DTZ001 - a wall clock has no zone


def wall(*parts, **more):
    """A time on some wall clock."""
    return datetime(*parts, **more)  # noqa: DTZ001 - a wall clock has no zone


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def rotation(starts, length, people=FIVE, *, only=(), changes=()):
    return Rotation(
        starts=starts,
        shift=parse_shift_length(length),
        people=people,
        only=tuple(parse_weekly_window(text) for text in only),
        changes=tuple(PeopleChange(starts=at, people=tuple(names)) for at, names in changes),
    )


def schedule(*rotations, zone="UTC", overrides=(), imported=()):
    return Schedule(
        id="primary",
        team="payments",
        time_zone=zone,
        rotations=rotations,
        overrides=tuple(Override(person=who, starts_at=since, ends_at=until) for who, since, until in overrides),
        imported=tuple(ImportedShift(person=who, starts_at=since, ends_at=until) for who, since, until in imported),
    )


def told(shifts):
    """Who, since and until when."""
    return [(shift.person, shift.starts_at, shift.ends_at) for shift in shifts]
