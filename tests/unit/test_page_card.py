"""What a page says to whom, what it offers, and what is left of it when somebody has taken it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.cards import kit
from bot.cards.page import INCIDENTS_SHOWN, page_activity, page_card, summary
from bot.turn import Card
from domain.catalog import Side
from domain.incident import Incident
from domain.paging import Page, PageReason, PageResult, Way
from domain.running_escalation import Escalation, EscalationState
from tests.support.card_text import texts, titles
from tests.support.markdown import read
from tests.support.paging_samples import (
    RUNBOOK,
    burst,
    channel_view,
    drill_view,
    escalation,
    page,
    page_view,
    paged_incident,
    paging,
)
from tests.support.samples import ADA, GRACE, LIN, NOW, acknowledged, ago, entry, incident, person, resolved, view
from usecases.page_view import DrillView, PagedIncident, PageView, still_wanted
from usecases.wording import listed

ACKED = acknowledged(incident(), after=timedelta(minutes=37))


def card_of(shown: PageView | DrillView) -> Card:
    return page_activity(shown)["attachments"][0]["content"]


def taken(shown: Incident = ACKED, **more: Any) -> PagedIncident:
    """Make an incident that nobody has to answer for any more."""
    return paged_incident(shown, wanted=False, **more)


# -- what it says -------------------------------------------------------------------------------------------------


def test_a_page_says_everything_one_needs_to_act() -> None:
    seen = texts(card_of(page_view()))
    for part in (
        "SEV1 Critical",
        "you are paged",
        "INC-12",
        "Checkout is down",
        "**Checkout**, declared 08:40 New York (13:40 UTC) by Ada Lovelace.",
        "You are on call for payments-primary.",
        "Without an answer Lin Wei 林薇 is paged at **09:21 (14:21 UTC)**.",
        f"[Runbook]({RUNBOOK})",
        "Step 1 of 3, round 1 of 3",
    ):
        assert part in seen


def test_a_notification_says_how_bad_it_is_and_what_is_broken() -> None:
    assert page_activity(page_view())["summary"] == "PAGE INC-12 SEV1 Critical: Checkout is down"
    more = page_activity(page_view(paged_incident(), *burst(2)))["summary"]
    assert more == "PAGE INC-12 SEV1 Critical: Checkout is down (and 2 more)"


def test_a_voice_says_who_is_next_too() -> None:
    spoken = card_of(page_view())["speak"]
    assert spoken.startswith("You are paged. INC-12 SEV1 Critical: Checkout is down (investigating).")
    assert spoken.endswith("Without an answer Lin Wei 林薇 is paged at 09:21 (14:21 UTC).")


def test_the_latest_words_stand_on_it() -> None:
    shown = paged_incident(seen=view(incident(), latest=entry(3, text="Rolling <at>back</at>")))
    assert "Rolling &lt;at>back" in texts(card_of(page_view(shown)))


@pytest.mark.parametrize(
    ("more", "asked", "said"),
    [
        ({"target": "schedule:payments-primary"}, {}, "You are on call for payments-primary."),
        ({"target": "person:grace"}, {}, "The escalation policy names you."),
        ({"target": "team:payments"}, {}, "You lead the team payments."),
        ({"target": "sides:operations"}, {}, "the operations side"),
        ({"target": "sides:both"}, {}, "both sides"),
        ({"reason": PageReason.LAST_RESORT, "target": "team:payments"}, {}, "you are the last resort"),
        ({"reason": PageReason.QUIET}, {}, "nothing was written for a while"),
        ({"reason": PageReason.ESCALATED}, {"asked_by": "Ada Lovelace"}, "Ada Lovelace escalated to you."),
        ({"reason": PageReason.ESCALATED}, {}, "Somebody escalated to you."),
        ({}, {"acknowledgements": 2}, "It takes 2 people."),
    ],
)
def test_it_says_why_you(more: dict[str, Any], asked: dict[str, Any], said: str) -> None:
    assert said in texts(card_of(page_view(paged_incident(page=page(**more)), **asked)))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Lin",), "Lin is paged at"),
        (("Lin", "Tom"), "Lin and Tom are paged at"),
        (("A", "B", "C", "D", "E"), "A, B, C and 2 more are paged at"),
        ((), "the next step is paged at"),
    ],
)
def test_it_says_what_happens_without_an_answer(names: tuple[str, ...], said: str) -> None:
    shown = paged_incident(seen=view(incident(), paging=paging(next_names=names)))
    assert f"Without an answer {said}" in texts(card_of(page_view(shown)))


def test_nothing_is_promised_where_nothing_follows() -> None:
    last = paged_incident(seen=view(incident(), paging=paging(next_at=None)))
    assert "Without an answer" not in texts(card_of(page_view(last)))
    by_hand = paged_incident(page=page(reason=PageReason.ESCALATED, escalation_id=None), seen=view(incident()))
    assert "Without an answer in 5 min everybody" in texts(card_of(page_view(by_hand)))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "UTC", "Europe/London"])
def test_times_are_in_the_readers_zone_with_utc_beside(zone: str) -> None:
    seen = texts(card_of(page_view(reader=replace(GRACE, time_zone=zone))))
    assert "13:40 UTC" in seen
    assert ("(13:40 UTC)" in seen) == (zone not in ("UTC", "Europe/London"))


def test_runbooks_are_links_to_the_web_and_nothing_else() -> None:
    several = (
        "https://wiki.example.org/a_(b) *c*",
        "https://two.example",
        "https://three.example",
        "https://four.example",
    )
    odd = ("javascript:alert(1)", *several)
    seen = texts(card_of(page_view(paged_incident(runbooks=odd))))
    assert "javascript" not in seen
    assert "[Runbook 1](https://wiki.example.org/a_%28b%29%20%2Ac%2A)" in seen
    assert "four.example" not in seen


# -- a burst ------------------------------------------------------------------------------------------------------


def test_a_burst_is_one_card_that_names_each_with_severity_and_service() -> None:
    seen = texts(card_of(page_view(paged_incident(), *burst(3))))
    for part in ("On this page too", "SEV2 Major  ·  INC-13  ·  Checkout", "INC-14", "INC-15", "Payments are slow"):
        assert part in seen


def test_a_card_is_about_the_first_that_still_wants_somebody() -> None:
    card = card_of(page_view(taken(), *burst(2)))
    assert "SEV2 Major  ·  you are paged" in texts(card["body"][0])
    assert "INC-12  ·  Checkout  ·  acknowledged" in texts(card)
    assert [a["data"]["incident"] for a in card["actions"]] == [13] * len(card["actions"])
    assert card["actions"][0]["data"]["page"] == 88, "the card is the page's that was sent"
    assert "Acknowledge" in titles(card)


def test_of_a_large_burst_the_rest_is_counted() -> None:
    seen = texts(card_of(page_view(paged_incident(), *burst(INCIDENTS_SHOWN + 7))))
    assert "And 7 more" in seen
    assert seen.count("Payments are slow") == INCIDENTS_SHOWN


# -- what it offers -----------------------------------------------------------------------------------------------


def test_the_likely_button_comes_first_and_none_is_hidden() -> None:
    card = card_of(page_view())
    assert titles(card) == ["Acknowledge", "Escalate", "Bring in Operations", "Show incident"]
    assert [a.get("style") for a in card["actions"]] == ["positive", None, None, None]
    assert not any("mode" in a for a in card["actions"])


def test_a_button_carries_ids_and_the_moment_it_was_drawn() -> None:
    for action in card_of(page_view())["actions"]:
        side = {"side": "operations"} if action["title"].startswith("Bring") else {}
        assert action["data"] == {"page": 88, "incident": 12, "cycle": 0, "drawn_at": NOW.isoformat(), **side}


def test_the_other_side_is_offered_only_where_there_is_one() -> None:
    alone = paged_incident(seen=view(incident(), paging=paging(other_side=None)))
    assert titles(card_of(page_view(alone))) == ["Acknowledge", "Escalate", "Show incident"]
    engineering = paged_incident(seen=view(incident(), paging=paging(other_side=Side.ENGINEERING)))
    assert "Bring in Engineering" in titles(card_of(page_view(engineering)))


# -- afterwards ---------------------------------------------------------------------------------------------------


def test_after_an_acknowledgement_the_button_is_gone_and_it_says_who() -> None:
    shown = page_view(taken())
    seen = texts(card_of(shown))
    assert "**Grace Hopper acknowledged at 09:17 (14:17 UTC).**" in seen
    assert "SEV1 Critical  ·  acknowledged" in seen
    assert "Without an answer" not in seen
    assert "Acknowledge" not in titles(card_of(shown))
    assert summary(shown).startswith("INC-12 SEV1 Critical: Checkout is down.")
    assert not summary(shown).startswith("PAGE")


def test_who_pressed_on_this_page_is_named_before_who_was_first() -> None:
    second = taken(page=page(acknowledged_at=ago(minutes=1)))
    assert "Lin Wei 林薇 acknowledged at 09:17" in texts(card_of(page_view(second, answered_by=LIN.name)))


def test_a_resolved_incident_leaves_only_a_look() -> None:
    over = taken(resolved(incident(), at=ago(minutes=1)))
    card = card_of(page_view(over))
    assert titles(card) == ["Show incident"]
    assert "Resolved at 09:17 (14:17 UTC)." in texts(card)
    assert "Runbook" not in texts(card)


def test_a_page_from_before_a_reopening_says_so() -> None:
    late = taken(incident(cycle=1))
    card = card_of(page_view(late))
    assert "INC-12 was reopened after this page" in texts(card)
    assert titles(card) == ["Show incident"]


def test_a_sentence_for_the_one_who_pressed_stands_on_top() -> None:
    card = page_card(page_view(), GRACE, said="*Paged* Lin.")
    assert "\\*Paged\\* Lin." in texts(card["body"][0])


# -- in a channel -------------------------------------------------------------------------------------------------


def test_in_a_channel_the_lead_is_mentioned_so_that_teams_notifies() -> None:
    card = card_of(channel_view())
    assert card["msteams"]["entities"] == [
        {"type": "mention", "text": "<at>Ada Lovelace</at>", "mentioned": {"id": "29:user-1", "name": "Ada Lovelace"}}
    ]
    assert "<at>Ada Lovelace</at>: Nobody has answered so far" in texts(card)
    assert "Payments is paged" in texts(card)
    assert "declared 13:40 UTC by" in texts(card), "everybody there reads UTC"
    assert "<at" not in card["speak"] + card["fallbackText"]


def test_nobody_is_mentioned_again_when_it_is_over() -> None:
    over = taken(page=page(who=None, way=Way.CHANNEL, team_id="payments", reason=PageReason.LAST_RESORT))
    card = card_of(channel_view(over))
    assert "entities" not in card["msteams"]
    assert "<at" not in texts(card)


def test_a_lead_without_a_teams_account_is_named_without_a_mention() -> None:
    unknown = person(9, "Uma *U*", object_id=None, channel_user_id=None)
    card = card_of(channel_view(reader=unknown))
    assert "entities" not in card["msteams"]
    assert "Uma \\*U\\*: Nobody" in texts(card)
    assert "@" not in texts(card_of(channel_view(reader=None)))


def test_a_name_cannot_end_its_mention() -> None:
    odd = replace(ADA, name="Ada </at> [x](https://e.example) <b>")
    card = card_of(channel_view(reader=odd))
    mark = card["msteams"]["entities"][0]["text"]
    line = next(b["text"] for b in card["body"] if b.get("text", "").startswith("<at>"))
    assert line.startswith(mark)
    assert read(line.removeprefix(mark)).alive == []
    assert mark.count("<") == 2


# -- a drill ------------------------------------------------------------------------------------------------------


def test_a_drill_says_first_that_nothing_is_broken() -> None:
    activity = page_activity(drill_view())
    assert activity["summary"].startswith("DRILL payments-primary: nothing is broken")
    card = activity["attachments"][0]["content"]
    assert titles(card) == ["Acknowledge"]
    assert card["actions"][0]["data"] == {"page": 88, "drawn_at": NOW.isoformat()}
    assert "Ada Lovelace asked for it at 09:16 New York (14:16 UTC)." in texts(card)


def test_an_answered_drill_says_how_long_it_took() -> None:
    shown = drill_view()
    answered = replace(shown, page=replace(shown.page, acknowledged_at=ago(seconds=77)))
    card = card_of(answered)
    assert titles(card) == []
    assert "Answered after 43 s." in texts(card)
    ended = replace(shown, drill=replace(shown.drill, ended_at=NOW))
    assert "The drill has ended" in texts(card_of(ended))


# -- who still wants an answer ------------------------------------------------------------------------------------

BY_HAND = page(reason=PageReason.ESCALATED, escalation_id=None)


@pytest.mark.parametrize(
    ("asked", "about", "run", "wanted"),
    [
        (page(), incident(), escalation(), True),
        (page(result=PageResult.FAILED), incident(), escalation(), True),
        (page(acknowledged_at=NOW), incident(), escalation(), False),
        (page(), resolved(incident()), escalation(), False),
        (page(), incident(cycle=1), escalation(), False),
        (page(), ACKED, escalation(state=EscalationState.ACKNOWLEDGED), False),
        (page(), ACKED, escalation(state=EscalationState.STOPPED), False),
        (page(), ACKED, escalation(), True),
        (page(), incident(), escalation(state=EscalationState.EXHAUSTED), True),
        (BY_HAND, incident(), None, True),
        (BY_HAND, ACKED, None, False),
        (BY_HAND, acknowledged(incident()), None, True),
    ],
    ids=[
        "asked",
        "refused, yet it arrived",
        "answered",
        "resolved",
        "reopened",
        "somebody was faster",
        "another escalation runs",
        "the step wants several people",
        "after all rounds",
        "asked for by name",
        "somebody was faster by hand",
        "asked for after an acknowledgement",
    ],
)
def test_an_answer_counts_while_nobody_was_faster(
    asked: Page, about: Incident, run: Escalation | None, wanted: bool
) -> None:
    assert still_wanted(asked, about, run) is wanted


def test_links_and_rows_of_names_are_written_plainly() -> None:
    assert kit.link("a]b", "https://e.example/") == "[a\\]b](https://e.example/)"
    assert kit.web_address("https://e.example/x)?a=%20&b=ü") == "https://e.example/x%29?a=%20&b=%C3%BC"
    for odd in (
        "ftp://e.example",
        "https:///path",
        "http://[",
        "javascript:alert(1)",
        "",
        f"https://e.example/{'ü' * 400}",
    ):
        assert kit.web_address(odd) is None
    assert listed([]) == ""
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert listed(["A", "B", "C", "D"], most=2) == "A, B and 2 more"
