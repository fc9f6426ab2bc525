from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import action as steps
from domain.action import REMINDED_ON, Action, ActionKind, ActionState
from domain.errors import Refused

NOW = datetime(2026, 11, 23, 14, 18, tzinfo=UTC)
DUE = date(2026, 12, 4)
OPEN = Action(id=3, title="Alert", kind=ActionKind.DETECT, owner=2, due_on=DUE, made_by=1, made_at=NOW)
STEPS = ("finish", "drop", "reopen", "move", "hand_over")


def step(action: Action, name: str, again: int = 0) -> Action | None:
    """Take one step; `again` makes days and people differ."""
    match name:
        case "finish":
            return steps.finish(action, "done", by=2, at=NOW)
        case "drop":
            return steps.drop(action, "no use", by=2, at=NOW)
        case "reopen":
            return steps.reopen(action)
        case "move":
            return steps.move(action, DUE + timedelta(days=again), NOW.date())
        case _:
            return steps.hand_over(action, 2 + again)


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), max_size=12))
def test_whatever_people_press_it_is_open_or_closed_by_somebody_and_a_second_press_changes_nothing(
    presses: list[tuple[str, int]],
) -> None:
    action = OPEN
    for name, again in presses:
        try:
            after = step(action, name, again)
        except Refused:
            assert not action.is_open
            continue
        if after is None:
            continue
        assert after.version == action.version + 1
        assert after.is_open == (after.closed_at is None) == (after.closed_by is None)
        assert (after.plan > action.plan) == (
            (after.owner, after.due_on, after.state) != (action.owner, action.due_on, action.state)
        )
        assert step(after, name, again) is None
        action = after


def test_it_is_overdue_when_its_day_is_over_and_only_while_it_is_open() -> None:
    assert not OPEN.is_overdue(DUE)
    assert OPEN.is_overdue(DUE + timedelta(days=1))
    assert not replace(OPEN, state=ActionState.DONE).is_overdue(DUE + timedelta(days=1))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: steps.checked_title(" \n "), "Say in a few words"),
        (lambda: steps.checked_title("x" * 201), "200 is the most"),
        (lambda: steps.checked_due(date(2026, 11, 22), NOW.date()), "2026-11-22 is over. Choose a day from 2026-11-23"),
        (lambda: steps.checked_due(date.max, NOW.date()), "too far away"),
        (lambda: steps.checked_words("x" * 2_001, ""), "2000 is the most"),
        (lambda: steps.drop(OPEN, " ", by=1, at=NOW), "Say why"),
        (lambda: steps.move(replace(OPEN, state=ActionState.DONE), DUE, NOW.date()), "`actions reopen 3`"),
        (lambda: steps.finish(replace(OPEN, state=ActionState.DROPPED), "", by=1, at=NOW), "is dropped"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(call: object, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("zone", ["Europe/London", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia"])
def test_reminders_come_at_nine_on_the_owners_clock_on_both_sides_of_a_clock_change(zone: str) -> None:
    action, moment = replace(OPEN, due_on=date(2027, 3, 28)), NOW
    found: list[tuple[int, date, int]] = []
    while (following := steps.reminder_after(action, zone, moment)) is not None:
        index, moment = following
        local = moment.astimezone(steps.ZoneInfo(zone))
        found.append((index, local.date(), local.hour))
    assert found == [(i, action.due_on + timedelta(days=days), 9) for i, days in enumerate(REMINDED_ON)]
