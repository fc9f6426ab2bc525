import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.escalation import SIDES, NotifyTarget, TargetKind, parse_target
from domain.oncall import WeeklyWindow, parse_weekly_window
from tests.organisation.strategies import escalation_policies, schedules, windows


@pytest.mark.parametrize(
    ("text", "window", "written"),
    [
        ("mon-fri 09:00-17:00", (0, 4, 540, 1020), "mon-fri 09:00-17:00"),
        ("sat 10:00-14:00", (5, 5, 600, 840), "sat 10:00-14:00"),
        ("sat-sat 10:00-14:00", (5, 5, 600, 840), "sat 10:00-14:00"),
        ("00:00-24:00", (0, 6, 0, 1440), "mon-sun 00:00-24:00"),
        ("fri-mon 22:00-06:00", (4, 0, 1320, 360), "fri-mon 22:00-06:00"),
        ("mon 22:00-00:00", (0, 0, 1320, 1440), "mon 22:00-24:00"),
        ("  Mon - Fri  9:00 - 17:00 ", (0, 4, 540, 1020), "mon-fri 09:00-17:00"),
    ],
)
def test_a_window_is_read(text, window, written):
    first, last, starts, ends = window
    read = parse_weekly_window(text)
    assert read == WeeklyWindow(first_day=first, last_day=last, starts=starts, ends=ends)
    assert str(read) == written


def test_a_window_knows_its_days_and_whether_it_runs_over_midnight():
    night = parse_weekly_window("fri-mon 22:00-06:00")
    assert night.days == (4, 5, 6, 0)
    assert night.over_midnight
    assert not parse_weekly_window("mon-fri 09:00-24:00").over_midnight
    assert parse_weekly_window("09:00-10:00").days == (0, 1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("office hours", '"office hours" is not a weekly window: write it like "mon-fri 09:00-17:00".'),
        ("mon-fri", '"mon-fri" is not a weekly window: write it like "mon-fri 09:00-17:00".'),
        ("mon,wed 09:00-17:00", '"mon,wed 09:00-17:00" is not a weekly window: write it like "mon-fri 09:00-17:00".'),
        ("mon-fry 09:00-17:00", '"mon-fry 09:00-17:00" has no weekday "fry": use mon, tue, wed, thu, fri, sat, sun.'),
        ("mon 09:60-17:00", '"mon 09:60-17:00" has a time that does not exist: times go from 00:00 to 24:00.'),
        ("mon 09:00-24:01", '"mon 09:00-24:01" has a time that does not exist: times go from 00:00 to 24:00.'),
        ("mon 24:00-06:00", '"mon 24:00-06:00" begins at 24:00: write 00:00 of the next day.'),
        ("mon 09:00-09:00", '"mon 09:00-09:00" begins and ends at the same time: write 00:00-24:00 for the whole day.'),
    ],
)
def test_a_wrong_window_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValueError) as refused:
        parse_weekly_window(text)
    assert str(refused.value) == sentence


@given(windows)
def test_every_window_is_written_and_read_back(window):
    assert parse_weekly_window(str(window)) == window


@given(
    st.one_of(
        st.builds(
            NotifyTarget,
            st.sampled_from([kind for kind in TargetKind if kind is not TargetKind.SIDES]),
            st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True),
        ),
        st.sampled_from(SIDES).map(lambda side: NotifyTarget(TargetKind.SIDES, side)),
    )
)
def test_every_target_is_written_and_read_back(target):
    assert parse_target(str(target)) == target


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ada", '"ada" does not say what it is: write schedule:<id>, person:<id> or team:<id>.'),
        ("person:", '"person:" does not say what it is: write schedule:<id>, person:<id> or team:<id>.'),
        ("pager:x", '"pager" cannot be paged: write schedule:<id>, person:<id> or team:<id>.'),
        ("sides:left", '"left" is no side: write sides:both, sides:engineering or sides:operations.'),
    ],
)
def test_a_wrong_target_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValueError) as refused:
        parse_target(text)
    assert str(refused.value) == sentence


@given(schedules(["ada", "lin"], ["payments"]))
def test_a_schedule_goes_through_json_unchanged(schedule):
    assert type(schedule).from_json(schedule.to_json()) == schedule


@given(escalation_policies(["person:ada", "team:payments"]))
def test_a_policy_goes_through_json_unchanged(policy):
    assert type(policy).from_json(policy.to_json()) == policy
