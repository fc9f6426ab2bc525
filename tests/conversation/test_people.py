"""Who is who: strangers, guests, people who were only ever mentioned, people of one name."""

from typing import Any

from server.local_teams.client import TeamsClient
from tests.conversation.stage import PEOPLE, Stage, changed
from tests.conversation.talk import after, ask, declare


async def roles(stage: Stage, ref: str) -> dict[str, Any]:
    return (await stage.incident(ref))["roles"]


async def test_a_stranger_is_taken_in_once_and_told_once(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, _ = await declare(people, "ada", room)
    said = await people.say("nina", room, f"@Incident ack {ref}")
    await people.wait_for(after(said, "Nina Simon acknowledged"), person="ada", conversation=room)
    told = await people.wait_for(
        after(said, "You are new to me, Nina Simon", "Asia/Kolkata"), person="nina", conversation=room
    )
    assert told.private
    for words in ("list", "help"):
        await ask(people, "nina", room, f"@Incident {words}")
    alone = await people.personal("nina")
    await ask(people, "nina", alone, "list mine", "My open incidents")
    greetings = [
        m for where in (room, alone) for m in await people.messages("nina", where) if m.has("You are new to me")
    ]
    assert len(greetings) == 1


async def test_a_stranger_whose_first_word_is_a_press_is_told_too(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, card = await declare(people, "ada", room)
    assert (await people.press("uma", card, "Take command")).kind == "card"
    told = await people.wait_for(
        lambda m: m.from_bot and m.has("You are new to me, Uma Silent"), person="uma", conversation=room
    )
    assert told.private
    assert not any(m.has("You are new to me, Uma") for m in await people.messages("ada", room))
    assert set(await roles(stage, ref)) == {"commander"}


async def test_a_guest_gets_one_sentence_and_nothing_happens(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, _ = await declare(people, "ada", room)
    before = await stage.incident(ref)
    answer = await ask(people, "gus", room, f"@Incident resolve {ref}", "Guests can read along")
    assert answer.card is None
    sent = stage.tap.last("Gus Guest", "resolve")
    same_tenant = changed(sent, id="1799999999990", channelData={**sent.activity["channelData"], "tenant": None})
    same_tenant.activity["from"] = {**sent.activity["from"], "userRole": "guest"}
    same_tenant.activity["channelData"].pop("tenant")
    assert (await stage.tap.deliver(same_tenant))[0][0] == 201
    assert await stage.incident(ref) == before


async def test_somebody_mentioned_who_never_wrote_is_looked_up_and_gets_the_role(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    ref, _ = await declare(people, "ada", room)
    await ask(people, "ada", room, f"@Incident assign {ref} scribe @Omar Said", "Omar Said is now scribe")
    calls = [c for c in (await people.traffic())["calls"] if c["method"] == "GET" and "/members/" in c["path"]]
    assert len(calls) == 1
    omar = (await roles(stage, ref))["scribe"]
    await ask(people, "ada", room, f"@Incident assign {ref} operations {omar}", "Omar Said is now operations")
    await ask(people, "ada", room, f"@Incident assign {ref} communications omar said", "is now communications")
    calls = [c for c in (await people.traffic())["calls"] if c["method"] == "GET" and "/members/" in c["path"]]
    assert len(calls) == 1, "asked once"


async def test_of_two_people_with_one_name_the_mentioned_one_is_meant(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    ref, card = await declare(people, "ada", room)
    await people.press("sam1", card, "Take command")
    first = (await roles(stage, ref))["commander"]
    # Teams cannot say who the mentioned one is: a namesake must not get the role.
    await people.plan_faults({"method": "GET", "path": "/members/", "conversation": room, "status": 500})
    await ask(people, "ada", room, f"@Incident assign {ref} scribe @Sam Lee", "I do not know Sam Lee yet")
    assert "scribe" not in await roles(stage, ref)
    await ask(people, "ada", room, f"@Incident assign {ref} scribe @Sam Lee", "Sam Lee is now scribe")
    second = (await roles(stage, ref))["scribe"]
    assert second != first
    mention = stage.tap.last("scribe", "Sam Lee").activity["entities"][-1]["mentioned"]["id"]
    assert mention == stage.emulator.directory.mri(next(p for p in PEOPLE if p.handle == "sam2"))
    # Typed without a mention, the name alone does not tell.
    form = await ask(people, "ada", room, f"@Incident assign {ref} operations Sam  Lee", "2 people called")
    assert form.has(f"Sam Lee ({first})", f"Sam Lee ({second})")
    assert form.has(f"`{first}`".replace("`", r"\`"), f"`{second}`".replace("`", r"\`"))


async def test_a_person_is_named_by_handle_by_name_and_as_me(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, _ = await declare(people, "ada", room)
    for words, name in (
        ("commander grace", "Grace Hopper"),
        ("scribe @rahul", "Rahul Iyer"),
        ("comms Grace hopper", "Grace Hopper"),
        ("ops me", "Ada Lovelace"),
        ("ic @Ada Lovelace", "Ada Lovelace"),
    ):
        await ask(people, "ada", room, f"@Incident assign {ref} {words}", f"{name} is now")
    assert await roles(stage, ref) == {
        "commander": "ada", "communications": "grace", "scribe": "rahul", "operations": "ada",
    }  # fmt: skip


async def test_an_installation_is_welcomed_once(stage: Stage, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Installed", ["grace"])
    await people.install("ada", where)
    welcome = await people.wait_for(
        lambda m: m.from_bot and m.has("Ada Lovelace added me here"), person="grace", conversation=where
    )
    assert "Declare incident" in welcome.buttons()
    await stage.tap.deliver(stage.tap.last("installationUpdate", where), times=2)
    await stage.tap.deliver(changed(stage.tap.last("installationUpdate", where), id="1799999999989"))
    await ask(people, "ada", where, "@Incident list", "incidents")
    assert len([m for m in await people.messages("ada", where) if m.has("added me here")]) == 1
    await people.install("ada", where, installed=False)
    await people.install("ada", where)
    await ask(people, "ada", where, "@Incident list", "incidents")
    assert len([m for m in await people.messages("ada", where) if m.has("added me here")]) == 2
