"""Weekly hours on the wall clock: of rotations, and by themselves."""

from datetime import UTC, timedelta

import pytest

from domain.oncall import WeeklyWindow, parse_weekly_window
from domain.shifts import next_opening, open_at, shift_at, shifts_between
from tests.support.shift_plans import MONDAY, NEW_YORK, rotation, schedule, told, utc, wall

OFFICE = ("mon-fri 09:00-17:00",)


def windows(*texts):
    return [parse_weekly_window(text) for text in texts]


def openings(zone, first, last, *texts):
    """The stretches in which windows are open, as a schedule of one person for ever shows them."""
    plan = schedule(rotation(wall(2000, 1, 1), "P120M", ("ann",), only=texts), zone=zone)
    return [(since, until) for person, since, until in told(shifts_between(plan, first, last)) if person]


def test_outside_of_its_hours_a_rotation_has_nobody():
    plan = schedule(rotation(MONDAY, "P7D", ("ada", "grace"), only=OFFICE))
    assert told(shifts_between(plan, utc(2026, 6, 4, 12), utc(2026, 6, 8, 12))) == [
        ("ada", utc(2026, 6, 4, 12), utc(2026, 6, 4, 17)),
        (None, utc(2026, 6, 4, 17), utc(2026, 6, 5, 9)),
        ("ada", utc(2026, 6, 5, 9), utc(2026, 6, 5, 17)),
        (None, utc(2026, 6, 5, 17), utc(2026, 6, 8, 9)),
        ("grace", utc(2026, 6, 8, 9), utc(2026, 6, 8, 12)),
    ]
    assert told([shift_at(plan, utc(2026, 6, 6))]) == [(None, utc(2026, 6, 5, 17), utc(2026, 6, 8, 9))]


def test_a_rotation_that_starts_outside_of_its_hours_begins_with_the_next_opening():
    plan = schedule(rotation(wall(2026, 6, 6, 12), "P7D", only=OFFICE))
    for at in (utc(2026, 6, 1), utc(2026, 6, 6, 11), utc(2026, 6, 6, 12), utc(2026, 6, 8, 8, 59)):
        assert told([shift_at(plan, at)]) == [(None, None, utc(2026, 6, 8, 9))]
    assert told([shift_at(plan, utc(2026, 6, 8, 9))]) == [("ann", utc(2026, 6, 8, 9), utc(2026, 6, 8, 17))]


def test_a_rotation_that_starts_inside_of_its_hours_begins_at_once():
    plan = schedule(rotation(wall(2026, 6, 8, 12), "P7D", only=OFFICE))
    assert told([shift_at(plan, utc(2026, 6, 8, 10))]) == [(None, None, utc(2026, 6, 8, 12))]
    assert told([shift_at(plan, utc(2026, 6, 8, 12))]) == [("ann", utc(2026, 6, 8, 12), utc(2026, 6, 8, 17))]


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins():
    assert openings("UTC", utc(2026, 6, 5), utc(2026, 6, 8), "fri-sat 22:00-06:00") == [
        (utc(2026, 6, 5, 22), utc(2026, 6, 6, 6)),
        (utc(2026, 6, 6, 22), utc(2026, 6, 7, 6)),
    ]
    assert openings("UTC", utc(2026, 6, 7, 12), utc(2026, 6, 8, 12), "sun 22:00-06:00") == [
        (utc(2026, 6, 7, 22), utc(2026, 6, 8, 6))
    ]


def test_days_may_run_through_the_weekend():
    assert openings("UTC", utc(2026, 6, 4), utc(2026, 6, 11), "sat-mon 10:00-12:00") == [
        (utc(2026, 6, day, 10), utc(2026, 6, day, 12)) for day in (6, 7, 8)
    ]


def test_several_windows_mean_or_and_touching_or_overlapping_ones_are_one():
    assert openings(
        "UTC",
        utc(2026, 6, 1),
        utc(2026, 6, 4),
        "mon 08:00-10:00",
        "mon 09:00-12:00",
        "mon 12:00-13:00",
        "wed 23:00-24:00",
    ) == [(utc(2026, 6, 1, 8), utc(2026, 6, 1, 13)), (utc(2026, 6, 3, 23), utc(2026, 6, 4))]


def test_a_shift_is_not_cut_at_the_midnight_between_two_whole_days():
    plan = schedule(
        rotation(MONDAY, "P7D", ("ann",)),
        rotation(MONDAY, "P7D", ("kim",), only=["fri 00:00-24:00", "sat 00:00-24:00"]),
        zone=NEW_YORK,
    )
    assert told([shift_at(plan, utc(2026, 6, 6, 4))]) == [("kim", utc(2026, 6, 5, 4), utc(2026, 6, 7, 4))]
    assert openings(
        "UTC", utc(2026, 6, 1), utc(2026, 6, 15), "sat 00:00-24:00", "sun 00:00-24:00", "fri 17:00-24:00"
    ) == [(utc(2026, 6, day, 17), utc(2026, 6, day + 3)) for day in (5, 12)]


@pytest.mark.parametrize(
    "texts",
    [
        ["00:00-24:00"],
        ["mon-fri 00:00-24:00", "sat-sun 00:00-24:00"],
        ["mon-sun 09:00-21:00", "mon-sun 21:00-09:00"],
        ["wed-tue 08:00-00:00", "00:00-08:30"],
    ],
)
def test_windows_that_leave_no_time_out_are_no_restriction(texts):
    free = schedule(rotation(MONDAY, "P1Y"), zone="Africa/Cairo")
    plan = schedule(rotation(MONDAY, "P1Y", only=texts), zone="Africa/Cairo")
    for at in (utc(2026, 5, 1), utc(2026, 6, 2), utc(2027, 1, 1, 22)):
        assert shift_at(plan, at) == shift_at(free, at)


def test_windows_that_leave_a_minute_out_are_a_restriction():
    plan = schedule(rotation(MONDAY, "P7D", only=["mon-sat 00:00-24:00", "sun 00:00-23:59"]))
    assert told([shift_at(plan, utc(2026, 6, 14, 23, 59))]) == [(None, utc(2026, 6, 14, 23, 59), utc(2026, 6, 15))]


# --- clock changes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sun 09:00-17:00", [(utc(2026, 3, 8, 13), utc(2026, 3, 8, 21))]),
        ("sun 01:00-04:00", [(utc(2026, 3, 8, 6), utc(2026, 3, 8, 8))]),
        ("sun 01:00-02:30", [(utc(2026, 3, 8, 6), utc(2026, 3, 8, 7, 30))]),
        ("sun 02:30-05:00", [(utc(2026, 3, 8, 7, 30), utc(2026, 3, 8, 9))]),
        ("sun 02:15-02:45", [(utc(2026, 3, 8, 7, 15), utc(2026, 3, 8, 7, 45))]),
        ("sun 02:00-03:00", []),  # swallowed: both edges are 03:00
        ("sun 02:30-03:10", []),  # would end before it begins
        ("sat 22:00-06:00", [(utc(2026, 3, 8, 3), utc(2026, 3, 8, 10))]),
        ("sun 00:00-24:00", [(utc(2026, 3, 8, 5), utc(2026, 3, 9, 4))]),
    ],
)
def test_in_spring_an_edge_that_does_not_exist_moves_forward(text, expected):
    assert openings(NEW_YORK, utc(2026, 3, 7, 20), utc(2026, 3, 10), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sun 01:00-01:30", [(utc(2026, 11, 1, 5), utc(2026, 11, 1, 5, 30))]),
        ("sun 01:30-02:30", [(utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 7, 30))]),
        ("sun 00:30-01:30", [(utc(2026, 11, 1, 4, 30), utc(2026, 11, 1, 5, 30))]),
        ("sat 22:00-06:00", [(utc(2026, 11, 1, 2), utc(2026, 11, 1, 11))]),
        ("sun 00:00-24:00", [(utc(2026, 11, 1, 4), utc(2026, 11, 2, 5))]),
    ],
)
def test_in_autumn_an_edge_that_exists_twice_means_the_first(text, expected):
    assert openings(NEW_YORK, utc(2026, 10, 31, 20), utc(2026, 11, 3), text) == expected


def test_where_midnight_does_not_exist_whole_days_still_touch():
    # Cairo goes from 24:00 on Thursday 23 April 2026 to 01:00 on Friday.
    thursday = openings(
        "Africa/Cairo", utc(2026, 4, 22, 12), utc(2026, 4, 25, 12), "thu 00:00-24:00", "fri 00:00-24:00"
    )
    assert thursday == [(utc(2026, 4, 22, 22), utc(2026, 4, 24, 21))]


def test_hours_on_a_day_that_a_country_left_out_move_to_the_next_with_the_clock():
    assert openings("Pacific/Apia", utc(2011, 12, 29, 12), utc(2012, 1, 1), "fri 09:00-17:00") == [
        (utc(2011, 12, 30, 19), utc(2011, 12, 31, 3))
    ]


def sundays_of_the_clock_change():
    """The second Sundays in March of many years, each at another distance from the blocks the hours are kept in."""
    return [next(day for day in range(8, 15) if wall(year, 3, day).weekday() == 6) for year in range(2007, 2040)]


def test_a_window_that_ends_when_it_begins_lasts_a_day():
    day = WeeklyWindow(first_day=0, last_day=0, starts=540, ends=540)
    assert [open_at([day], "UTC", utc(2026, 6, n, hour)) for n, hour in ((1, 8), (1, 9), (2, 8), (2, 9))] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("texts", "person"),
    [(["mon-sat 00:00-24:00", "sun 00:00-02:00", "sun 03:00-24:00"], "ann"), (["sun 02:00-03:00"], None)],
)
def test_what_a_clock_change_swallows_leaves_two_weeks_in_one_piece(texts, person):
    plan = schedule(rotation(wall(2000, 1, 1), "P120M", ("ann",), only=texts), zone=NEW_YORK)
    for year, day in enumerate(sundays_of_the_clock_change(), 2007):
        sunday = utc(year, 3, day, 7)
        piece = (person, sunday - timedelta(days=7) + timedelta(hours=1), sunday + timedelta(days=7, hours=-1))
        inside = [sunday + timedelta(days=days) for days in range(-6, 7)]
        for at in (piece[1], *inside, piece[2] - timedelta(microseconds=1)):
            assert told([shift_at(plan, at)]) == [piece]


def test_an_opening_that_the_clock_change_swallows_is_waited_for_another_week():
    assert next_opening(windows("sun 02:00-03:00"), NEW_YORK, utc(2026, 3, 1, 8)) == utc(2026, 3, 15, 6)


# --- windows by themselves --------------------------------------------------------------------------------------


def test_windows_are_open_from_their_first_instant_to_before_their_last():
    office, instant = windows(*OFFICE), timedelta(microseconds=1)
    opens, closes = utc(2026, 6, 1, 8), utc(2026, 6, 1, 16)  # London, summer time
    assert [open_at(office, "Europe/London", at) for at in (opens - instant, opens, closes - instant, closes)] == [
        False,
        True,
        True,
        False,
    ]


def test_no_windows_at_all_are_open_always():
    at = utc(2026, 6, 1, 5, 30)
    assert open_at([], "UTC", at)
    assert next_opening([], "UTC", at) == at
    assert next_opening(windows("00:00-24:00"), "UTC", at) == at


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(2026, 6, 1, 12), utc(2026, 6, 1, 12)),
        (utc(2026, 6, 1, 8), utc(2026, 6, 1, 8)),
        (utc(2026, 6, 1, 16), utc(2026, 6, 2, 8)),
        (utc(2026, 6, 5, 16), utc(2026, 6, 8, 8)),
        (utc(2026, 10, 24, 12), utc(2026, 10, 26, 9)),  # after the end of summer time
    ],
)
def test_the_next_opening_is_now_or_when_the_hours_begin(at, expected):
    found = next_opening(windows(*OFFICE), "Europe/London", at)
    assert found == expected
    assert found.tzinfo is UTC


def test_a_wall_clock_time_is_refused_by_windows():
    for ask in (open_at, next_opening):
        for hours in (windows(*OFFICE), []):
            with pytest.raises(ValueError, match="has no offset"):
                ask(hours, "UTC", wall(2026, 6, 1))
