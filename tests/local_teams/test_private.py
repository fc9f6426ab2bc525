"""Private (targeted) messages: who sees them, and what Teams refuses."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.local_teams.harness import ADA, ALAN, Stand, standing

PRIVATE = {"isTargetedActivity": "true"}


async def channel_of(stand: Stand) -> str:
    return await stand.teams.channel("ada", "General", "Payments")


def to(stand: Stand, person) -> dict:
    return {"type": "message", "text": "psst", "recipient": {"id": stand.emulator.directory.mri(person)}}


async def test_only_the_recipient_sees_it(stand: Stand):
    channel = await channel_of(stand)
    await stand.bot.post(channel, to(stand, ADA), **PRIVATE)
    (seen,) = await stand.teams.messages("ada", channel)
    assert seen.private
    assert await stand.teams.messages("grace", channel) == []


async def test_the_event_stream_keeps_the_secret(stand: Stand):
    channel = await channel_of(stand)
    async with stand.teams._events("grace") as events:
        await anext(events)
        await stand.bot.post(channel, to(stand, ADA), **PRIVATE)
        await stand.bot.post(channel, {"type": "message", "text": "for all"})
        event = await anext(events)
    assert event["message"]["text"] == "for all"


async def test_a_slash_command_is_private_and_marked(stand: Stand):
    channel = await channel_of(stand)
    said = await stand.teams.say("ada", channel, "list", slash=True)
    (heard,) = stand.bot.heard
    assert heard["recipient"] == {"id": "28:local-bot", "name": "Incident", "isTargeted": True}
    assert heard["text"] == "list"
    assert said.private
    answer = await stand.teams.wait_for(lambda m: m.from_bot, person="ada", conversation=channel)
    assert (answer.private, answer.root) == (True, said.id)
    assert await stand.teams.messages("grace", channel) == []


async def test_a_slash_command_inside_a_thread_stays_there(stand: Stand):
    channel = await channel_of(stand)
    post = await stand.teams.say("ada", channel, "Post")
    said = await stand.teams.say("ada", channel, "list", root=post.id, slash=True)
    assert said.root == post.id
    assert stand.bot.heard[-1]["conversation"]["id"] == f"{channel};messageid={post.id}"


async def test_a_public_answer_below_a_private_post_becomes_a_post(stand: Stand):
    channel = await channel_of(stand)
    said = await stand.teams.say("ada", channel, "list", slash=True)
    public = await stand.bot.post(f"{channel};messageid={said.id}", {"type": "message", "text": "for all"})
    (seen,) = await stand.teams.messages("grace", channel)
    assert (seen.id, seen.root) == (public, None)


@pytest.mark.parametrize(
    "recipient", [None, {}, {"id": ""}, {"id": "8:orgid:" + ADA.object_id}, {"id": "28:local-bot"}]
)
async def test_it_needs_a_29_id(stand: Stand, recipient):
    channel = await channel_of(stand)
    body = {"type": "message", "text": "x", "recipient": recipient}
    status, answer, _ = await stand.bot.call("POST", f"conversations/{channel}/activities", body, **PRIVATE)
    assert (status, answer["error"]["code"]) == (400, "BadArgument")


async def test_the_recipient_must_be_a_member(stand: Stand):
    channel = await channel_of(stand)
    status, answer, _ = await stand.bot.call("POST", f"conversations/{channel}/activities", to(stand, ALAN), **PRIVATE)
    assert (status, answer["error"]["code"]) == (403, "BotNotInConversationRoster")


async def test_it_is_refused_in_a_personal_chat(stand: Stand):
    chat = await stand.teams.personal("ada")
    status, _, _ = await stand.bot.call("POST", f"conversations/{chat}/activities", to(stand, ADA), **PRIVATE)
    assert status == 400
    with pytest.raises(AssertionError, match="one-to-one"):
        await stand.teams.say("ada", chat, "list", slash=True)


async def test_an_update_must_not_name_the_recipient_again(stand: Stand):
    channel = await channel_of(stand)
    message = await stand.bot.post(channel, to(stand, ADA), **PRIVATE)
    path = f"conversations/{channel}/activities/{message}"
    status, answer, _ = await stand.bot.call("PUT", path, to(stand, ADA), **PRIVATE)
    assert (status, answer["error"]["message"]) == (400, "Cannot edit Recipient of Targeted Message")
    await stand.bot.put(channel, message, {"type": "message", "text": "new"}, **PRIVATE)
    (seen,) = await stand.teams.messages("ada", channel)
    assert (seen.text, seen.private) == ("new", True)


async def test_visibility_cannot_be_changed(stand: Stand):
    channel = await channel_of(stand)
    private = await stand.bot.post(channel, to(stand, ADA), **PRIVATE)
    public = await stand.bot.post(channel, {"type": "message", "text": "x"})
    body = {"type": "message", "text": "y"}
    assert (await stand.bot.call("PUT", f"conversations/{channel}/activities/{private}", body))[0] == 404
    assert (await stand.bot.call("PUT", f"conversations/{channel}/activities/{public}", body, **PRIVATE))[0] == 404
    assert (await stand.bot.call("DELETE", f"conversations/{channel}/activities/{private}", None, **PRIVATE))[0] == 200


async def test_it_is_gone_after_24_hours():
    now = [datetime(2026, 11, 23, 9, 0, tzinfo=UTC)]
    async with standing(now=lambda: now[0]) as stand:
        channel = await channel_of(stand)
        message = await stand.bot.post(channel, to(stand, ADA), **PRIVATE)
        now[0] += timedelta(hours=23, minutes=59)
        assert len(await stand.teams.messages("ada", channel)) == 1
        now[0] += timedelta(minutes=1)
        assert await stand.teams.messages("ada", channel) == []
        path = f"conversations/{channel}/activities/{message}"
        status, answer, _ = await stand.bot.call("PUT", path, {"type": "message", "text": "y"}, **PRIVATE)
        assert (status, answer["error"]["code"]) == (404, "ActivityNotFoundInConversation")
