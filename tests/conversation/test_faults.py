"""Teams on a bad day. Chatter is never doubled, cards always arrive, and what is lost is said."""

import asyncio
from typing import Any

import pytest

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.stage import Stage
from tests.conversation.talk import a_title, after, ask, card_of, cards_in, declare, ref_in, sends

HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
AFTER_DELIVERY = [
    {"status": 502, "body": HTML, "delivered": True},
    {"status": 500, "body": {"error": {"code": "ServiceError", "message": "Unknown"}}, "delivered": True},
    {"status": 408, "delivered": True},
    {"drop": True, "delivered": True},
]
BEFORE_DELIVERY = [{**fault, "delivered": False} for fault in AFTER_DELIVERY]
CHANGE_UNANSWERED = [{"status": 502, "body": HTML}, {"drop": True}, {"drop": True, "delivered": True}, {"status": 503}]
NOTHING_CREATED = [{"status": 429, "retry_after": 1}, {"status": 412, "retry_after": 1}, {"status": 429}]


def named(fault: dict[str, Any]) -> str:
    told = f"{fault.get('status', 'cut')}"
    return f"{told} after delivery" if fault.get("delivered") else told


async def chat(people: TeamsClient) -> str:
    """Open a group chat: a lane of its own."""
    return await people.group_chat("ada", "A bad day", ["grace"])


async def show_elsewhere(people: TeamsClient, ref: str, *words: str) -> Seen:
    """Look at an incident in a conversation where Teams is well, until it says these words: a refusal may be under way."""
    where = await chat(people)
    for _ in range(6):
        card = await ask(people, "grace", where, f"@Incident show {ref}", ref)
        if card.has(*words):
            return card
    raise AssertionError(card.texts())


async def test_a_refusal_to_be_so_fast_is_waited_for_and_nothing_is_lost_or_doubled(people: TeamsClient) -> None:
    async def one(fault: dict[str, Any]) -> None:
        where = await chat(people)
        ref, _ = await declare(people, "ada", where)
        await people.plan_faults({"method": "POST", "conversation": where, "contains": "Noted on", **fault})
        await ask(people, "ada", where, f"@Incident note {ref} slowly", f"Noted on {ref}")
        posts = await sends(people, where, "Noted on")
        assert [call["status"] for call in posts] == [fault["status"], 201], named(fault)
        assert posts[1]["at"] - posts[0]["at"] >= 0.95 * fault.get("retry_after", 1.6), named(fault)

    await asyncio.gather(*(one(fault) for fault in NOTHING_CREATED))


async def test_an_answer_of_unclear_fate_is_not_sent_again_and_is_said_on_the_card(people: TeamsClient) -> None:
    async def one(fault: dict[str, Any]) -> None:
        where = await chat(people)
        ref, _ = await declare(people, "ada", where)
        await people.plan_faults({"method": "POST", "conversation": where, "contains": "Noted on", **fault})
        said = await people.say("ada", where, f"@Incident note {ref} once or never")
        await ask(people, "ada", where, "@Incident list", "Open incidents")  # order is kept: it comes later
        assert len(await sends(people, where, "Noted on")) == 1, named(fault)
        arrived = [m for m in await people.messages("ada", where) if after(said, "Noted on")(m)]
        assert len(arrived) == int(fault["delivered"]), named(fault)
        await show_elsewhere(people, ref, "1 message could not be delivered")

    await asyncio.gather(*(one(fault) for fault in (*BEFORE_DELIVERY, *AFTER_DELIVERY)))


async def test_a_status_card_arrives_whatever_happened_to_its_first_post(people: TeamsClient) -> None:
    async def one(fault: dict[str, Any]) -> None:
        where, title = await chat(people), a_title()
        await people.plan_faults({"method": "POST", "conversation": where, "contains": title, **fault})
        _, card = await declare(people, "ada", where, title)
        assert card.has(title), named(fault)

    await asyncio.gather(*(one(fault) for fault in BEFORE_DELIVERY))


async def test_a_card_that_was_doubled_by_a_lost_answer_follows_too_once_it_is_pressed(people: TeamsClient) -> None:
    where, title = await chat(people), a_title()
    await people.plan_faults({"method": "POST", "conversation": where, "contains": title, **AFTER_DELIVERY[0]})
    ref, first = await declare(people, "ada", where, title)
    second = await people.wait_for(
        lambda m: card_of(ref)(m) and m.id != first.id, person="ada", conversation=where, what="the second post"
    )
    await people.press("grace", first, "Acknowledge")
    for card in (first, second):
        await people.wait_for(
            lambda m, card=card: m.id == card.id and m.has("Acknowledged by"),
            person="ada",
            conversation=where,
            what="both cards following",
        )
    assert len(await cards_in(people, "ada", where, ref)) == 2


async def test_a_change_of_a_card_is_repeated(people: TeamsClient) -> None:
    async def one(fault: dict[str, Any]) -> None:
        where = await chat(people)
        ref, card = await declare(people, "ada", where)
        await people.plan_faults({"method": "PUT", "conversation": where, **fault})
        await people.press("grace", card, "Acknowledge")
        await people.wait_for(card_of(ref, "Acknowledged by"), person="ada", conversation=where, what=named(fault))
        assert len(await cards_in(people, "ada", where, ref)) == 1, named(fault)

    await asyncio.gather(*(one(fault) for fault in CHANGE_UNANSWERED))


async def test_a_card_that_somebody_deleted_is_posted_again_once(people: TeamsClient, room: str) -> None:
    async def in_place(where: str) -> None:
        ref, card = await declare(people, "ada", where)
        fault = {"status": 404, "body": {"error": {"code": "ActivityNotFoundInConversation", "message": "gone"}}}
        await people.plan_faults({"method": "PUT", "conversation": where, **fault})
        await people.press("grace", card, "Acknowledge")
        anew = await people.wait_for(
            lambda m: card_of(ref, "Acknowledged by")(m) and m.id != card.id,
            person="ada",
            conversation=where,
            what="the card again",
        )
        await people.press("grace", anew, "Take command")
        await people.wait_for(
            lambda m: m.id == anew.id and m.has("Commander", "Grace Hopper"), person="ada", conversation=where
        )
        assert len(await sends(people, where, f"{ref} SEV")) == 2

    await asyncio.gather(in_place(room), in_place(await chat(people)))


async def test_a_card_too_large_for_teams_becomes_a_sentence(people: TeamsClient) -> None:
    where, title = await chat(people), a_title()
    fault = {"status": 413, "body": {"error": {"code": "MessageSizeTooBig", "message": "too big"}}}
    await people.plan_faults({"method": "POST", "conversation": where, "contains": title, **fault})
    said = await people.say("ada", where, f"@Incident declare {title}")
    compact = await people.wait_for(after(said, title), person="ada", conversation=where)
    assert compact.card is not None
    assert not compact.buttons()
    fault = {"status": 413, "body": {"error": {"code": "MessageSizeTooBig", "message": "too big"}}}
    await people.plan_faults({"method": "POST", "conversation": where, "contains": "Noted on", **fault})
    await people.say("ada", where, f"@Incident note {ref_in(compact)} a note")
    await show_elsewhere(people, ref_in(compact), "could not be delivered", "too large for Teams")


async def test_a_conversation_closed_to_the_bot_is_named_and_opens_when_somebody_writes(people: TeamsClient) -> None:
    where = await chat(people)
    ref, card = await declare(people, "ada", where)
    fault = {"status": 403, "body": {"error": {"code": "BotNotInConversationRoster", "message": "no"}}}
    await people.plan_faults({"method": "POST", "conversation": where, "contains": "Noted on", **fault})
    await people.say("ada", where, f"@Incident note {ref} into the void")
    await show_elsewhere(people, ref, "1 message could not be delivered", "not a member of that conversation")
    await ask(people, "ada", where, f"@Incident note {ref} back again", "Noted")
    await people.wait_for(
        lambda m: m.id == card.id and m.has("back again"), person="ada", conversation=where, what="the card following"
    )


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 400, "body": {"error": {"code": "ServiceError", "message": "Unknown"}}},
        {"status": 403, "body": {"error": {"code": "BotNotInConversationRoster", "message": "no"}}},
        {"status": 404, "body": {"error": {"code": "ConversationNotFound", "message": "no"}}},
    ],
    ids=named,
)
async def test_a_private_answer_that_teams_refuses_goes_to_the_personal_chat(
    people: TeamsClient, room: str, fault: dict[str, Any]
) -> None:
    await declare(people, "ada", room)
    await people.plan_faults({"method": "POST", "conversation": room, "contains": "Open incidents", **fault})
    said = await people.say("rahul", room, "/incident list", slash=True)
    alone = await people.personal("rahul")
    answer = await people.wait_for(after(said, "Open incidents"), person="rahul", conversation=alone)
    assert answer.card is not None
    assert not [m for m in await people.messages("ada", room) if m.has("Open incidents")]
    # The channel itself is not closed for that.
    await ask(people, "ada", room, "@Incident list", "Open incidents")


async def test_the_rate_windows_hold_in_a_burst_and_everything_arrives_in_order(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    ref, _ = await declare(people, "ada", room)
    await asyncio.gather(*(people.say("ada", room, f"@Incident note {ref} step {n:02d}") for n in range(9)))
    last = await ask(people, "grace", room, f"@Incident ack {ref}", "Grace Hopper acknowledged")
    notes = [m for m in await people.messages("ada", room) if m.from_bot and m.has("Noted on")]
    assert len(notes) == 9
    assert all(int(m.id) < int(last.id) for m in notes)
    assert (await people.traffic())["violations"] == []
    assert [call for call in (await people.traffic())["calls"] if call["status"] == 429 and not call["fault"]] == []
