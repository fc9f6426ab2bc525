"""Who is on call where overrides, rotations and an outside calendar meet, and what a window of time shows."""

from dataclasses import replace

from domain.shifts import Shift, ShiftSource, shift_at, shifts_between, shifts_of
from tests.support.shift_plans import MONDAY, rotation, schedule, told, utc, wall

WEEKLY = schedule(rotation(MONDAY, "P7D"))


# --- layers -----------------------------------------------------------------------------------------------------


def test_an_override_wins_from_its_first_instant_to_before_its_last():
    plan = schedule(rotation(MONDAY, "P7D"), overrides=[("kim", utc(2026, 6, 3, 10), utc(2026, 6, 3, 14))])
    assert told(shifts_between(plan, utc(2026, 6, 1, 9), utc(2026, 6, 8, 9))) == [
        ("ann", utc(2026, 6, 1, 9), utc(2026, 6, 3, 10)),
        ("kim", utc(2026, 6, 3, 10), utc(2026, 6, 3, 14)),
        ("ann", utc(2026, 6, 3, 14), utc(2026, 6, 8, 9)),
    ]
    assert shift_at(plan, utc(2026, 6, 3, 10)).source is ShiftSource.OVERRIDE
    assert shift_at(plan, utc(2026, 6, 3, 14)).person == "ann"


def test_of_overlapping_overrides_the_later_in_the_list_wins_and_cuts_the_other():
    plan = schedule(
        rotation(MONDAY, "P7D"),
        overrides=[
            ("kim", utc(2026, 6, 3, 10), utc(2026, 6, 3, 20)),
            ("lou", utc(2026, 6, 3, 12), utc(2026, 6, 3, 14)),
            ("max", utc(2026, 6, 3, 9), utc(2026, 6, 3, 11)),
        ],
    )
    assert told(shifts_between(plan, utc(2026, 6, 3, 8), utc(2026, 6, 3, 21))) == [
        ("ann", utc(2026, 6, 3, 8), utc(2026, 6, 3, 9)),
        ("max", utc(2026, 6, 3, 9), utc(2026, 6, 3, 11)),
        ("kim", utc(2026, 6, 3, 11), utc(2026, 6, 3, 12)),
        ("lou", utc(2026, 6, 3, 12), utc(2026, 6, 3, 14)),
        ("kim", utc(2026, 6, 3, 14), utc(2026, 6, 3, 20)),
        ("ann", utc(2026, 6, 3, 20), utc(2026, 6, 3, 21)),
    ]


def test_an_override_is_one_shift_over_any_number_of_handoffs():
    whole = ("kim", utc(2026, 6, 3), utc(2026, 8, 3))
    plan = schedule(rotation(MONDAY, "P1D"), overrides=[whole])
    assert told([shift_at(plan, utc(2026, 7, 1))]) == [whole]


def test_an_override_works_before_a_rotation_has_started_and_without_any():
    early = ("kim", utc(2026, 5, 1), utc(2026, 5, 2))
    assert told(shifts_between(schedule(rotation(MONDAY, "P7D"), overrides=[early]), early[1], early[2])) == [early]
    assert shift_at(schedule(overrides=[early]), utc(2026, 5, 3)) == Shift(
        "primary", None, utc(2026, 5, 2), None, ShiftSource.NOBODY
    )


def test_an_override_that_is_no_time_at_all_cuts_nothing():
    nothing = [("kim", utc(2026, 6, 3), utc(2026, 6, 3)), ("lou", utc(2026, 6, 4), utc(2026, 6, 2))]
    plan = replace(WEEKLY, overrides=schedule(overrides=nothing).overrides)
    for at in (utc(2026, 6, 1, 12), utc(2026, 6, 3), utc(2026, 6, 5)):
        assert shift_at(plan, at) == shift_at(WEEKLY, at)
    assert len(shifts_between(plan, utc(2026, 6, 1, 9), utc(2026, 6, 8, 9))) == 1


def test_the_later_rotation_wins_where_both_apply():
    plan = schedule(
        rotation(MONDAY, "P7D", ("ann", "ben")),
        rotation(wall(2026, 6, 3, 9), "P1D", ("cat", "dan"), only=["mon-fri 09:00-17:00"]),
    )
    assert told(shifts_between(plan, utc(2026, 6, 3), utc(2026, 6, 5, 9))) == [
        ("ann", utc(2026, 6, 3), utc(2026, 6, 3, 9)),
        ("cat", utc(2026, 6, 3, 9), utc(2026, 6, 3, 17)),
        ("ann", utc(2026, 6, 3, 17), utc(2026, 6, 4, 9)),
        ("dan", utc(2026, 6, 4, 9), utc(2026, 6, 4, 17)),
        ("ann", utc(2026, 6, 4, 17), utc(2026, 6, 5, 9)),
    ]


def test_rotations_win_over_the_outside_calendar():
    plan = schedule(
        rotation(MONDAY, "P7D", only=["mon 09:00-17:00"]),
        imported=[("ivy", utc(2026, 6, 1), utc(2026, 6, 2)), ("jon", utc(2026, 6, 2), utc(2026, 6, 3))],
    )
    shifts = shifts_between(plan, utc(2026, 5, 31), utc(2026, 6, 4))
    assert [(shift.person, shift.source) for shift in shifts] == [
        (None, ShiftSource.NOBODY),
        ("ivy", ShiftSource.CALENDAR),
        ("ann", ShiftSource.ROTATION),
        ("ivy", ShiftSource.CALENDAR),
        ("jon", ShiftSource.CALENDAR),
        (None, ShiftSource.NOBODY),
    ]
    assert shift_at(plan, utc(2026, 6, 1, 18)).starts_at == utc(2026, 6, 1, 17)


def test_of_overlapping_calendar_shifts_the_one_that_starts_later_wins():
    plan = schedule(
        imported=[
            ("ivy", utc(2026, 6, 1), utc(2026, 6, 10)),
            ("jon", utc(2026, 6, 2), utc(2026, 6, 5)),
            ("kim", utc(2026, 6, 3), utc(2026, 6, 4)),
            ("lou", utc(2026, 6, 6), utc(2026, 6, 6)),
        ]
    )
    assert told(shifts_between(plan, utc(2026, 6, 1), utc(2026, 6, 11))) == [
        ("ivy", utc(2026, 6, 1), utc(2026, 6, 2)),
        ("jon", utc(2026, 6, 2), utc(2026, 6, 3)),
        ("kim", utc(2026, 6, 3), utc(2026, 6, 4)),
        ("jon", utc(2026, 6, 4), utc(2026, 6, 5)),
        ("ivy", utc(2026, 6, 5), utc(2026, 6, 10)),
        (None, utc(2026, 6, 10), utc(2026, 6, 11)),
    ]
    assert shift_at(plan, utc(2026, 6, 7)).starts_at == utc(2026, 6, 5)


def test_calendar_shifts_leave_gaps_between_them_that_are_told():
    plan = schedule(
        imported=[("ivy", utc(2026, 6, 1), utc(2026, 6, 2)), ("jon", utc(2026, 6, 3), utc(2026, 6, 4))],
    )
    assert told([shift_at(plan, utc(2026, 6, 2, 12))]) == [(None, utc(2026, 6, 2), utc(2026, 6, 3))]
    assert shift_at(plan, utc(2026, 5, 1)).starts_at is None
    assert shift_at(plan, utc(2026, 6, 4)).ends_at is None


# --- windows of time --------------------------------------------------------------------------------------------


def test_a_window_is_covered_exactly_and_cut_at_both_ends():
    assert told(shifts_between(WEEKLY, utc(2026, 5, 31), utc(2026, 6, 10))) == [
        (None, utc(2026, 5, 31), utc(2026, 6, 1, 9)),
        ("ann", utc(2026, 6, 1, 9), utc(2026, 6, 8, 9)),
        ("ben", utc(2026, 6, 8, 9), utc(2026, 6, 10)),
    ]


def test_a_window_of_no_time_has_no_shifts():
    assert list(shifts_between(WEEKLY, utc(2026, 6, 10), utc(2026, 6, 10))) == []
    assert list(shifts_between(WEEKLY, utc(2026, 6, 10), utc(2026, 6, 9))) == []


def test_two_shifts_of_one_person_in_a_row_are_two_shifts():
    plan = schedule(rotation(MONDAY, "P7D", ("ann",)))
    assert [shift.starts_at for shift in shifts_between(plan, utc(2026, 6, 1, 9), utc(2026, 6, 22, 9))] == [
        utc(2026, 6, 1, 9),
        utc(2026, 6, 8, 9),
        utc(2026, 6, 15, 9),
    ]


def test_the_shifts_of_one_person_include_what_an_override_gives_and_leave_out_what_it_takes():
    plan = schedule(
        rotation(MONDAY, "P7D", ("ann", "ben")),
        overrides=[
            ("ann", utc(2026, 6, 9), utc(2026, 6, 10)),
            ("ben", utc(2026, 6, 2), utc(2026, 6, 3)),
        ],
    )
    assert told(shifts_of(plan, "ann", utc(2026, 6, 1, 12), utc(2026, 6, 16))) == [
        ("ann", utc(2026, 6, 1, 12), utc(2026, 6, 2)),
        ("ann", utc(2026, 6, 3), utc(2026, 6, 8, 9)),
        ("ann", utc(2026, 6, 9), utc(2026, 6, 10)),
        ("ann", utc(2026, 6, 15, 9), utc(2026, 6, 16)),
    ]
    assert list(shifts_of(plan, "zoe", utc(2026, 6, 1), utc(2026, 7, 1))) == []


def test_schedules_with_equal_values_give_equal_answers():
    first, second = (schedule(rotation(MONDAY, "P7D", only=["mon-fri 09:00-17:00"])) for _ in range(2))
    other = replace(second, time_zone="Asia/Kolkata")
    at = utc(2026, 6, 9, 12)
    assert shift_at(first, at) == shift_at(second, at)
    assert shift_at(other, at) != shift_at(second, at)
