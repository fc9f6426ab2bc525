"""A page from the declaration to the last press: real store, real work, real cards; only Teams is a list."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.transport.outcomes import Refused
from domain.escalation import EscalationPolicy, parse_target
from domain.paging import PageResult
from tests.support.card_text import fact, texts, titles
from tests.usecases.conftest import Desk
from tests.usecases.pager import EMULATOR, Pager, step

GROUP = "19:chat@thread.v2"
BLOCKED = Refused(403, "ConversationBlockedByUser", "blocked")


@pytest.fixture
async def pager(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Pager:
    def time() -> float:
        """Tell when a card was drawn: real time elsewhere, here the desk's, as the lanes have it."""
        return desk.now.timestamp()

    monkeypatch.setattr("bot.notifier.time", SimpleNamespace(time=time))
    made = Pager(desk)
    await made.organise()
    return made


# -- being paged --------------------------------------------------------------------------------------------------


async def test_a_declaration_reaches_whoever_is_on_call_with_everything_to_act(pager: Pager) -> None:
    await pager.declare()
    (sent,) = pager.teams.of(pager.desk.grace, "post")
    assert sent["summary"] == "PAGE INC-1 SEV1 Critical: Checkout is down"
    assert sent["channelData"] == {"notification": {"alert": True}}
    card = pager.card(pager.desk.grace)
    for part in (
        "**Checkout**, declared 09:18 New York (14:18 UTC) by Ada Lovelace.",
        "You are on call for payments-primary.",
        "Without an answer Lin Wei 林薇 is paged at **09:23 (14:23 UTC)**.",
        "[Runbook](https://wiki.example.org/checkout)",
        "Step 1 of 2, round 1 of 1",
    ):
        assert part in texts(card)
    assert titles(card) == ["Acknowledge", "Escalate", "Bring in Operations", "Show incident"]
    (page,) = await pager.pages()
    assert (page.result, page.activity_id is not None) == (PageResult.SENT, True)


async def test_somebody_who_has_never_spoken_to_the_bot_is_reached_at_the_first_address(pager: Pager) -> None:
    await pager.desk.declare(services=("checkout",))
    await pager.settle()
    opened = [where for way, where, _ in pager.teams.calls if way == "open"]
    assert opened == [EMULATOR]
    assert pager.teams.of(pager.desk.grace, "post")


async def test_the_status_card_says_who_is_paged(pager: Pager) -> None:
    await pager.declare()
    assert "Paged: **Grace Hopper** (step 1 of 2), not answered yet  ·  next Lin Wei 林薇 at 14:23 UTC" in texts(
        pager.card(GROUP)
    )
    assert fact(pager.card(GROUP), "Target") == "2 h left, until 16:18 UTC"
    pager.desk.later(minutes=1)
    await pager.bot.say("note INC-1 looking")
    await pager.settle()
    assert fact(pager.card(GROUP), "Target") == "1 h 59 min left, until 16:18 UTC"


async def test_a_page_that_is_refused_is_said_on_the_card_and_the_next_one_goes_out(pager: Pager) -> None:
    pager.teams.refuses[f"a:{pager.desk.grace.object_id}"] = BLOCKED
    await pager.declare()
    await pager.passes(seconds=10)
    assert (await pager.pages())[0].result is PageResult.FAILED
    assert pager.teams.of(pager.desk.lin, "post")
    seen = texts(pager.card(GROUP))
    assert "⚠ **Grace Hopper could not be paged**: the person has blocked the bot (403)" in seen
    assert "Paged: **Lin Wei 林薇**" in seen


async def test_the_last_resort_is_posted_in_the_channel_and_mentions_the_lead(pager: Pager) -> None:
    await pager.declare()
    await pager.passes(minutes=11)
    card = pager.card("19:payments@thread.tacv2")
    assert card["msteams"]["entities"][0]["mentioned"]["name"] == "Ada Lovelace"
    assert "Nobody has answered so far" in texts(card)
    assert "you are the last resort" in texts(pager.card(pager.desk.ada))
    assert "**Nobody answered: last resort paged**" in texts(pager.card(GROUP))
    await pager.passes(minutes=10)
    assert "⚠ **Nobody has acknowledged after all rounds.**" in texts(pager.card(GROUP))


async def test_nobody_is_paged_for_what_was_acknowledged_before_it_went_out(pager: Pager) -> None:
    await pager.bot.say("declare Checkout is down sev1 service:checkout")
    await pager._work()
    await pager.bot.say("ack INC-1", who=3)
    await pager.settle()
    assert pager.teams.of(pager.desk.grace) == []
    assert (await pager.pages())[0].result is PageResult.NOT_NEEDED


# -- answering ----------------------------------------------------------------------------------------------------


async def test_acknowledging_on_the_page_stops_it_everywhere(pager: Pager) -> None:
    await pager.declare()
    await pager.passes(minutes=6)
    shown = await pager.press(pager.desk.lin, "Acknowledge")
    assert "Lin Wei 林薇 acknowledged at 19:54 (14:24 UTC)." in texts(shown)
    assert titles(shown) == ["Escalate", "Show incident"], "both sides were paged"
    case = await pager.desk.incident(1)
    assert case.acknowledged_by == pager.desk.lin.id
    assert "Acknowledge" not in titles(pager.card(pager.desk.grace))
    assert "Lin Wei 林薇 acknowledged at 09:24 (14:24 UTC)." in texts(pager.card(pager.desk.grace))
    assert pager.sentences(pager.desk.grace) == ["Lin Wei 林薇 acknowledged INC-1. You need not do anything."]
    await pager.passes(hours=1)
    assert len(await pager.pages()) == 2, "nobody else is paged"


async def test_the_same_press_twice_is_one_acknowledgement_and_the_same_answer(pager: Pager) -> None:
    await pager.declare()
    card = pager.card(pager.desk.grace)
    first = await pager.press(pager.desk.grace, "Acknowledge", card)
    version = (await pager.desk.incident(1)).version
    again = await pager.press(pager.desk.grace, "Acknowledge", card)
    assert first["body"] == again["body"]
    assert (await pager.desk.incident(1)).version == version
    kinds = [str(e.kind) for e in await pager.desk.story(1)]
    assert kinds.count("acknowledged") == 1


async def test_whoever_is_late_hears_who_was_faster(pager: Pager) -> None:
    await pager.declare()
    card = pager.card(pager.desk.grace)
    await pager.bot.say("ack INC-1", who=3)
    pager.desk.later(minutes=1)
    shown = await pager.press(pager.desk.grace, "Acknowledge", card)
    assert "Lin Wei 林薇 acknowledged" in texts(shown["body"][0])
    assert "Acknowledge" not in titles(shown)
    assert (await pager.desk.incident(1)).acknowledged_by == pager.desk.lin.id


async def test_a_page_from_before_a_reopening_changes_nothing(pager: Pager) -> None:
    await pager.declare()
    card = pager.card(pager.desk.grace)
    await pager.bot.say("resolve INC-1")
    await pager.bot.say("reopen INC-1 it is back")
    for title in ("Acknowledge", "Escalate", "Bring in Operations"):
        shown = await pager.press(pager.desk.grace, title, card)
        assert "reopened" in texts(shown["body"][0])
    assert (await pager.desk.incident(1)).acknowledged_at is None


async def test_anybody_in_the_channel_can_take_it(pager: Pager) -> None:
    await pager.declare()
    await pager.passes(minutes=11)
    shown = await pager.press(pager.desk.grace, "Acknowledge", pager.card("19:payments@thread.tacv2"))
    assert "Grace Hopper acknowledged at" in texts(shown)
    assert "Acknowledge" not in titles(pager.card("19:payments@thread.tacv2"))


async def test_a_step_that_wants_two_goes_on_until_both_have_answered(pager: Pager) -> None:
    both = step("schedule:payments-primary", "schedule:it-ops-primary", acknowledgements=2)
    await pager.policy(EscalationPolicy(id="both", steps=(both,), last_resort=parse_target("person:ada")))
    await pager.declare()
    shown = await pager.press(pager.desk.grace, "Acknowledge")
    assert "Grace Hopper acknowledged" in texts(shown)
    assert "Acknowledge" in titles(pager.card(pager.desk.lin))
    assert "It takes 2 people." in texts(pager.card(pager.desk.lin))
    await pager.passes(seconds=2)
    assert "Paged: **Lin Wei 林薇**" in texts(pager.card(GROUP))
    pager.desk.later(minutes=1)
    await pager.press(pager.desk.lin, "Acknowledge")
    assert "Acknowledge" not in titles(pager.card(pager.desk.lin))
    await pager.passes(minutes=10)
    assert pager.teams.of(pager.desk.ada) == []


# -- a burst ------------------------------------------------------------------------------------------------------


async def test_a_burst_is_one_message_and_one_press_takes_all_of_it(pager: Pager) -> None:
    await pager.declare()
    await pager.declare("Payments are slow", severity=2)
    assert len(pager.teams.of(pager.desk.grace, "post")) == 1
    card = pager.card(pager.desk.grace)
    assert "▲ SEV2 Major  ·  INC-2  ·  Checkout" in texts(card)
    assert [p.result for p in await pager.pages(2)] == [PageResult.SENT]
    await pager.press(pager.desk.grace, "Acknowledge")
    for number in (1, 2):
        assert (await pager.desk.incident(number)).acknowledged_by == pager.desk.grace.id
    assert "Acknowledge" not in titles(pager.card(pager.desk.grace))


async def test_what_is_left_of_a_burst_can_still_be_answered(pager: Pager) -> None:
    await pager.declare()
    await pager.declare("Payments are slow", severity=2)
    await pager.bot.say("resolve INC-1")
    await pager.settle()
    card = pager.card(pager.desk.grace)
    assert "▲ SEV2 Major  ·  you are paged" in texts(card["body"][0])
    await pager.press(pager.desk.grace, "Acknowledge")
    assert (await pager.desk.incident(2)).acknowledged_by == pager.desk.grace.id


async def test_a_page_for_a_card_that_teams_has_lost_comes_on_a_new_one(pager: Pager) -> None:
    grace = pager.desk.grace
    lost = f"put a:{grace.object_id}"
    await pager.declare()
    pager.teams.refuses[lost] = Refused(404, "ActivityNotFoundInConversation", "")
    await pager.declare("Payments are slow")
    (late,) = await pager.pages(2)
    assert (late.result, late.sent_at) == (PageResult.SENT, pager.desk.now)
    first, anew = pager.teams.of(grace, "post")
    assert "Payments are slow" not in str(first)
    assert "Payments are slow" in str(anew)
    await pager.passes(seconds=10)
    await pager.declare("Refunds fail")  # the new card is lost too
    assert len(pager.teams.of(grace, "post")) == 3
    await pager.passes(seconds=10)
    del pager.teams.refuses[lost]
    await pager.press(grace, "Acknowledge")
    for number in (1, 2, 3):
        assert (await pager.desk.incident(number)).acknowledged_by == grace.id
    assert "Acknowledge" not in titles(pager.card(grace))


async def test_a_card_that_teams_has_lost_with_nothing_new_on_it_stays_lost(pager: Pager) -> None:
    grace = pager.desk.grace
    await pager.declare()
    pager.teams.refuses[f"put a:{grace.object_id}"] = Refused(404, "ActivityNotFoundInConversation", "")
    await pager.bot.say("ack INC-1")
    await pager.settle()
    assert len([shown for shown in pager.teams.of(grace, "post") if shown.get("attachments")]) == 1


async def test_one_press_hands_on_the_whole_burst(pager: Pager) -> None:
    await pager.declare()
    await pager.declare("Payments are slow", severity=2)
    await pager.press(pager.desk.grace, "Escalate")
    for number in (1, 2):
        assert [p.person_id for p in await pager.pages(number)] == [pager.desk.grace.id, pager.desk.lin.id]


# -- handing on ---------------------------------------------------------------------------------------------------


async def test_escalate_on_the_page_pages_the_next_step_at_once(pager: Pager) -> None:
    await pager.declare()
    shown = await pager.press(pager.desk.grace, "Escalate")
    assert "I paged Lin Wei 林薇 (step 2)." in texts(shown["body"][0])
    assert pager.teams.of(pager.desk.lin, "post")
    story = await pager.desk.story(1)
    assert (str(story[-1].kind), story[-1].actor) == ("escalated", pager.desk.grace.id)


async def test_one_press_is_one_step_however_late_it_comes(pager: Pager) -> None:
    await pager.declare()
    card = pager.card(pager.desk.grace)
    await pager.passes(minutes=6)
    shown = await pager.press(pager.desk.grace, "Escalate", card)
    assert "Lin Wei 林薇 was paged for INC-1 at 14:23 UTC meanwhile. Press again to go further." in texts(shown)
    assert len(await pager.pages()) == 2
    again = await pager.press(pager.desk.grace, "Escalate", {**shown, "actions": shown["actions"]})
    assert "last resort" in texts(again["body"][0])


async def test_the_same_press_of_escalate_twice_is_one_step(pager: Pager) -> None:
    await pager.declare()
    card = pager.card(pager.desk.grace)
    await pager.press(pager.desk.grace, "Escalate", card)
    await pager.press(pager.desk.grace, "Escalate", card)
    assert len(await pager.pages()) == 2


async def test_the_other_side_is_brought_in_with_one_press(pager: Pager) -> None:
    await pager.declare()
    shown = await pager.press(pager.desk.grace, "Bring in Operations")
    assert "I paged Lin Wei 林薇." in texts(shown["body"][0])
    assert "Bring in Operations" not in titles(shown)
    card = pager.card(pager.desk.lin)
    assert "Grace Hopper escalated to you." in texts(card)
    assert "You are on call for the operations side of its services." in texts(card)
    assert "Acknowledge" in titles(shown), "it is still nobody's"


async def test_the_status_card_brings_the_other_side_in_too(pager: Pager) -> None:
    await pager.declare()
    await pager.press(pager.desk.grace, "Acknowledge")
    await pager.bot.say("assign INC-1 commander @me")
    pager.desk.later(seconds=5)
    await pager.settle()
    shown = await pager.press(pager.desk.grace, "Bring in Operations", pager.card(GROUP))
    assert "I paged Lin Wei 林薇." in texts(shown["body"][0])
    assert "Paged: **Lin Wei 林薇**, " in texts(shown)
    assert "Bring in Operations" not in titles(shown)


async def test_show_incident_shows_the_status_card_to_the_one_who_asked(pager: Pager) -> None:
    await pager.declare()
    shown = await pager.press(pager.desk.grace, "Show incident")
    assert "Take command" in titles(shown)
    assert "New York" in texts(shown)
    assert len(pager.teams.of(pager.desk.grace)) == 1, "nothing is posted"


# -- odd presses --------------------------------------------------------------------------------------------------

VERBS = ("page.ack", "page.escalate", "page.bring_in", "page.show", "page.view")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"page": "1"},
        {"page": True},
        {"page": 0},
        {"page": 77},
        {"page": 2**31},
        {"page": [1]},
    ],
    ids=repr,
)
async def test_a_card_that_is_not_ours_is_answered_in_a_sentence(pager: Pager, verb: str, data: dict[str, Any]) -> None:
    await pager.declare()
    answer = await pager.bot.press(verb, {**data, "incident": 1, "side": "operations"})
    assert answer["type"].endswith("activity.message")
    assert "page" in answer["value"]
    assert (await pager.desk.incident(1)).acknowledged_at is None


@pytest.mark.parametrize("verb", ["page.escalate", "page.bring_in", "page.show"])
async def test_a_button_that_names_another_incident_does_nothing(pager: Pager, verb: str) -> None:
    await pager.declare()
    await pager.desk.declare("Secret")
    (page,) = await pager.pages()
    answer = await pager.bot.press(verb, {"page": page.id, "incident": 2, "cycle": 0, "side": "operations"})
    assert "does not fit its page" in str(answer["value"])
    assert "Secret" not in str(answer)
    assert len(await pager.pages()) == 1


async def test_a_refusal_comes_with_the_page_as_it_is(pager: Pager) -> None:
    await pager.declare()
    card = pager.card(pager.desk.grace)
    await pager.bot.say("resolve INC-1")
    shown = await pager.press(pager.desk.grace, "Escalate", card)
    assert "INC-1 is resolved" in texts(shown["body"][0])
    assert titles(shown) == ["Show incident"]


@pytest.mark.parametrize("drawn", [None, "x", 7, "2026-11-23T14:18:00"])
async def test_a_button_without_its_moment_still_escalates(pager: Pager, drawn: object) -> None:
    await pager.declare()
    (page,) = await pager.pages()
    await pager.bot.press("page.escalate", {"page": page.id, "incident": 1, "cycle": 0, "drawn_at": drawn})
    assert len(await pager.pages()) == 2


# -- drills -------------------------------------------------------------------------------------------------------


async def test_a_drill_pages_harmlessly_and_tells_how_long_it_took(pager: Pager) -> None:
    await pager.bot.say("drill payments-primary")
    await pager.settle()
    card = pager.card(pager.desk.grace)
    assert "This is only a drill" in texts(card)
    pager.desk.later(seconds=43)
    shown = await pager.press(pager.desk.grace, "Acknowledge")
    assert "Answered after 43 s." in texts(shown)
    assert titles(shown) == []
    assert any("Grace Hopper acknowledged after 43 s" in said for said in pager.sentences(GROUP))
    assert await pager.desk.see(lambda s: s.incidents.get(1)) is None


async def test_a_drill_is_answered_by_nobody_else(pager: Pager) -> None:
    await pager.bot.say("drill payments-primary")
    await pager.settle()
    shown = await pager.press(pager.desk.lin, "Acknowledge", pager.card(pager.desk.grace))
    assert "pages somebody else" in texts(shown["body"][0])
    assert "This is only a drill" in texts(shown)
