"""Who is on call: turns, handoff moments on the wall clock and changes of people, by example."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.shifts import Shift, ShiftSource, shift_at, shifts_between, shifts_of
from tests.support.shift_plans import MONDAY, NEW_YORK, rotation, schedule, told, utc, wall


def begins(plan, at, count):
    """The moments at which shifts begin, from the one at `at` on."""
    found = [shift_at(plan, at)]
    while len(found) < count:
        found.append(shift_at(plan, found[-1].ends_at))
    return [shift.starts_at for shift in found]


WEEKLY = schedule(rotation(MONDAY, "P7D"))


# --- turns ------------------------------------------------------------------------------------------------------


def test_people_take_turns_in_their_order_and_start_again():
    weeks = [shift_at(WEEKLY, utc(2026, 6, 1, 9) + timedelta(weeks=n)) for n in range(7)]
    assert [shift.person for shift in weeks] == ["ann", "ben", "cat", "dan", "eve", "ann", "ben"]


def test_a_shift_tells_its_schedule_its_bounds_and_what_decides():
    assert shift_at(WEEKLY, utc(2026, 6, 10, 12)) == Shift(
        "primary", "ben", utc(2026, 6, 8, 9), utc(2026, 6, 15, 9), ShiftSource.ROTATION
    )


def test_a_shift_includes_its_first_instant_and_not_its_last():
    handoff, instant = utc(2026, 6, 8, 9), timedelta(microseconds=1)
    assert shift_at(WEEKLY, handoff - instant).person == "ann"
    assert shift_at(WEEKLY, handoff).person == "ben"


def test_before_the_first_handoff_nobody_is_on_call():
    assert shift_at(WEEKLY, utc(2026, 6, 1, 8, 59)) == Shift(
        "primary", None, None, utc(2026, 6, 1, 9), ShiftSource.NOBODY
    )


def test_a_schedule_without_anything_is_one_gap_without_bounds():
    assert shift_at(schedule(), utc(2026, 6, 1)) == Shift("primary", None, None, None, ShiftSource.NOBODY)


def test_a_person_may_stand_in_the_list_more_than_once():
    plan = schedule(rotation(MONDAY, "P1D", ("ann", "ben", "ann", "cat")))
    people = [shift_at(plan, utc(2026, 6, 1, 9) + timedelta(days=n)).person for n in range(6)]
    assert people == ["ann", "ben", "ann", "cat", "ann", "ben"]


def test_a_moment_in_any_zone_means_the_same_moment():
    here = datetime(2026, 6, 8, 14, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert shift_at(WEEKLY, here) == shift_at(WEEKLY, utc(2026, 6, 8, 9))
    cut = shifts_between(WEEKLY, here, here + timedelta(days=1))[0]
    assert cut.starts_at == here
    assert {at.tzinfo for at in (cut.starts_at, cut.ends_at, shift_at(WEEKLY, here).starts_at)} == {UTC}


def test_a_wall_clock_time_is_refused():
    for ask in (
        lambda: shift_at(WEEKLY, wall(2026, 6, 1)),
        lambda: shifts_between(WEEKLY, wall(2026, 6, 1), utc(2026, 6, 2)),
        lambda: shifts_between(WEEKLY, utc(2026, 6, 1), wall(2026, 6, 2)),
        lambda: shifts_of(WEEKLY, "ann", utc(2026, 6, 1), wall(2026, 6, 2)),
    ):
        with pytest.raises(ValueError, match="has no offset: give a moment, not a wall-clock time"):
            ask()


def test_a_rotation_of_long_ago_is_as_right_as_a_new_one():
    plan = schedule(rotation(wall(2000, 1, 1), "PT1S", ("ann", "ben", "cat")))
    at = utc(2199, 12, 31, 23, 59, 58)
    seconds = (at - utc(2000, 1, 1)) // timedelta(seconds=1)
    assert shift_at(plan, at).person == ("ann", "ben", "cat")[seconds % 3]
    assert shift_at(plan, at).ends_at == at + timedelta(seconds=1)


# --- the wall clock ---------------------------------------------------------------------------------------------


def test_a_weekly_handoff_stays_at_nine_on_the_wall_through_both_clock_changes():
    plan = schedule(rotation(wall(2026, 1, 5, 9), "P7D"), zone=NEW_YORK)
    handoffs = [at.astimezone(ZoneInfo(NEW_YORK)) for at in begins(plan, utc(2026, 1, 7), 60)]
    assert {(at.weekday(), at.hour, at.minute) for at in handoffs} == {(0, 9, 0)}
    assert {at.utcoffset() for at in handoffs} == {timedelta(hours=-5), timedelta(hours=-4)}


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        pytest.param(
            wall(2026, 10, 31, 1, 30),
            [utc(2026, 10, 31, 5, 30), utc(2026, 11, 1, 5, 30), utc(2026, 11, 2, 6, 30)],
            id="01:30 in autumn, which exists twice: once, at the first",
        ),
        pytest.param(
            wall(2026, 3, 7, 2, 30),
            [utc(2026, 3, 7, 7, 30), utc(2026, 3, 8, 7, 30), utc(2026, 3, 9, 6, 30)],
            id="02:30 in spring, which does not exist: forward by the gap",
        ),
        pytest.param(
            wall(2026, 3, 6, 2, 30),
            [utc(2026, 3, n, 7, 30) for n in (6, 7, 8)],
            id="02:30 every day in spring: no day left out",
        ),
        pytest.param(
            wall(2026, 3, 7, 9),
            [utc(2026, 3, 7, 14), utc(2026, 3, 8, 13), utc(2026, 3, 9, 13)],
            id="09:00: stays there",
        ),
        pytest.param(
            wall(2026, 3, 7, 0, 0),
            [utc(2026, 3, 7, 5), utc(2026, 3, 8, 5), utc(2026, 3, 9, 4)],
            id="00:00: every day",
        ),
    ],
)
def test_a_daily_handoff_happens_once_on_each_day_of_a_clock_change(first, expected):
    plan = schedule(rotation(first, "P1D"), zone=NEW_YORK)
    assert begins(plan, expected[0], 3) == expected


def test_inside_the_repeated_hour_the_second_time_is_after_the_handoff():
    plan = schedule(rotation(wall(2026, 10, 25, 1, 30), "P1D"), zone=NEW_YORK)
    second_ten_past_one = utc(2026, 11, 1, 6, 10)
    assert shift_at(plan, second_ten_past_one).starts_at == utc(2026, 11, 1, 5, 30)


def test_a_first_handoff_in_the_repeated_hour_means_the_first_of_the_two_whatever_its_fold_says():
    starts = wall(2026, 11, 1, 1, 30, fold=1)
    for length in ("P1D", "P1M", "PT1H"):
        assert begins(schedule(rotation(starts, length), zone=NEW_YORK), utc(2026, 11, 1, 5, 30), 1) == [
            utc(2026, 11, 1, 5, 30)
        ]


def test_a_handoff_that_does_not_exist_has_the_old_person_until_it():
    plan = schedule(rotation(wall(2026, 3, 7, 2, 30), "P1D"), zone=NEW_YORK)
    assert shift_at(plan, utc(2026, 3, 8, 7, 29)).person == "ann"  # 03:29, already after 02:30 on the wall
    assert shift_at(plan, utc(2026, 3, 8, 7, 30)).person == "ben"


def test_hours_are_elapsed_through_both_clock_changes():
    for first in (wall(2026, 3, 7, 8), wall(2026, 10, 31, 8)):
        plan = schedule(rotation(first, "PT12H"), zone=NEW_YORK)
        moments = begins(plan, first.replace(tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC), 6)
        assert {after - before for before, after in pairwise(moments)} == {timedelta(hours=12)}


def test_months_are_counted_from_the_first_handoff_and_their_last_day_stands_in_for_a_missing_one():
    plan = schedule(rotation(wall(2028, 1, 31, 9), "P1M"))
    assert begins(plan, utc(2028, 1, 31, 9), 5) == [
        utc(2028, 1, 31, 9),
        utc(2028, 2, 29, 9),
        utc(2028, 3, 31, 9),
        utc(2028, 4, 30, 9),
        utc(2028, 5, 31, 9),
    ]
    assert shift_at(plan, utc(2028, 2, 29, 8, 59)).person == "ann"
    assert shift_at(plan, utc(2028, 3, 31, 8, 59)).person == "ben"


def test_a_shift_of_several_months_or_years_ends_on_the_same_day():
    plan = schedule(rotation(wall(2024, 2, 29, 9), "P1Y"), zone=NEW_YORK)
    assert begins(plan, utc(2026, 1, 1), 3) == [utc(2025, 2, 28, 14), utc(2026, 2, 28, 14), utc(2027, 2, 28, 14)]


def test_a_day_that_a_country_left_out_has_no_shift_and_no_hole():
    # Samoa went from 29 to 31 December 2011.
    plan = schedule(rotation(wall(2011, 12, 28, 9), "P1D"), zone="Pacific/Apia")
    shifts = shifts_between(plan, utc(2011, 12, 28, 19), utc(2012, 1, 1, 19))
    assert [shift.person for shift in shifts] == ["ann", "ben", "dan", "eve"]
    assert all(shift.ends_at - shift.starts_at == timedelta(days=1) for shift in shifts)


# --- changes of people ------------------------------------------------------------------------------------------


def days_of(plan, count=8):
    """Who is on call at noon of each day from 1 June 2026 on."""
    return "".join(shift_at(plan, utc(2026, 6, 1, 12) + timedelta(days=n)).person or "-" for n in range(count))


def daily(*changes, people="abc"):
    return schedule(rotation(MONDAY, "P1D", tuple(people), changes=changes))


def test_before_a_change_of_people_nothing_moves():
    changed = daily((wall(2026, 6, 4, 12), "xyzabc"))
    for minutes in range(0, 3 * 24 * 60, 7):
        at = utc(2026, 6, 1, 9) + timedelta(minutes=minutes)
        assert shift_at(changed, at) == shift_at(daily(), at)


def test_whoever_is_on_call_finishes_the_shift_and_the_new_order_goes_on_from_there():
    assert days_of(daily((wall(2026, 6, 2, 10), "abcd"))) == "abcdabcd"
    assert days_of(daily((wall(2026, 6, 3, 10), "dcba"))) == "abcbadcb"


def test_a_shift_during_which_only_other_people_change_is_one_shift():
    plan = daily((wall(2026, 6, 2, 10), "abcd"), (wall(2026, 6, 2, 20), "bx"))
    assert told(shifts_between(plan, utc(2026, 6, 2, 9), utc(2026, 6, 3, 9))) == [
        ("b", utc(2026, 6, 2, 9), utc(2026, 6, 3, 9))
    ]
    assert shift_at(plan, utc(2026, 6, 2, 15)).ends_at == utc(2026, 6, 3, 9)
    assert shift_at(plan, utc(2026, 6, 2, 21)).starts_at == utc(2026, 6, 2, 9)


def test_when_the_person_on_call_leaves_the_next_in_the_old_order_takes_over_at_that_moment():
    leave = wall(2026, 6, 2, 12)
    plan = schedule(rotation(MONDAY, "P1D", ("a", "b", "c", "d"), changes=[(leave, "dac")]))
    assert told(shifts_between(plan, utc(2026, 6, 2, 9), utc(2026, 6, 4, 9))) == [
        ("b", utc(2026, 6, 2, 9), utc(2026, 6, 2, 12)),
        ("c", utc(2026, 6, 2, 12), utc(2026, 6, 3, 9)),
        ("d", utc(2026, 6, 3, 9), utc(2026, 6, 4, 9)),
    ]


def test_the_search_for_who_takes_over_goes_round_the_old_order():
    assert days_of(daily((wall(2026, 6, 3, 10), "axb"))) == "abaxbaxb"


def test_when_nobody_of_the_old_list_stays_the_new_one_begins_with_its_first_person():
    assert days_of(daily((wall(2026, 6, 2, 10), "xyz"))) == "axyzxyzx"


def test_a_change_exactly_at_a_handoff_meets_the_person_who_has_just_come():
    assert days_of(daily((wall(2026, 6, 2, 9), "bca"))) == "abcabcab"
    assert days_of(daily((wall(2026, 6, 2, 9), "ca"))) == "acacacac"


def test_several_changes_follow_on_each_other():
    plan = daily((wall(2026, 6, 2, 10), "acd"), (wall(2026, 6, 4, 10), "dxc"), (wall(2026, 6, 6, 10), "c"))
    assert days_of(plan, 9) == "acdcdcccc"


def test_people_who_stand_in_the_list_twice_go_on_from_the_same_place():
    # d joins while a has the second of her two turns: c is next, not b, who has just been on call.
    assert days_of(daily((wall(2026, 6, 3, 12), "abacd"), people="abac")) == "abacdaba"
    assert days_of(daily((wall(2026, 6, 3, 12), "bac"), people="abac")) == "abacbacb"


def test_a_change_leaves_the_handoff_moments_where_they_are():
    plan = schedule(
        rotation(wall(2026, 3, 2, 9), "P7D", changes=[(wall(2026, 3, 5, 17), ("eve", "zoe"))]), zone=NEW_YORK
    )
    assert told(shifts_between(plan, utc(2026, 3, 2, 14), utc(2026, 3, 16, 13))) == [
        ("ann", utc(2026, 3, 2, 14), utc(2026, 3, 5, 22)),
        ("eve", utc(2026, 3, 5, 22), utc(2026, 3, 9, 13)),
        ("zoe", utc(2026, 3, 9, 13), utc(2026, 3, 16, 13)),
    ]


def test_of_two_changes_that_a_clock_change_puts_onto_one_moment_the_later_counts():
    changes = [(wall(2026, 3, 8, 2, 30), "xa"), (wall(2026, 3, 8, 3, 30), "ya")]
    plan = schedule(rotation(wall(2026, 3, 7, 9), "P1D", ("a", "b"), changes=changes), zone=NEW_YORK)
    assert [shift.person for shift in shifts_between(plan, utc(2026, 3, 8, 7), utc(2026, 3, 9, 13, 1))] == [
        "a",
        "y",
        "a",
    ]


def test_a_change_that_a_clock_change_moves_behind_the_next_one_stays_before_it():
    # 02:45 does not exist and means 03:45, which is after 03:30.
    changes = [(wall(2026, 3, 8, 2, 45), "x"), (wall(2026, 3, 8, 3, 30), "y")]
    plan = schedule(rotation(wall(2026, 3, 7, 9), "P1D", ("a", "b"), changes=changes), zone=NEW_YORK)
    assert told([shift_at(plan, utc(2026, 3, 8, 7, 40)), shift_at(plan, utc(2026, 3, 8, 7, 45))]) == [
        ("a", utc(2026, 3, 7, 14), utc(2026, 3, 8, 7, 45)),
        ("y", utc(2026, 3, 8, 7, 45), utc(2026, 3, 8, 13)),
    ]


def test_somebody_who_is_replaced_for_no_time_at_all_keeps_one_shift():
    changes = [(wall(2026, 3, 8, 2, 30), "b"), (wall(2026, 3, 8, 3, 30), "ac")]
    plan = schedule(rotation(wall(2026, 3, 7, 9), "P1D", ("a", "b"), changes=changes), zone=NEW_YORK)
    assert told([shift_at(plan, utc(2026, 3, 8, 12))]) == [("a", utc(2026, 3, 7, 14), utc(2026, 3, 8, 13))]
