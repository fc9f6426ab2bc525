"""Presses, personal views, dialogs, message extensions: what the person sees and what the bot gets."""

import asyncio

import pytest
from aiohttp import web

from server.local_teams.client import Seen
from server.local_teams.pressing import UNREACHABLE, WENT_WRONG
from tests.local_teams import cards
from tests.local_teams.harness import ADA, GRACE, Stand


async def declared(stand: Stand) -> Seen:
    channel = await stand.teams.channel("ada", "General", "Payments")
    await stand.teams.say("ada", channel, "@Incident declare X")
    return await stand.teams.wait_for(lambda m: "Acknowledge" in m.buttons(), person="ada", conversation=channel)


def answering(status: int, body):
    async def reply(_, activity):
        return web.json_response(body, status=status) if activity["type"] == "invoke" else None

    return reply


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (500, None, "error", UNREACHABLE),
        (404, {"x": 1}, "error", UNREACHABLE),
        (200, None, "error", WENT_WRONG),
        (200, [], "error", WENT_WRONG),
        (
            200,
            {"statusCode": 403, "type": "application/vnd.microsoft.error", "value": {"code": "No"}},
            "error",
            WENT_WRONG,
        ),
        (
            200,
            {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": "no card"},
            "error",
            WENT_WRONG,
        ),
        (
            200,
            {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Done."},
            "message",
            "Done.",
        ),
    ],
)
async def test_answers_to_a_press(stand: Stand, status, body, kind, text):
    card = await declared(stand)
    stand.bot.reply = answering(status, body)
    outcome = await stand.teams.press("ada", card, "Acknowledge")
    assert (outcome.kind, outcome.text) == (kind, text)
    assert (await stand.teams.see("ada", card)).card == card.card


async def test_a_card_in_the_answer_is_for_the_one_who_pressed(stand: Stand):
    card = await declared(stand)
    mine = cards.status("Only mine", mri="29:nobody")
    answer = {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": mine}
    stand.bot.reply = answering(200, answer)
    await stand.teams.press("ada", card, "Acknowledge")
    assert (await stand.teams.see("ada", card)).has("Only mine")
    assert not (await stand.teams.see("grace", card)).has("Only mine")
    fresh = cards.message(cards.status("For all", mri="29:nobody"))
    await stand.bot.put(card.conversation, card.id, fresh)
    assert (await stand.teams.see("ada", card)).has("For all")


async def test_inputs_travel_with_the_data(stand: Stand):
    card = await declared(stand)
    await stand.teams.press("ada", card, "Save note", note="Restarted")
    action = stand.bot.heard[-1]["value"]["action"]
    assert action["data"] == {"title": "X", "note": "Restarted"}
    assert action["type"] == "Action.Execute"


async def test_submit_is_a_message_with_a_value(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.teams.say("ada", chat, "form")
    card = await stand.teams.wait_for(lambda m: "Send word" in m.buttons(), person="ada", conversation=chat)
    outcome = await stand.teams.press("ada", card, "Send word")
    assert outcome.kind == "done"
    heard = stand.bot.heard[-1]
    assert (heard["type"], heard["replyToId"], heard["value"]["word"]) == ("message", card.id, "hello")
    assert "text" not in heard


async def test_a_dialog_is_fetched_and_submitted(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.teams.say("ada", chat, "form")
    card = await stand.teams.wait_for(lambda m: "Open form" in m.buttons(), person="ada", conversation=chat)
    dialog = await stand.teams.press("ada", card, "Open form")
    assert dialog.kind == "dialog"
    assert dialog.dialog["title"] == "Add a note"
    fetch = stand.bot.heard[-1]
    assert (fetch["name"], fetch["value"]["data"]["msteams"]) == ("task/fetch", {"type": "task/fetch"})
    done = await stand.teams.submit("ada", card, dialog, "Save", note="hello")
    assert (done.kind, done.text) == ("message", "Thank you.")
    submit = stand.bot.heard[-1]
    assert submit["name"] == "task/submit"
    assert submit["value"]["data"] == {"form": "note", "note": "hello", "severity": "2"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (None, "done"),
        ({}, "done"),
        ({"task": {"type": "continue", "value": 1}}, "error"),
        ({"task": {"type": "?"}}, "error"),
    ],
)
async def test_other_answers_of_a_dialog(stand: Stand, body, kind):
    chat = await stand.teams.personal("ada")
    await stand.teams.say("ada", chat, "form")
    card = await stand.teams.wait_for(lambda m: "Open form" in m.buttons(), person="ada", conversation=chat)
    stand.bot.reply = answering(200, body)
    assert (await stand.teams.press("ada", card, "Open form")).kind == kind


async def test_a_message_action_carries_the_message_and_may_insert_a_card(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("grace", channel, "The disk is full")
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": cards.status("Disk", mri="29:x")}
    stand.bot.reply = answering(200, {"composeExtension": {"type": "result", "attachments": [attachment]}})
    outcome = await stand.teams.extension("ada", channel, "addToTimeline", message=said, data={"ref": "INC-1"})
    assert outcome.kind == "done"
    value = stand.bot.heard[-1]["value"]
    assert (value["commandId"], value["commandContext"], value["data"]) == (
        "addToTimeline",
        "message",
        {"ref": "INC-1"},
    )
    assert value["messagePayload"]["from"]["user"]["id"] == GRACE.object_id
    inserted = (await stand.teams.messages("grace", channel))[-1]
    assert inserted.has("Disk")
    assert inserted.raw["from"]["id"] == ADA.object_id


async def test_the_refresh_is_asked_for_those_who_look_and_are_listed(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    async with stand.teams.watching("ada", channel), stand.teams.watching("grace", channel):
        await stand.teams.say("ada", channel, "@Incident declare X")
        seen = await stand.teams.wait_for(lambda m: m.has("Drawn for Ada"), person="ada", conversation=channel)
        assert seen.raw["personal_view"]
        refreshes = [a for a in stand.bot.heard if a["type"] == "invoke"]
        assert [(a["value"]["trigger"], a["from"]["aadObjectId"]) for a in refreshes] == [("automatic", ADA.object_id)]
        assert not (await stand.teams.see("grace", seen)).raw["personal_view"]


async def test_opening_a_conversation_asks_for_the_personal_view(stand: Stand):
    card = await declared(stand)
    assert not (await stand.teams.see("ada", card)).has("Drawn for")
    async with stand.teams.watching("ada", card.conversation):
        await stand.teams.wait_for(lambda m: m.has("Drawn for Ada"), person="ada", conversation=card.conversation)


async def test_an_update_during_a_refresh_is_not_covered_by_the_older_answer(stand: Stand):
    card = await declared(stand)
    asked, go = asyncio.Event(), asyncio.Event()
    old = {
        "statusCode": 200,
        "type": "application/vnd.microsoft.card.adaptive",
        "value": cards.status("Old", mri="29:x"),
    }

    async def reply(_, activity):
        if activity["type"] != "invoke":
            return None
        asked.set()
        await go.wait()
        return web.json_response(old)

    stand.bot.reply = reply
    press = asyncio.create_task(stand.teams.press("ada", card, "Acknowledge"))
    await asked.wait()
    await stand.bot.put(card.conversation, card.id, cards.message(cards.status("New", mri="29:x")))
    go.set()
    await press
    assert (await stand.teams.see("ada", card)).has("New")


async def test_a_card_one_cannot_see_cannot_be_pressed(stand: Stand):
    card = await declared(stand)
    with pytest.raises(AssertionError, match="no such message"):
        await stand.teams.press_action("alan", card, card.action("Acknowledge"))


async def test_typeahead_asks_the_bot(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    body = {"as": "ada", "conversation": channel, "query": {"queryText": "se", "dataset": "services"}}
    found = await stand.teams._post("search", body)
    assert found["results"][0] == {"title": "Checkout", "value": "checkout"}
    assert stand.bot.heard[-1]["value"]["queryText"] == "se"
