"""The connector's routes and refusals."""

import pytest

from tests.local_teams import cards
from tests.local_teams.harness import ADA, ALAN, GRACE, Stand

CARD = cards.message(cards.status("X", mri="29:nobody"))


def text(words: str) -> dict:
    return {"type": "message", "text": words}


async def channel_of(stand: Stand) -> str:
    return await stand.teams.channel("ada", "General", "Payments")


@pytest.mark.parametrize("reference", ["mri", "object id", "8:orgid"])
async def test_a_personal_chat_is_opened_by_any_id_and_only_once(stand: Stand, reference):
    await stand.teams.directory()
    named = {
        "mri": stand.emulator.directory.mri(GRACE),
        "object id": GRACE.object_id,
        "8:orgid": f"8:orgid:{GRACE.object_id}",
    }[reference]
    body = {"members": [{"id": named}], "isGroup": False, "tenantId": "x"}
    status, first, _ = await stand.bot.call("POST", "conversations", body)
    assert status == 201
    _, second, _ = await stand.bot.call("POST", "conversations", body)
    assert first["id"] == second["id"] == await stand.teams.personal("grace")
    await stand.bot.post(first["id"], text("You are paged"))
    seen = await stand.teams.wait_for(lambda m: m.has("paged"), person="grace", conversation=first["id"])
    assert not seen.private


async def test_a_personal_chat_with_a_first_message(stand: Stand):
    body = {"members": [{"id": GRACE.object_id}], "activity": text("hello")}
    status, answer, _ = await stand.bot.call("POST", "conversations", body)
    assert status == 201
    (seen,) = await stand.teams.messages("grace", answer["id"])
    assert seen.id == answer["activityId"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "BadArgument"),
        ({"members": []}, 400, "BadArgument"),
        ({"members": [{"id": "a"}, {"id": "b"}]}, 400, "BadArgument"),
        ({"members": ["ada"]}, 400, "BadArgument"),
        ({"members": [{"id": "29:stranger"}]}, 403, "ForbiddenOperationException"),
        (
            {"channelData": {"channel": {"id": "19:no@thread.tacv2"}}, "activity": text("x")},
            404,
            "ConversationNotFound",
        ),
        ([], 400, "BadArgument"),
    ],
)
async def test_what_cannot_be_created(stand: Stand, body, status, code):
    assert (await stand.bot.call("POST", "conversations", body))[:2] == (
        status,
        {
            "error": {
                "code": code,
                "message": (await stand.bot.call("POST", "conversations", body))[1]["error"]["message"],
            }
        },
    )


async def test_a_new_post_in_a_channel_and_a_reply_in_its_thread(stand: Stand):
    channel = await channel_of(stand)
    body = {"isGroup": True, "channelData": {"channel": {"id": channel}}, "activity": CARD}
    status, answer, _ = await stand.bot.call("POST", "conversations", body)
    assert status == 201
    assert answer["id"] == f"{channel};messageid={answer['activityId']}"
    reply = await stand.bot.post(answer["id"], text("in the thread"))
    posts = {m.id: m for m in await stand.teams.messages("ada", channel)}
    assert posts[answer["activityId"]].root is None
    assert posts[reply].root == answer["activityId"]


async def test_the_reply_id_in_the_path_does_not_route(stand: Stand):
    channel = await channel_of(stand)
    post = await stand.teams.say("ada", channel, "Post")
    status, answer, _ = await stand.bot.call("POST", f"conversations/{channel}/activities/{post.id}", text("where?"))
    assert status == 201
    seen = {m.id: m for m in await stand.teams.messages("ada", channel)}
    assert seen[answer["id"]].root is None


async def test_an_unknown_thread_or_conversation_is_not_found(stand: Stand):
    channel = await channel_of(stand)
    for where in (f"{channel};messageid=1", "19:nowhere@thread.tacv2", "a:nobody"):
        status, answer, _ = await stand.bot.call("POST", f"conversations/{where}/activities", text("x"))
        assert (status, answer["error"]["code"]) == (404, "ConversationNotFound")


async def test_update_and_delete(stand: Stand):
    channel = await channel_of(stand)
    message = await stand.bot.post(channel, text("first"))
    await stand.bot.put(channel, message, text("second"))
    (seen,) = await stand.teams.messages("ada", channel)
    assert seen.text == "second"
    assert (await stand.bot.call("DELETE", f"conversations/{channel}/activities/{message}"))[0] == 200
    (gone,) = await stand.teams.messages("ada", channel)
    assert gone.deleted
    for method in ("PUT", "DELETE"):
        status, answer, _ = await stand.bot.call(method, f"conversations/{channel}/activities/{message}", text("x"))
        assert (status, answer["error"]["code"]) == (404, "ActivityNotFoundInConversation")


async def test_a_bot_cannot_change_what_people_said(stand: Stand):
    channel = await channel_of(stand)
    said = await stand.teams.say("ada", channel, "mine")
    status, _, _ = await stand.bot.call("PUT", f"conversations/{channel}/activities/{said.id}", text("forged"))
    assert status == 404


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 7}, {"attachments": "x"}, {"text": "", "attachments": []}])
async def test_a_message_needs_content(stand: Stand, body):
    channel = await channel_of(stand)
    status, answer, _ = await stand.bot.call("POST", f"conversations/{channel}/activities", {"type": "message", **body})
    assert (status, answer["error"]["code"]) == (400, "BadArgument")


@pytest.mark.parametrize(("length", "status"), [(49_000, 201), (51_000, 413)])
async def test_the_size_is_measured_in_utf_16(stand: Stand, length, status):
    channel = await channel_of(stand)
    got, answer, _ = await stand.bot.call("POST", f"conversations/{channel}/activities", text("x" * length))
    assert got == status
    if status == 413:
        assert answer["error"]["code"] == "MessageSizeTooBig"


async def test_a_body_far_too_large_is_refused_the_same_way(stand: Stand):
    channel = await channel_of(stand)
    status, answer, _ = await stand.bot.call("POST", f"conversations/{channel}/activities", text("x" * 600_000))
    assert (status, answer["error"]["code"]) == (413, "MessageSizeTooBig")


async def test_members(stand: Stand):
    channel = await channel_of(stand)
    _, ada, _ = await stand.bot.call("GET", f"conversations/{channel}/members/{ADA.object_id}")
    assert ada["aadObjectId"] == ADA.object_id
    assert ada["email"] == ADA.email
    assert ada["userRole"] == "user"
    status, answer, _ = await stand.bot.call("GET", f"conversations/{channel}/members/{ALAN.object_id}")
    assert (status, answer["error"]["code"]) == (404, "MemberNotFoundInConversation")
    _, everybody, _ = await stand.bot.call("GET", f"conversations/{channel}/members")
    assert len(everybody) == 3


async def test_members_come_in_pages(stand: Stand):
    channel = await channel_of(stand)
    _, first, _ = await stand.bot.call("GET", f"conversations/{channel}/pagedmembers", pageSize="2")
    token = first["continuationToken"]
    _, rest, _ = await stand.bot.call(
        "GET", f"conversations/{channel}/pagedmembers", pageSize="2", continuationToken=token
    )
    assert [len(first["members"]), len(rest["members"])] == [2, 1]
    assert "continuationToken" not in rest
    assert (await stand.bot.call("GET", f"conversations/{channel}/pagedmembers", pageSize="many"))[0] == 400


async def test_typing_is_shown_and_not_kept(stand: Stand):
    channel = await channel_of(stand)
    async with stand.teams._events("ada") as events:
        await anext(events)
        await stand.bot.post(channel, {"type": "typing"})
        assert (await anext(events))["type"] == "typing"
    assert await stand.teams.messages("ada", channel) == []


async def test_what_the_connector_does_not_offer_is_a_404(stand: Stand):
    status, answer, _ = await stand.bot.call("PUT", "conversations/x/activities/y/reactions/like")
    assert (status, answer["error"]["code"]) == (404, "NotFound")


async def test_a_removed_bot_is_refused_everywhere(stand: Stand):
    channel = await channel_of(stand)
    message = await stand.bot.post(channel, text("before"))
    sent = await stand.teams.install("ada", channel, installed=False)
    assert [(a["type"], a.get("action")) for a in sent] == [
        ("installationUpdate", "remove"),
        ("conversationUpdate", None),
    ]
    for method, path in [("POST", "activities"), ("PUT", f"activities/{message}"), ("GET", "members")]:
        status, answer, _ = await stand.bot.call(method, f"conversations/{channel}/{path}", text("x"))
        assert (status, answer["error"]["code"]) == (403, "BotNotInConversationRoster")
    heard = len(stand.bot.heard)
    await stand.teams.say("ada", channel, "@Incident hello?")
    assert len(stand.bot.heard) == heard
    sent = await stand.teams.install("ada", channel)
    assert sent[0]["membersAdded"] == [{"id": "28:local-bot"}]
    assert sent[1]["channelData"]["team"]["id"] == sent[1]["channelData"]["teamsTeamId"]
    await stand.bot.post(channel, text("back"))
