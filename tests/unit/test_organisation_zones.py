from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.zones import format_moment, format_wall_time, instant, parse_moment, parse_wall_time, time_zones


def test_time_zones_are_names_that_mean_the_same_on_every_machine():
    assert {"UTC", "Europe/London", "Asia/Kolkata"} <= time_zones()
    assert "localtime" not in time_zones()
    assert not any(name.startswith(("posix/", "right/")) for name in time_zones())


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-11-07T00:00Z", "Europe/London", datetime(2026, 11, 7, tzinfo=UTC)),
        ("2026-11-07t00:00z".upper(), "UTC", datetime(2026, 11, 7, tzinfo=UTC)),
        ("2026-11-07 00:00:30Z", "UTC", datetime(2026, 11, 7, 0, 0, 30, tzinfo=UTC)),
        ("2026-11-07T00:00+05:30", "UTC", datetime(2026, 11, 6, 18, 30, tzinfo=UTC)),
        ("2026-11-07T00:00 -08:00", "UTC", datetime(2026, 11, 7, 8, tzinfo=UTC)),
        ("2026-07-01T09:00", "Europe/London", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        # New York springs forward on 8 March 2026: 02:30 does not exist and means 03:30.
        ("2026-03-08T02:30", "America/New_York", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # It falls back on 1 November 2026: 01:30 exists twice and means the first.
        ("2026-11-01T01:30", "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_with_its_offset_or_in_the_zone(text, zone, moment):
    assert parse_moment(text, zone) == moment
    assert parse_moment(text, zone).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tomorrow", '"tomorrow" is not a date and time: write it like 2026-11-02T09:00.'),
        ("2026-11-02", '"2026-11-02" is not a date and time: write it like 2026-11-02T09:00.'),
        ("2026-02-30T09:00", '"2026-02-30T09:00" is not a date and time: write it like 2026-11-02T09:00.'),
        ("2026-02-30T09:00Z", '"2026-02-30T09:00" is not a date and time: write it like 2026-11-02T09:00.'),
        ("2026-11-02T24:00", '"2026-11-02T24:00" is not a date and time: write it like 2026-11-02T09:00.'),
        (
            "2026-11-02T09:00+25:00",
            '"2026-11-02T09:00+25:00" has an offset that does not exist: write Z or an offset like +01:00.',
        ),
        ("1999-12-31T09:00Z", '"1999-12-31T09:00" is out of range: give a year from 2000 to 2199.'),
        ("2000-01-01T00:00+14:00", '"2000-01-01T00:00+14:00" is out of range: give a year from 2000 to 2199.'),
        ("9999-12-31T23:59-12:00", '"9999-12-31T23:59" is out of range: give a year from 2000 to 2199.'),
        ("2000-01-01T00:00", '"2000-01-01T00:00" is out of range: give a year from 2000 to 2199.'),
    ],
)
def test_a_wrong_moment_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValueError) as refused:
        parse_moment(text, "Asia/Kolkata")
    assert str(refused.value) == sentence


def test_a_wall_clock_time_is_naive_and_takes_no_offset():
    assert parse_wall_time("2026-11-02T09:00") == datetime(2026, 11, 2, 9)  # noqa: DTZ001 - a wall clock has no zone
    with pytest.raises(ValueError) as refused:
        parse_wall_time("2026-11-02T09:00Z")
    assert str(refused.value) == (
        '"2026-11-02T09:00Z" has an offset: write the wall clock of the time zone, such as 2026-11-02T09:00.'
    )


@given(st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31)))  # noqa: DTZ001 - a wall clock has no zone
def test_every_time_is_written_and_read_back(wall):
    wall = wall.replace(microsecond=0)
    assert parse_wall_time(format_wall_time(wall)) == wall
    moment = wall.replace(tzinfo=UTC)
    assert parse_moment(format_moment(moment), "Asia/Kolkata") == moment
    assert format_moment(moment.astimezone(timezone(timedelta(hours=9)))) == format_moment(moment)


def test_an_instant_is_utc():
    assert instant(datetime(2026, 7, 1, 9), "Asia/Kolkata") == datetime(2026, 7, 1, 3, 30, tzinfo=UTC)  # noqa: DTZ001
