"""Edits, deletions, reactions, installation, and requests that cannot be carried out."""

from typing import Any

import pytest

from tests.local_teams.harness import ADA, GRACE, Stand, standing


async def test_an_edit_a_deletion_and_its_undoing_reach_the_bot(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("ada", channel, "@Incident note one")
    await stand.teams.edit("ada", said, "@Incident note two")
    await stand.teams.delete("ada", said)
    await stand.teams._post("undelete", {"as": "ada", "message": said.id})
    edit, delete, undelete = [a for a in stand.bot.heard if a["type"] != "message"]
    assert (edit["type"], edit["channelData"]["eventType"]) == ("messageUpdate", "editMessage")
    assert (edit["id"], edit["text"]) == (said.id, "<at>Incident</at> note two")
    assert (delete["type"], delete["channelData"]["eventType"]) == ("messageDelete", "softDeleteMessage")
    assert (delete["id"], "text" in delete) == (said.id, False)
    assert (undelete["type"], undelete["channelData"]["eventType"]) == ("messageUpdate", "undeleteMessage")


async def test_edits_among_people_stay_among_people_until_the_bot_is_named(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("ada", channel, "one")
    await stand.teams.edit("ada", said, "two")
    assert stand.bot.heard == []
    await stand.teams.edit("ada", said, "@Incident two")
    assert [a["type"] for a in stand.bot.heard] == ["messageUpdate"]


async def test_only_own_messages_can_be_changed(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("ada", channel, "mine")
    for act in (stand.teams.edit("grace", said, "x"), stand.teams.delete("grace", said)):
        with pytest.raises(AssertionError, match="Only own messages"):
            await act
    assert (await stand.teams.see("lin", said)).text == "mine"


async def test_reactions_to_the_bot_reach_it_and_others_do_not(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("ada", channel, "@Incident hi")
    answer = await stand.teams.wait_for(lambda m: m.from_bot, person="ada", conversation=channel)
    await stand.teams.react("grace", said)
    await stand.teams.react("grace", answer)
    await stand.teams.react("grace", answer)
    added, removed = [a for a in stand.bot.heard if a["type"] == "messageReaction"]
    assert (added["replyToId"], added["reactionsAdded"]) == (answer.id, [{"type": "like"}])
    assert removed["reactionsRemoved"] == [{"type": "like"}]
    assert (await stand.teams.see("ada", said)).raw["reactions"] == {"like": 1}


async def test_the_first_look_in_a_page_announces_the_installation_once(stand: Stand):
    chat = await stand.teams.personal("ada")
    for _ in range(2):
        async with stand.teams.watching("ada", chat):
            pass
    await stand.bot.hear(2)
    await stand.teams.say("ada", chat, "hi")
    kinds = [a["type"] for a in stand.bot.heard]
    assert sorted(kinds) == ["conversationUpdate", "installationUpdate", "message"]
    update = next(a for a in stand.bot.heard if a["type"] == "installationUpdate")
    assert (update["action"], update["from"]["aadObjectId"]) == ("add", ADA.object_id)


async def test_a_guest_comes_from_another_tenant():
    from dataclasses import replace

    async def people():
        return [replace(ADA, guest=True)]

    async with standing(people=people) as stand:
        await stand.teams.say("ada", await stand.teams.personal("ada"), "hi")
        (heard,) = stand.bot.heard
        assert heard["channelData"]["tenant"]["id"] != heard["conversation"]["tenantId"]


@pytest.mark.parametrize(
    "text", ["x" * 40_000, "\ud800 lone", "\u202egnirts", "a\x00b", "👩\u200d🚒", "<at></at>", "<b>&amp;</b>"]
)
async def test_odd_texts_arrive_and_come_back(stand: Stand, text):
    chat = await stand.teams.personal("ada")
    said = await stand.teams.say("ada", chat, text)
    assert said.raw["source"] == text
    assert "<b>" not in stand.bot.heard[0]["text"]


BAD: list[tuple[str, Any, int]] = [
    ("say", {"as": "nobody", "conversation": "x", "text": "y"}, 404),
    ("say", {"as": "ada", "conversation": "x", "text": "y"}, 404),
    ("say", {"as": "ada", "text": "y"}, 404),
    ("say", [], 400),
    ("press", {"as": "ada", "message": "1"}, 400),
    ("press", {"as": "ada", "message": "1", "action": {}}, 404),
    ("edit", {"as": "ada", "message": "1", "text": "x"}, 404),
    ("group-chats", {"as": "ada", "members": ["nobody"]}, 404),
    ("group-chats", {"as": "ada", "members": "grace"}, 400),
    ("dialog", {"as": "ada", "conversation": "x"}, 404),
    ("react", {"as": "ada", "message": "x", "reaction": "y"}, 404),
]


@pytest.mark.parametrize(("name", "body", "status"), BAD)
async def test_what_cannot_be_done_is_said_in_a_sentence(stand: Stand, name, body, status):
    async with stand.http.post(f"{stand.base_url}/api/{name}", json=body) as response:
        assert response.status == status
        assert (await response.json())["error"].endswith(".")


@pytest.mark.parametrize("text", ["", "   ", "\n", None, 7])
async def test_nothing_to_say_is_refused(stand: Stand, text):
    chat = await stand.teams.personal("ada")
    body = {"as": "ada", "conversation": chat, "text": text}
    async with stand.http.post(f"{stand.base_url}/api/say", json=body) as response:
        assert response.status == 400


async def test_somebody_elses_conversation_is_closed(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    with pytest.raises(AssertionError, match="Alan Turing is in no such conversation"):
        await stand.teams.say("alan", channel, "hi")
    with pytest.raises(AssertionError, match="404"):
        await stand.teams.messages("alan", channel)


async def test_a_large_organisation_and_a_long_conversation():
    from dataclasses import replace

    from server.local_teams import ChannelInfo, TeamInfo

    crowd = [replace(ADA, object_id=f"p{n}", handle=f"p{n}", name=f"Person {n}") for n in range(500)]
    team = TeamInfo("all", "All", (ChannelInfo("general", "General"),), frozenset(p.object_id for p in crowd))

    async def people():
        return crowd

    async def teams():
        return [team]

    async with standing(people=people, teams=teams, send_windows=()) as stand:
        channel = await stand.teams.channel("p0", "General")
        for n in range(2000):
            await stand.bot.post(channel, {"type": "message", "text": f"message {n}"})
        async with stand.teams.watching("p1", channel):
            await stand.teams.say("p2", channel, "@Incident hello @Person 499")
            seen = await stand.teams.wait_for(lambda m: m.has("You said"), person="p1", conversation=channel)
        assert seen.has("Person 499")
        assert len(await stand.teams.messages("p1", channel)) == 2002


async def test_a_person_who_joins_while_the_server_runs_is_known():
    known = [ADA]

    async def people():
        return known

    async with standing(people=people) as stand:
        assert [p["handle"] for p in (await stand.teams.directory())["people"]] == ["ada"]
        known.append(GRACE)
        await stand.teams.conversations("grace")
        await stand.teams.say("grace", await stand.teams.personal("grace"), "hi")
        assert stand.bot.heard[0]["from"]["name"] == "Grace Hopper"
