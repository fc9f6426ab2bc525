"""The rules of planned care: when it is due, when somebody is reminded, and what becomes of each time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import care as steps
from domain.care import CareState, CareTask, Evidence, Occurrence, Proof
from domain.errors import Refused
from domain.oncall import parse_weekly_window
from domain.recurrence import Recurrence

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
OFFICE = (parse_weekly_window("mon-fri 09:00-17:00"),)


def rhythm(count: int = 1, unit: str = "weeks", *, day: int = 2, zone: str = "Europe/London") -> Recurrence:
    """Make one that begins on a day of March 2026 at 17:00; Monday is the 2nd, the clocks in London change on the 29th."""
    return Recurrence.from_words(count, unit, datetime(2026, 3, day, 17), zone)  # noqa: DTZ001 - a wall clock


def task(**more: object) -> CareTask:
    made = CareTask(id=1, title="Restore test", team="payments", rhythm=rhythm(), made_by=1, made_at=NOW)
    return replace(made, **more)  # type: ignore[arg-type]


def due(*parts: int) -> Occurrence:
    return Occurrence(id=5, task=1, due_at=datetime(*parts, tzinfo=UTC))


def test_it_keeps_its_hour_when_the_clocks_change() -> None:
    before = due(2026, 3, 23, 17)
    after = steps.following(task(), before)
    assert after is not None
    assert after.due_at == datetime(2026, 3, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "beats", "reminded"),
    [
        (datetime(2026, 3, 4, 17, tzinfo=UTC), rhythm(day=4), datetime(2026, 3, 3, 9, tzinfo=UTC)),
        (datetime(2026, 3, 2, 17, tzinfo=UTC), rhythm(), datetime(2026, 2, 27, 9, tzinfo=UTC)),
        (datetime(2026, 3, 30, 16, tzinfo=UTC), rhythm(), datetime(2026, 3, 27, 9, tzinfo=UTC)),
        (datetime(2026, 3, 5, 17, tzinfo=UTC), rhythm(1, "days"), datetime(2026, 3, 5, 9, tzinfo=UTC)),
        (datetime(2026, 3, 7, 17, tzinfo=UTC), rhythm(1, "days"), datetime(2026, 3, 7, 9, tzinfo=UTC)),
    ],
    ids=["midweek", "monday", "after-the-clocks-changed", "daily", "daily-at-the-weekend"],
)
def test_the_reminder_comes_on_the_working_day_before(when: datetime, beats: Recurrence, reminded: datetime) -> None:
    assert steps.remind_at(beats, when, OFFICE) == reminded


def test_a_team_that_never_works_is_reminded_all_the_same() -> None:
    assert steps.remind_at(rhythm(), datetime(2026, 3, 9, 17, tzinfo=UTC), ()) == datetime(2026, 3, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize("kind", [*Evidence, None])
def test_only_the_evidence_that_is_wanted_counts(kind: Evidence | None) -> None:
    shown = {
        Evidence.NOTE: Proof(note="ok"),
        Evidence.LINK: Proof(link="https://e.example"),
        Evidence.NUMBER: Proof(number=0),
    }
    wanted = task(evidence=kind)
    for given_, proof in shown.items():
        if kind in (None, given_):
            assert steps.finish(wanted, due(2026, 3, 2, 17), 1, proof, NOW) is not None
        else:
            with pytest.raises(Refused, match=f"wants a {kind}"):
                steps.finish(wanted, due(2026, 3, 2, 17), 1, proof, NOW)


def test_what_is_over_cannot_be_done_and_what_is_done_is_done_once() -> None:
    skipped = steps.skip(due(2026, 3, 2, 17), 1, "no", NOW)
    assert skipped is not None
    with pytest.raises(Refused, match="skipped already"):
        steps.finish(task(), skipped, 1, Proof(), NOW)
    assert steps.skip(skipped, 2, "again", NOW) is None
    done = steps.finish(task(), due(2026, 3, 2, 17), 1, Proof(), NOW)
    assert done is not None
    assert steps.finish(task(), done, 2, Proof(note="me"), NOW) is None
    with pytest.raises(Refused, match="done already"):
        steps.skip(done, 1, "no", NOW)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 1_001])
def test_skipping_wants_a_reason_of_some_length(reason: str) -> None:
    with pytest.raises(Refused):
        steps.skip(due(2026, 3, 2, 17), 1, reason, NOW)


def test_only_somebody_else_signs_off_and_only_what_waits() -> None:
    wanted = task(sign_off=True)
    done = steps.finish(wanted, due(2026, 3, 2, 17), 1, Proof(), NOW)
    assert done is not None
    with pytest.raises(Refused, match="You did it yourself"):
        steps.sign_off(wanted, done, 1, NOW)
    with pytest.raises(Refused, match="Nothing waits"):
        steps.sign_off(task(), done, 2, NOW)
    with pytest.raises(Refused, match="Nothing waits"):
        steps.sign_off(wanted, due(2026, 3, 2, 17), 2, NOW)
    signed = steps.sign_off(wanted, done, 2, NOW)
    assert signed is not None
    assert steps.sign_off(wanted, signed, 1, NOW) is None


def test_stopped_before_it_was_due_it_is_dropped_and_afterwards_missed() -> None:
    assert steps.dropped(due(2026, 3, 2, 17), 1, NOW).state is CareState.DROPPED
    assert steps.dropped(due(2026, 3, 2, 7), 1, NOW).state is CareState.MISSED


@pytest.mark.parametrize(("text", "hours"), [("", 0), ("2", 2), (" 1,5 ", 1.5), ("0.25", 0.25), ("200", 200)])
def test_hours_are_read_as_people_write_them(text: str, hours: float) -> None:
    assert steps.checked_hours(text) == hours


@pytest.mark.parametrize("text", ["-1", "201", "nan", "inf", "1e9", "two", "1.2.3", "٣h"])
def test_what_is_no_number_of_hours_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        steps.checked_hours(text)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "ftp://e.example", "https://", "http://[", "e.example", "https://e .x"]
)
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        steps.checked_link(text)


_ACTS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["wait", "done", "skip"])), max_size=25)
_RHYTHMS = st.sampled_from(
    [rhythm(1, "days"), rhythm(), rhythm(2, "weeks"), rhythm(1, "months", day=31), rhythm(3, "days")]
)


@given(_RHYTHMS, _ACTS)
def test_whatever_happens_each_moment_is_one_time_and_exactly_one_is_open(
    beats: Recurrence, acts: Sequence[tuple[int, str]]
) -> None:
    now, one = NOW, task(rhythm=beats)
    open_, closed = steps.first(one, now), list[Occurrence]()
    for days, act in acts:
        now += timedelta(days=days, hours=days % 24)
        passed = steps.rolled(one, open_, now)
        if passed is not None:
            closed += passed.missed
            one, open_ = steps.after(one, *passed.missed), passed.open
        assert steps.rolled(one, open_, now) is None
        ended = (
            None
            if act == "wait"
            else steps.finish(one, open_, 1, Proof(), now)
            if act == "done"
            else steps.skip(open_, 1, "no", now)
        )
        if ended is not None:
            closed.append(ended)
            one = steps.after(one, ended)
            following = steps.following(one, ended)
            assert following is not None
            open_ = following
        moments = [each.due_at for each in closed]
        assert moments == beats.between(NOW, open_.due_at), "no moment is left out, none comes twice"
        assert open_.is_open
        assert not any(each.is_open for each in closed)
        trailing = [each.state for each in reversed(closed)]
        run = next((n for n, state in enumerate(trailing) if state is not CareState.MISSED), len(trailing))
        assert one.missed == run
