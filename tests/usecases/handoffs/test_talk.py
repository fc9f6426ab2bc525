"""Whole turns about handoffs: the command, the buttons and the forms, from a verified activity to the answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.letters import handoff
from bot.registry import COMMANDS, VERBS, by_name, by_word
from bot.router import Router
from bot.transport.inbound import Accepted, Inbound, InvokeAnswer
from dialogs.registry import FORMS
from dialogs.registry import VERBS as FORM_VERBS
from domain.handoff import HandoffState
from domain.oncall import HandoffRule
from storage.database import Database
from storage.tables import outbox_message
from tests.support.handoff_desk import MINUTE, MONDAY, HandoffDesk, Watch, rotation, weekly
from tests.support.samples import SERVICE_URL, TENANT
from usecases import handoffs

Json = dict[str, Any]


class Talk:
    """Acts as people: each in their 1:1 chat, or in a channel."""

    def __init__(self, desk: HandoffDesk) -> None:
        self.desk, self.count = desk, 0
        self.router = Router(
            database=desk.db,
            clock=Watch(desk),
            commands=by_word(COMMANDS),
            verbs=by_name((*VERBS, *FORM_VERBS)),
            forms=FORMS,
            members_of=nobody,
        )

    def inbound(self, who: str, kind: Any = "message", **more: Any) -> Inbound:
        self.count += 1
        person = self.desk.people[who]
        given: Json = {
            "kind": kind,
            "activity_id": f"a{self.count}",
            "name": "adaptiveCard/action" if kind == "invoke" else "",
            "tenant_id": TENANT,
            "service_url": SERVICE_URL,
            "conversation_id": self.desk.chat(person).conversation_id,
            "conversation_kind": "personal",
            "channel_id": None,
            "team_id": None,
            "aad_group_id": None,
            "sender_id": f"29:{who}",
            "sender_object_id": person.object_id,
            "sender_name": person.name,
            "sender_tenant_id": TENANT,
            "sender_is_guest": False,
            "bot_id": "28:bot",
            "bot_name": "Incident",
            "reply_to_id": "card-1" if kind == "invoke" else None,
            "private": False,
            "time_zone": person.time_zone,
            "locale": "en-GB",
            "text": "",
            "mentions": (),
            "value": {},
            "raw": {},
        }
        return Inbound(**{**given, **more})

    async def say(self, who: str, text: str, **more: Any) -> Json:
        """Write something; gives the answer."""
        said = self.inbound(who, text=text, **more)
        assert await self.router.turn(said) == Accepted()

        def look(store: Any) -> Json:
            rows = store.connection.execute(select(outbox_message).order_by(outbox_message.c.id)).all()
            return [row.payload["activity"] for row in rows if row.payload["do"] == "post"][-1]

        return await self.desk.see(look)

    async def press(self, who: str, card: Json, title: str, **typed: Any) -> Json:
        """Press a button of a card, with what was typed into it; gives the body of the answer."""
        button = next(action for action in card["actions"] if action["title"] == title)
        return await self.verb(who, button["verb"], {**button["data"], **typed})

    async def verb(self, who: str, verb: str, data: Json) -> Json:
        pressed = self.inbound(who, "invoke", value={"action": {"verb": verb, "data": data}})
        answer = await self.router.turn(pressed)
        assert isinstance(answer, InvokeAnswer)
        assert answer.status == 200
        assert answer.body is not None
        return dict(answer.body)


async def nobody(inbound: Any, mentions: Any) -> Any:
    return ()


def buttons(card: Json) -> list[str]:
    return [action["title"] for action in card.get("actions", ())]


def card_of(activity: Json) -> Json:
    return activity["attachments"][0]["content"]


@pytest.fixture
async def talk(desk: HandoffDesk) -> Talk:
    """20 minutes before the shift change from Grace to Ada."""
    await desk.at(MONDAY - 20 * MINUTE)
    return Talk(desk)


# -- the command -------------------------------------------------------------------------------------------------------


async def test_handoff_shows_what_waits_for_me_with_its_buttons(talk: Talk) -> None:
    answer = await talk.say("ada", "handoff")
    assert answer["summary"].startswith("Handoff of payments-primary from Grace Hopper to Ada Lovelace")
    assert buttons(card_of(answer)) == ["Accept handoff", "Decline"]
    assert "Mon 2026-11-30 09:00 London (09:00 UTC)" in str(answer)
    assert "Mon 2026-11-30 04:00 New York (09:00 UTC)" in str(answer)


async def test_handoff_names_my_other_ones_below(talk: Talk) -> None:
    answer = await talk.say("grace", "handoff")
    assert buttons(card_of(answer)) == ["Add note"]
    assert "payments-primary, Mon 2026-12-07 04:00 New York (09:00 UTC): ○ Prepared" in str(answer)


async def test_handoff_in_a_channel_writes_times_in_utc(talk: Talk) -> None:
    answer = await talk.say("ada", "handoff", conversation_id="19:c@thread.tacv2", conversation_kind="channel")
    assert "'Shift change', 'value': 'Mon 2026-11-30 09:00 UTC'" in str(answer)
    assert "For Ada Lovelace" in str(answer)
    assert "For Grace Hopper" in str(answer)


async def test_handoff_of_a_schedule_in_any_case_shows_the_current_one(talk: Talk) -> None:
    for words in ("Payments-Primary", "schedule:payments-primary", "“payments-primary”"):
        answer = await talk.say("lin", f"handoff {words}")
        assert "Ada Lovelace has not accepted it yet from Grace Hopper." in str(answer)
        assert buttons(card_of(answer)) == []


async def test_handoff_of_a_schedule_shows_the_next_one_once_the_current_is_done(talk: Talk) -> None:
    await talk.desk.accept("ada", 1)
    assert "✔ Accepted" in str(await talk.say("lin", "handoff payments-primary"))
    await talk.desk.at(MONDAY + timedelta(days=2))
    answer = await talk.say("lin", "handoff payments-primary")
    assert "Ada Lovelace → Grace Hopper" in str(answer)
    assert "○ Prepared" in str(answer)


async def test_handoff_of_an_unknown_schedule_names_those_there_are(talk: Talk) -> None:
    answer = await talk.say("lin", "handoff paymints")
    assert answer["text"] == "There is no schedule “paymints”. There are: payments-primary."


async def test_without_a_handoff_my_next_shift_is_said(db: Database) -> None:
    desk = await HandoffDesk(db).open(weekly(handoff=HandoffRule.OFF))
    talk = Talk(desk)
    assert (await talk.say("ada", "handoff"))["text"] == (
        "You have no open handoff. Your next shift is on payments-primary: "
        "it begins on Mon 2026-11-30 09:00 London (09:00 UTC)."
    )
    assert (await talk.say("grace", "handoff"))["text"] == (
        "You have no open handoff. You are on call for payments-primary until Mon 2026-11-30 04:00 New York (09:00 UTC)."
    )
    assert (await talk.say("zoe", "handoff"))["text"] == "You have no open handoff, and no shift in the next 60 days."
    assert (await talk.say("zoe", "handoff payments-primary"))["text"] == (
        "payments-primary changes shifts without a handoff."
    )


async def test_somebody_who_is_always_on_call_is_told_that_no_end_is_in_sight(db: Database) -> None:
    desk = await HandoffDesk(db).open(weekly(rotations=(rotation("ada", shift="P90D"),)))
    talk = Talk(desk)
    assert (await talk.say("ada", "handoff"))["text"].endswith(
        "You are on call for payments-primary, and no end is in sight."
    )
    assert (await talk.say("ada", "handoff payments-primary"))["text"] == (
        "payments-primary has no handoff planned: no other person is coming on call."
    )


# -- buttons and forms -------------------------------------------------------------------------------------------------


async def test_accepting_on_the_card_answers_with_the_card_as_it_is_now(talk: Talk) -> None:
    card = card_of(await talk.say("ada", "handoff"))
    answer = await talk.press("ada", card, "Accept handoff")
    assert buttons(answer["value"]) == []
    assert "✔ Accepted" in str(answer["value"])
    assert (await talk.desk.one(1)).state is HandoffState.ACCEPTED


async def test_a_press_that_comes_twice_is_answered_and_does_nothing_twice(talk: Talk) -> None:
    card = card_of(await talk.say("ada", "handoff"))
    await talk.press("ada", card, "Accept handoff")
    before = (await talk.desk.one(1), len(await talk.desk.sent()))
    again = await talk.press("ada", card, "Accept handoff")
    assert "You accepted this handoff already" in str(again["value"]["body"][0])
    assert (await talk.desk.one(1), await talk.desk.sent()) == (before[0], [])


async def test_somebody_else_who_presses_is_told_why_not_and_sees_the_card(talk: Talk) -> None:
    card = card_of(await talk.say("ada", "handoff"))
    for title in ("Accept handoff", "Decline"):
        answer = await talk.press("grace", card, title)
        assert "Only the person whose shift begins" in str(answer["value"]["body"][0])
        assert buttons(answer["value"]) == ["Add note"]
    assert (await talk.desk.one(1)).state is HandoffState.OFFERED


async def test_declining_asks_for_the_reason_and_keeps_what_was_typed(talk: Talk) -> None:
    form = (await talk.press("ada", card_of(await talk.say("ada", "handoff")), "Decline"))["value"]
    assert buttons(form) == ["Decline", "Back"]
    empty = (await talk.press("ada", form, "Decline", reason="  "))["value"]
    assert "The reason is empty" in str(empty)
    long = (await talk.press("ada", form, "Decline", reason="x" * 2_500))["value"]
    assert "2000 is the most" in str(long)
    done = (await talk.press("ada", form, "Decline", reason="I have a fever"))["value"]
    assert "✖ Declined" in str(done)
    assert buttons(done) == ["Accept handoff"]
    again = (await talk.press("ada", form, "Decline", reason="I have a fever"))["value"]
    assert "You have declined this handoff already" in str(again["body"][0])


async def test_back_leads_to_the_card(talk: Talk) -> None:
    form = (await talk.press("ada", card_of(await talk.say("ada", "handoff")), "Decline"))["value"]
    assert buttons((await talk.press("ada", form, "Back"))["value"]) == ["Accept handoff", "Decline"]


async def test_a_note_is_written_in_a_form_with_what_stands_there_already(talk: Talk) -> None:
    await talk.desk.note("grace", 1, "Watch the pool")
    form = (await talk.press("grace", card_of(await talk.say("grace", "handoff")), "Add note"))["value"]
    assert next(i for i in form["body"] if i["type"] == "Input.Text")["value"] == "Watch the pool"
    done = (await talk.press("grace", form, "Save note", text="Watch the pool, and the queue"))["value"]
    assert "Watch the pool, and the queue" in str(done)
    assert (await talk.desk.one(1)).notes == "Watch the pool, and the queue"


async def test_a_note_of_somebody_else_comes_back_with_the_words(talk: Talk) -> None:
    answer = await talk.verb("lin", "handoff.note.submit", {"handoff": 1, "text": "precious words"})
    assert "Only the person whose shift ends" in str(answer["value"])
    assert "precious words" in str(answer["value"])


@pytest.mark.parametrize("number", [None, True, "x", 0, -1, 2**31, "9" * 11, 4_711])
async def test_a_forged_button_is_answered_in_a_sentence(talk: Talk, number: Any) -> None:
    for verb in ("handoff.view", "handoff.accept", "handoff.decline", "handoff.note", "handoff.decline.submit"):
        answer = await talk.verb("ada", verb, {"handoff": number, "reason": "x"})
        assert answer["type"] == "application/vnd.microsoft.activity.message", verb
        assert "handoff" in answer["value"]
    assert (await talk.desk.one(1)).state is HandoffState.OFFERED


async def test_a_late_press_on_the_card_of_one_that_is_off_is_told(talk: Talk) -> None:
    card = card_of(await talk.say("ada", "handoff"))
    await talk.desk.override("lin", MONDAY, MONDAY + timedelta(days=7))
    answer = await talk.press("ada", card, "Accept handoff")
    assert "the schedule has changed" in str(answer["value"]["body"][0]).lower()
    assert buttons(answer["value"]) == []


async def test_the_card_and_the_reminder_are_drawn_in_the_readers_zone(talk: Talk) -> None:
    await talk.desk.at(MONDAY + timedelta(minutes=16))
    told = await talk.desk.sent("grace")
    (card,) = [t for t in told if t.payload["letter"] == handoffs.CARD]
    assert "You are paged until somebody takes over, at the longest until Mon 2026-11-30 04:30 New York" in str(
        card.card
    )
    assert card.text.endswith("on Mon 2026-11-30 04:00 New York (09:00 UTC): offered.")


async def test_a_card_of_a_handoff_that_is_forgotten_is_not_sent(talk: Talk) -> None:
    for draw in (handoff.draw, handoff.draw_reminder):
        gone = await talk.desk.see(lambda store, d=draw: d(store, {"handoff": 99, "reader": 1}, talk.desk.now))
        assert gone is None


async def test_a_redrawn_card_that_is_refused_disturbs_nobody(talk: Talk) -> None:
    (first, *_) = [t for t in await talk.desk.sent("ada") if t.payload["letter"] == handoffs.CARD]
    redrawn = replace(first, payload={**first.payload, "activity_id": "card-1"})
    await talk.desk.refused(redrawn, "that message does not exist any more (404)")
    assert await talk.desk.sent() == []


async def test_a_press_that_comes_after_the_shift_is_answered_without_the_button(talk: Talk) -> None:
    card = card_of(await talk.say("ada", "handoff"))
    await talk.desk.at(MONDAY + timedelta(days=7))
    answer = await talk.press("ada", card, "Accept handoff")
    assert "That shift is over. There is nothing to accept any more" in str(answer["value"]["body"][0])
    assert buttons(answer["value"]) == []
