"""Who is next, and when a handoff is due."""

from datetime import timedelta

import pytest

from domain.shifts import ShiftChange, ShiftSource, next_change, next_shift
from tests.support.shift_plans import MONDAY, NEW_YORK, rotation, schedule, told, utc, wall

OFFICE = ("mon-fri 09:00-17:00",)
WEEKLY = rotation(MONDAY, "P7D", ("ada", "grace", "lin"))
SECOND_WEEK = utc(2026, 6, 8, 9)


def changes(plan, after, count):
    """The next changes, one after the other, as (when, who goes, who comes)."""
    found = []
    for _ in range(count):
        change = next_change(plan, after)
        if change is None:
            return [*found, None]
        found.append((change.at, change.outgoing, change.incoming))
        after = change.at
    return found


# --- the next shift ---------------------------------------------------------------------------------------------


def test_the_next_shift_is_the_one_after_the_handoff():
    found = next_shift(schedule(WEEKLY), utc(2026, 6, 3))
    assert told([found]) == [("grace", SECOND_WEEK, utc(2026, 6, 15, 9))]
    assert found.source is ShiftSource.ROTATION


def test_at_the_very_handoff_the_next_shift_is_the_one_after_it():
    assert next_shift(schedule(WEEKLY), SECOND_WEEK).person == "lin"


def test_the_next_shift_is_another_persons():
    plan = schedule(rotation(MONDAY, "P1D", ("ada", "ada", "grace"), only=OFFICE))
    assert told([next_shift(plan, utc(2026, 6, 1, 12))]) == [("grace", utc(2026, 6, 3, 9), utc(2026, 6, 3, 17))]


def test_in_a_gap_the_next_shift_is_whoever_comes():
    plan = schedule(rotation(MONDAY, "P7D", ("ada", "grace"), only=OFFICE))
    assert told([next_shift(plan, utc(2026, 6, 1, 20))]) == [("ada", utc(2026, 6, 2, 9), utc(2026, 6, 2, 17))]
    assert next_shift(plan, utc(2026, 1, 1)).starts_at == utc(2026, 6, 1, 9)


def test_the_next_shift_may_be_an_override_and_is_told_whole():
    overrides = [("kim", utc(2026, 6, 3), utc(2030, 1, 1)), ("lou", utc(2029, 1, 1), utc(2029, 2, 1))]
    found = next_shift(schedule(WEEKLY, overrides=overrides), utc(2026, 6, 2))
    assert told([found]) == [("kim", utc(2026, 6, 3), utc(2029, 1, 1))]


def test_after_an_override_by_the_same_person_comes_the_one_after_it():
    plan = schedule(WEEKLY, overrides=[("ada", utc(2026, 6, 3), utc(2026, 6, 9))])
    assert told([next_shift(plan, utc(2026, 6, 2))]) == [("grace", utc(2026, 6, 9), utc(2026, 6, 15, 9))]


@pytest.mark.parametrize("length", ["PT1S", "PT1H", "P7D", "P120M"])
def test_where_one_person_is_on_call_for_ever_nobody_is_next(length):
    for only in ((), OFFICE):
        plan = schedule(rotation(MONDAY, length, ("ada",), only=only))
        assert next_shift(plan, utc(2026, 6, 3, 12)) is None
        assert next_change(plan, utc(2026, 6, 3, 12)) is None


def test_nobody_is_next_in_a_schedule_without_anybody():
    assert next_shift(schedule(), utc(2026, 6, 3)) is None
    assert next_change(schedule(), utc(2026, 6, 3)) is None


def test_two_years_are_looked_ahead():
    plan = schedule(rotation(MONDAY, "PT1S", ("ada",), changes=[(wall(2029, 1, 1), ("grace",))]))
    turn = utc(2029, 1, 1)
    assert next_shift(plan, turn - timedelta(days=740)) is None
    assert next_change(plan, turn - timedelta(days=740)) is None
    assert next_shift(plan, turn - timedelta(days=730)).starts_at == turn
    assert next_change(plan, turn - timedelta(days=730)).at == turn


def test_somebody_who_joins_a_rotation_of_one_is_next():
    plan = schedule(rotation(MONDAY, "P7D", ("ada",), changes=[(wall(2026, 6, 10), ("ada", "grace"))]))
    for at in (utc(2026, 6, 2), utc(2026, 6, 9), utc(2026, 6, 12)):
        assert next_shift(plan, at).starts_at == next_change(plan, at).at == utc(2026, 6, 15, 9)


# --- the next change --------------------------------------------------------------------------------------------


def test_a_handoff_moment_is_a_change():
    assert next_change(schedule(WEEKLY), utc(2026, 6, 3)) == ShiftChange(SECOND_WEEK, "ada", "grace", touching=True)
    assert next_change(schedule(WEEKLY), SECOND_WEEK - timedelta(seconds=1)).at == SECOND_WEEK


def test_the_change_that_happens_at_this_very_moment_is_past():
    assert next_change(schedule(WEEKLY), SECOND_WEEK).at == SECOND_WEEK + timedelta(weeks=1)


def test_the_very_first_shift_takes_over_from_nobody():
    assert next_change(schedule(WEEKLY), utc(2026, 1, 1)) == ShiftChange(SECOND_WEEK, "ada", "grace", touching=True)


def test_changes_keep_the_wall_clock():
    plan = schedule(rotation(wall(2026, 10, 26, 9), "P7D", ("ada", "grace")), zone=NEW_YORK)
    assert [at for at, _, _ in changes(plan, utc(2026, 10, 27), 2)] == [utc(2026, 11, 2, 14), utc(2026, 11, 9, 14)]


def test_two_turns_of_one_person_in_a_row_are_no_change():
    plan = schedule(rotation(MONDAY, "P1D", ("ada", "ada", "grace")))
    assert changes(plan, utc(2026, 6, 1, 12), 2) == [
        (utc(2026, 6, 3, 9), "ada", "grace"),
        (utc(2026, 6, 4, 9), "grace", "ada"),
    ]


def test_the_nights_between_office_hours_are_no_change_and_the_next_week_is():
    plan = schedule(rotation(MONDAY, "P7D", ("ada", "grace"), only=OFFICE))
    expected = ShiftChange(SECOND_WEEK, "ada", "grace", touching=False)
    for at in (utc(2026, 6, 1, 12), utc(2026, 6, 1, 20), utc(2026, 6, 5, 12), utc(2026, 6, 7)):
        assert next_change(plan, at) == expected


def test_the_edges_of_restricted_hours_are_changes_where_another_person_comes():
    plan = schedule(rotation(MONDAY, "P7D", ("ada",)), rotation(MONDAY, "P7D", ("kim",), only=OFFICE))
    assert changes(plan, utc(2026, 6, 1, 12), 3) == [
        (utc(2026, 6, 1, 17), "kim", "ada"),
        (utc(2026, 6, 2, 9), "ada", "kim"),
        (utc(2026, 6, 2, 17), "kim", "ada"),
    ]
    assert next_change(plan, utc(2026, 6, 5, 18)).at == SECOND_WEEK


def test_a_person_who_leaves_during_a_shift_hands_over_at_that_moment():
    plan = schedule(rotation(MONDAY, "P7D", ("ada", "grace"), changes=[(wall(2026, 6, 3, 12), ("grace", "lin"))]))
    assert changes(plan, utc(2026, 6, 2), 2) == [
        (utc(2026, 6, 3, 12), "ada", "grace"),
        (SECOND_WEEK, "grace", "lin"),
    ]


def test_a_person_who_joins_is_no_change():
    plan = schedule(rotation(MONDAY, "P7D", ("ada", "lin"), changes=[(wall(2026, 6, 3), ("ada", "grace"))]))
    assert changes(plan, utc(2026, 6, 2), 1) == [(SECOND_WEEK, "ada", "grace")]


def test_an_override_in_the_middle_of_a_shift_is_no_change():
    plan = schedule(WEEKLY, overrides=[("kim", utc(2026, 6, 3), utc(2026, 6, 5))])
    assert changes(plan, utc(2026, 6, 2), 1) == [(SECOND_WEEK, "ada", "grace")]
    assert changes(plan, utc(2026, 6, 4), 1) == [(SECOND_WEEK, "ada", "grace")]


def test_an_override_over_a_handoff_moment_makes_it_no_change():
    plan = schedule(WEEKLY, overrides=[("kim", utc(2026, 6, 7), utc(2026, 6, 10))])
    assert changes(plan, utc(2026, 6, 2), 1) == [(utc(2026, 6, 15, 9), "grace", "lin")]


def test_an_override_for_exactly_one_shift_is_a_change_at_both_ends():
    plan = schedule(WEEKLY, overrides=[("kim", SECOND_WEEK, SECOND_WEEK + timedelta(weeks=1))])
    assert changes(plan, utc(2026, 6, 2), 2) == [(SECOND_WEEK, "ada", "kim"), (utc(2026, 6, 15, 9), "kim", "lin")]


def test_an_override_by_whoever_is_on_call_anyway_is_no_change():
    plan = schedule(WEEKLY, overrides=[("ada", SECOND_WEEK, SECOND_WEEK + timedelta(days=1))])
    assert changes(plan, utc(2026, 6, 2), 1) == [(utc(2026, 6, 15, 9), "grace", "lin")]


def test_an_override_at_a_handoff_moment_of_a_rotation_of_one_is_a_change():
    plan = schedule(rotation(MONDAY, "P7D", ("ada",)), overrides=[("kim", SECOND_WEEK, utc(2026, 6, 10))])
    assert changes(plan, utc(2026, 6, 2), 2) == [(SECOND_WEEK, "ada", "kim"), None]


def test_an_override_that_ends_at_a_handoff_moment_hands_over_to_the_rotation():
    plan = schedule(WEEKLY, overrides=[("kim", utc(2026, 6, 7), SECOND_WEEK)])
    assert changes(plan, utc(2026, 6, 2), 1) == [(SECOND_WEEK, "kim", "grace")]


def test_an_override_at_the_edge_of_office_hours_is_a_change():
    plan = schedule(
        rotation(MONDAY, "P7D", ("ada",), only=OFFICE), overrides=[("kim", utc(2026, 6, 1, 17), utc(2026, 6, 2, 9))]
    )
    assert changes(plan, utc(2026, 6, 1, 12), 3) == [
        (utc(2026, 6, 1, 17), "ada", "kim"),
        (utc(2026, 6, 2, 9), "kim", "ada"),
        None,
    ]


def test_an_override_within_a_gap_hands_over_when_the_hours_begin():
    plan = schedule(
        rotation(MONDAY, "P7D", ("ada",), only=OFFICE), overrides=[("kim", utc(2026, 6, 1, 20), utc(2026, 6, 1, 23))]
    )
    assert next_change(plan, utc(2026, 6, 1, 12)) == ShiftChange(utc(2026, 6, 2, 9), "kim", "ada", touching=False)
    assert next_change(plan, utc(2026, 6, 2)) == ShiftChange(utc(2026, 6, 2, 9), "kim", "ada", touching=False)


def test_the_outside_calendar_changes_hands_too():
    plan = schedule(
        imported=[
            ("ivy", utc(2026, 6, 1), utc(2026, 6, 2)),
            ("jon", utc(2026, 6, 2), utc(2026, 6, 3)),
            ("jon", utc(2026, 6, 3), utc(2026, 6, 4)),
            ("ivy", utc(2026, 6, 5), utc(2026, 6, 6)),
        ]
    )
    assert changes(plan, utc(2026, 6, 1), 3) == [
        (utc(2026, 6, 2), "ivy", "jon"),
        (utc(2026, 6, 5), "jon", "ivy"),
        None,
    ]


def test_a_wall_clock_time_is_refused():
    for ask in (next_shift, next_change):
        with pytest.raises(ValueError, match="has no offset"):
            ask(schedule(WEEKLY), wall(2026, 6, 1))
