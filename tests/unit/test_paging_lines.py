"""What a status card says about paging and about the clock."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.cards.incident import status_card
from domain.incident import Incident, Role
from domain.paging import PageResult
from domain.running_escalation import EscalationState
from tests.support.card_text import fact, texts
from tests.support.paging_samples import paged_person, paging
from tests.support.samples import GRACE, LIN, NOW, acknowledged, ago, incident, resolved, view
from usecases.deadlines import Deadlines

NEW = incident()
ACKED = acknowledged(NEW)
LED = replace(ACKED, roles={Role.COMMANDER: GRACE.id})
OVER = resolved(LED)


def test_while_nobody_answers_the_card_says_who_is_paged_and_who_is_next() -> None:
    seen = texts(status_card(view(NEW, paging=paging())))
    assert "Paged: **Grace Hopper** (step 1 of 3), not answered yet  ·  next Lin Wei 林薇 at 14:21 UTC" in seen
    own = texts(status_card(view(NEW, paging=paging(step=2, round=2)), reader=GRACE))
    assert "(step 2 of 3, round 2 of 3)" in own
    assert "at 09:21 (14:21 UTC)" in own


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (PageResult.PENDING, "not delivered yet"),
        (PageResult.SENT, "not answered yet"),
        (PageResult.UNKNOWN, "may not have arrived"),
        (PageResult.HELD, "held back by maintenance"),
    ],
)
def test_how_a_page_goes_is_said_in_words(result: PageResult, said: str) -> None:
    assert f", {said}" in texts(status_card(view(NEW, paging=paging(paged_person(GRACE, result)))))


def test_nobody_is_called_the_last_resort_whose_page_was_only_held_back() -> None:
    held = paging(paged_person(GRACE, PageResult.HELD), step=0)
    assert "last resort" not in texts(status_card(view(NEW, paging=held)))


def test_a_page_that_has_just_gone_out_is_not_called_late() -> None:
    fresh = paged_person(GRACE, PageResult.PENDING, due_at=ago(seconds=30))
    assert "not answered yet" in texts(status_card(view(NEW, paging=paging(fresh))))


def test_somebody_who_is_asked_again_is_waited_for_again() -> None:
    again = paged_person(GRACE, due_at=ago(minutes=1), acknowledged_at=ago(minutes=35))
    asked = paging(again, state=EscalationState.ACKNOWLEDGED, next_at=None)
    assert "Paged: **Grace Hopper**, not answered yet" in texts(status_card(view(ACKED, paging=asked)))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"step": 0, "next_at": None}, "**Nobody answered: last resort paged** (Grace Hopper)"),
        ({"state": EscalationState.EXHAUSTED, "next_at": None}, "⚠ **Nobody has acknowledged after all rounds.**"),
        ({"state": EscalationState.WAITING}, "severity 1 waits for working hours at 14:21 UTC"),
        ({"state": None, "step": 0, "steps": 0, "next_at": None}, "Paged: **Grace Hopper**, not answered yet"),
    ],
    ids=["last resort", "exhausted", "waiting", "by hand"],
)
def test_each_state_of_an_escalation_has_its_sentence(more: dict[str, Any], said: str) -> None:
    assert said in texts(status_card(view(NEW, paging=paging(**more))))


def test_a_step_that_wants_several_people_says_how_many_have_acknowledged() -> None:
    both = paging(
        paged_person(LIN), paged_person(acknowledged_at=ago(minutes=1)), answers=(1, 2), next_names=("Ada Lovelace",)
    )
    assert (
        "Paged: **Lin Wei 林薇** (step 1 of 3), not answered yet  ·  1 of 2 have acknowledged  ·  next Ada Lovelace"
    ) in texts(status_card(view(ACKED, paging=both)))
    assert "1 of 2 have acknowledged" in texts(status_card(view(NEW, paging=both)))


@pytest.mark.parametrize("shown", [NEW, ACKED], ids=["begun again", "acknowledged by one"])
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"step": 0, "answers": (1, 2)}, "**Only 1 of 2 people answered: last resort paged** (Lin Wei 林薇)"),
        ({"step": 0, "answers": (0, 2)}, "**Nobody answered: last resort paged** (Lin Wei 林薇)"),
        (
            {"state": EscalationState.EXHAUSTED, "answers": (1, 2)},
            (
                "⚠ **Only 1 of 2 people have acknowledged after all rounds.** Paged: Lin Wei 林薇. "
                "Press Escalate to page again."
            ),
        ),
        ({"state": EscalationState.EXHAUSTED, "answers": (0, 2)}, "⚠ **Nobody has acknowledged after all rounds.**"),
    ],
    ids=["last resort", "last resort, nobody", "exhausted", "exhausted, nobody"],
)
def test_behind_the_rounds_it_is_said_how_many_are_missing(shown: Incident, more: dict[str, Any], said: str) -> None:
    early = ago(minutes=45)
    both = (paged_person(LIN, due_at=early), paged_person(due_at=early, acknowledged_at=ago(minutes=40)))
    seen = texts(status_card(view(shown, paging=paging(*both, next_at=None, **more))))
    assert said in seen
    assert " of 2 have acknowledged" not in seen


def test_a_policy_that_reached_nobody_is_not_called_unanswered() -> None:
    empty = paging(state=EscalationState.EXHAUSTED, next_at=None, policy="pay*ments", reached=False)
    said = "⚠ **Nobody could be paged:** pay\\*ments reaches nobody now. Press Escalate and choose somebody."
    assert said in texts(status_card(view(NEW, paging=replace(empty, people=()))))
    # Somebody was asked for by name all the same.
    assert said.replace(" Press", " Paged: Grace Hopper. Press") in texts(status_card(view(NEW, paging=empty)))


def test_what_was_put_off_until_working_hours_names_who_was_paged_before() -> None:
    waits = paging(state=EscalationState.WAITING, step=0)
    assert (
        "Nobody else is paged yet: severity 1 waits for working hours at 14:21 UTC. Paged so far: Grace Hopper."
    ) in texts(status_card(view(NEW, paging=waits)))


def test_an_escalation_that_has_paged_nobody_yet_says_who_is_next() -> None:
    empty = replace(paging(), people=())
    assert "next Lin Wei 林薇 at 14:21 UTC" in texts(status_card(view(NEW, paging=empty)))
    assert "Nobody has been paged yet" in texts(status_card(view(NEW, paging=replace(empty, next_at=None))))


def test_whoever_could_not_be_paged_is_named_with_the_reason() -> None:
    refused = paged_person(LIN, PageResult.FAILED, detail="the *person* has blocked the bot (403)")
    for case in (NEW, LED):
        card = status_card(view(case, paging=paging(paged_person(), refused)))
        assert "⚠ **Lin Wei 林薇 could not be paged**: the \\*person\\* has blocked the bot (403)" in texts(card)
    assert (
        "Lin Wei"
        not in texts(status_card(view(NEW, paging=paging(refused, paged_person(), next_at=None)))).split("⚠")[0]
    )
    assert "could not" not in texts(status_card(view(OVER, paging=paging(refused))))


def test_once_somebody_has_it_who_was_paged_is_one_line() -> None:
    done = paging(
        paged_person(LIN),
        paged_person(acknowledged_at=ago(minutes=1)),
        state=EscalationState.ACKNOWLEDGED,
        next_at=None,
    )
    card = status_card(view(ACKED, paging=replace(done, people=done.people[1:])))
    assert fact(card, "Paged") == "Grace Hopper"
    assert "not answered yet" not in texts(card)
    assert fact(status_card(view(OVER, paging=done)), "Paged") == "Lin Wei 林薇 and Grace Hopper"


def test_somebody_asked_for_after_the_acknowledgement_is_waited_for() -> None:
    asked = paging(
        paged_person(LIN, due_at=ago(minutes=1)),
        paged_person(acknowledged_at=ago(minutes=35), due_at=ago(minutes=38)),
        state=EscalationState.ACKNOWLEDGED,
        step=0,
        next_at=None,
    )
    assert "Paged: **Lin Wei 林薇**, not answered yet" in texts(status_card(view(ACKED, paging=asked)))


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(minutes=72), "1 h 12 min left, until 15:30 UTC"),
        (timedelta(seconds=30), "30 s left, until 14:18 UTC"),
        (-timedelta(minutes=20), "⚠ **missed by 20 min**"),
    ],
)
def test_the_clock_says_what_is_left_of_the_target(left: timedelta, said: str) -> None:
    shown = view(LED, deadlines=Deadlines(resolve_by=NOW + left, update_by=None))
    assert fact(status_card(shown), "Target") == said
    assert fact(status_card(shown), "Update") is None


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(8, "due 14:26 UTC"), (0, "⚠ **overdue since 14:18 UTC**"), (-8, "⚠ **overdue since 14:10 UTC**")],
)
def test_the_clock_says_when_an_update_is_due(minutes: int, said: str) -> None:
    by = NOW + timedelta(minutes=minutes)
    shown = view(LED, deadlines=Deadlines(resolve_by=NOW + timedelta(hours=1), update_by=by))
    assert fact(status_card(shown), "Update") == said


def test_a_resolved_incident_has_no_clock() -> None:
    assert fact(status_card(view(OVER)), "Target") is None
