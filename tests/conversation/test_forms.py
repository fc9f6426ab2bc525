"""Every form and every button, from the press to the incident."""

import asyncio

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.stage import Stage, changed
from tests.conversation.talk import a_title, after, ask, card_of, cards_in, declare, kinds, ref_in, sends, settled


async def test_the_buttons_of_a_card_lead_through_an_incident(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, card = await declare(people, "ada", room)

    async def press(title: str, **inputs: str) -> Seen:
        outcome = await people.press("grace", card, title, **inputs)
        assert outcome.kind == "card", (title, outcome)
        seen = await people.see("grace", card)
        await settled(stage, people, ref, card)
        return seen

    assert "Acknowledge" not in (await press("Acknowledge")).buttons()
    assert (await press("Take command")).has("Grace Hopper")
    assert (await press("Add note")).inputs()["text"] == ""
    assert (await press("Save note", text="first *words*")).has(r"first \*words\*")
    form = await press("Change status")
    assert (form.inputs()["status"], form.inputs()["severity"]) == ("investigating", "3")
    assert (await press("Save", status="monitoring", severity="1")).has("SEV1 Critical", "Monitoring")
    assert (await press("Assign")).inputs()["person"] == "grace"
    assert (await press("Assign", role="scribe", person="rahul")).has("Scribe", "Rahul Iyer")
    assert (await press("Timeline")).has(f"Timeline of {ref}", "1 to 7 of 7")
    assert (await press("Back to status")).has("Monitoring")
    assert (await press("Resolve")).inputs()["summary"] == ""
    assert (await press("Back")).has("Monitoring")
    await press("Resolve")
    resolved = await press("Resolve", summary="rolled back to 4.11")
    assert resolved.has("Resolved", "rolled back to 4.11")
    assert resolved.buttons() == ["Reopen", "Open review", "Add action", "Add note", "Timeline"]
    await press("Reopen")
    assert "Acknowledge" in (await press("Reopen", reason="it is back")).buttons()

    assert kinds(await stage.timeline(ref)) == [
        "declared", "acknowledged", "role_assigned", "note", "status_changed", "severity_changed", "role_assigned",
        "resolved", "reopened",
    ]  # fmt: skip
    assert {e["source"] for e in (await stage.timeline(ref))[3:4]} == {"form"}
    assert (await people.see("ada", card)).has("Investigating")
    assert len(await sends(people, room, f"{ref} SEV")) == 1


async def test_the_declare_form_in_a_channel_becomes_the_status_card(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    form = await ask(people, "ada", room, "@Incident declare sev2 service:checkout", "Declare an incident")
    assert (form.inputs()["severity"], form.inputs()["services"]) == ("2", "checkout")
    title = a_title()
    await people.press("grace", form, "Declare incident", title=title, details="it began at noon")
    card = await people.wait_for(
        lambda m: m.id == form.id and m.has(title, "SEV2", "it began at noon"), person="ada", conversation=room
    )
    await people.press("ada", card, "Acknowledge")
    await people.wait_for(
        lambda m: m.id == form.id and m.has("Acknowledged by"), person="grace", conversation=room, what="the same card"
    )
    incident = await stage.incident(ref_in(card))
    assert (incident["declared_by"], incident["services"]) == ("grace", ["checkout"])
    assert kinds(await stage.timeline(ref_in(card))) == ["declared", "note", "acknowledged"]


async def test_the_declare_button_of_help_declares_too(stage: Stage, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Help", ["grace"])
    shown = await ask(people, "ada", where, "@Incident help", "What I can do")
    await people.press("ada", shown, "Declare incident")
    title = a_title()
    await people.press("ada", shown, "Declare incident", title=title, severity="1")
    card = await people.wait_for(
        lambda m: after(shown, title, "SEV1")(m) and m.id != shown.id, person="grace", conversation=where, what="a card"
    )
    await stage.tap.deliver(changed(stage.tap.last("declare.submit", title), id="1799999999988"), times=2)
    assert (await stage.titles()).count(title) == 1
    assert len(await cards_in(people, "grace", where, ref_in(card))) == 1


async def test_a_form_that_is_not_filled_in_comes_back_with_what_was_typed(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    form = await ask(people, "ada", room, "@Incident declare", "Declare an incident")
    before = len(await stage.titles())
    await people.press("ada", form, "Declare incident", title="   ", details="long story", severity="1")
    again = await people.see("ada", form)
    assert again.has("needs a title")
    assert (again.inputs()["details"], again.inputs()["severity"]) == ("long story", "1")
    await people.press("ada", form, "Declare incident", title="t" * 201, details="long story")
    again = await people.see("ada", form)
    assert again.has("201 characters")
    assert again.inputs()["title"].startswith("t" * 100)
    assert len(await stage.titles()) == before
    await people.press("ada", form, "Declare incident", title=a_title())
    assert len(await stage.titles()) == before + 1


async def test_a_missing_argument_opens_the_form_with_the_rest_filled_in(people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Missing", ["grace"])
    ref, _ = await declare(people, "ada", where)

    async def one(words: str, head: str, button: str) -> None:
        chat = await people.group_chat("ada", words, [])
        form = await ask(people, "ada", chat, f"@Incident {words}", head)
        assert button in form.buttons(), words

    asked = (
        (f"note {ref}", f"Add a note to {ref}", "Save note"),
        (f"status {ref}", f"Change {ref}", "Save"),
        (f"status {ref} broken", "“broken” is no status", "Save"),
        (f"severity {ref}", f"Change {ref}", "Save"),
        (f"severity {ref} 7", "“7” is no severity", "Save"),
        (f"assign {ref}", f"Assign a role of {ref}", "Assign"),
        (f"assign {ref} captain grace", "“captain” is no role", "Assign"),
    )
    await asyncio.gather(*(one(*each) for each in asked))
    form = await ask(people, "ada", where, f"@Incident assign {ref} scribe nobody.at.all", "nobody called")
    assert form.inputs()["role"] == "scribe"
    await people.press("ada", form, "Assign", person="grace")
    done = await people.wait_for(
        lambda m: m.id == form.id and m.has("Grace Hopper is now scribe"), person="grace", conversation=where
    )
    assert not done.inputs(), "nobody fills it in again"


async def test_which_incident_is_asked_and_what_was_typed_goes_on(stage: Stage, people: TeamsClient) -> None:
    alone = await people.personal("pia")
    ref, _ = await declare(people, "pia", alone, mention=False)
    await declare(people, "pia", alone, mention=False)
    form = await ask(people, "pia", alone, "note the *pods* restart", "Which incident do you mean with “note”?")
    assert form.has(r"the \*pods\* restart")
    await people.press("pia", form, "Continue", incident=ref[4:])
    await people.wait_for(
        lambda m: m.id == form.id and m.has(f"Noted on {ref}"), person="pia", conversation=alone, what="the answer"
    )
    assert [e["text"] for e in await stage.timeline(ref) if e["kind"] == "note"] == ["the *pods* restart"]
    form = await ask(people, "pia", alone, "reopen it is back", "Which incident")
    await people.press("pia", form, "Cancel")
    await people.wait_for(lambda m: m.id == form.id and m.has("Cancelled"), person="pia", conversation=alone)


async def test_a_private_form_is_closed_privately(stage: Stage, people: TeamsClient, room: str) -> None:
    title = a_title()
    form = await ask(people, "ada", room, "/incident declare", "Declare an incident", slash=True)
    assert form.private
    await people.press("ada", form, "Declare incident", title=title)
    card = await people.wait_for(lambda m: m.from_bot and m.has(title, "INC-"), person="grace", conversation=room)
    assert not card.private
    closed = await people.wait_for(
        lambda m: m.id == form.id and m.has("is declared"), person="ada", conversation=room, what="the closed form"
    )
    assert closed.private
    assert (await stage.titles()).count(title) == 1


async def test_a_press_from_before_a_reopening_changes_nothing(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, card = await declare(people, "ada", room)
    old = {name: card.action(name) for name in ("Acknowledge", "Take command")}
    await people.press("grace", card, "Resolve")
    form = (await people.see("grace", card)).action("Resolve")
    for words in (f"resolve {ref} done", f"reopen {ref} not done"):
        await ask(people, "ada", room, f"@Incident {words}", "Ada Lovelace")
    before = await stage.incident(ref)
    await settled(stage, people, ref, card)
    for action in (*old.values(), {**form, "data": {**form["data"], "summary": "typed long ago"}}):
        await people.press_action("grace", card, action)
        assert (await people.see("grace", card)).has(f"before {ref} was reopened")
    assert await stage.incident(ref) == before
    assert (await people.see("grace", card)).has("typed long ago")


async def test_a_late_press_on_a_resolved_incident_is_answered_with_how_it_stands(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    ref, card = await declare(people, "ada", room)
    actions = {name: card.action(name) for name in ("Acknowledge", "Take command")}
    await ask(people, "ada", room, f"@Incident resolve {ref}", "resolved")
    await settled(stage, people, ref, card)
    for action in actions.values():
        outcome = await people.press_action("grace", card, action)
        assert outcome.kind == "card"
        assert (await people.see("grace", card)).has(f"{ref} is resolved", "Reopen")
    assert kinds(await stage.timeline(ref)) == ["declared", "resolved"]


async def test_people_look_at_a_card_with_their_own_time(people: TeamsClient, room: str) -> None:
    await ask(people, "rahul", room, "@Incident list", "Open incidents")  # known by now, so refreshed
    async with people.watching("rahul", room):
        ref, _ = await declare(people, "rahul", room)
        await people.wait_for(card_of(ref, "Kolkata ("), person="rahul", conversation=room, what="a view of his own")
    assert not any(m.has("Kolkata (") for m in await people.messages("ada", room))


async def test_lists_turn_their_pages_and_open_an_incident(people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Lists", ["grace"])
    chats = [await people.group_chat("ada", f"List {n}", []) for n in range(4)]
    for _ in range(3):
        titled = [(chat, a_title("Listed")) for chat in chats]
        await asyncio.gather(*(people.say("ada", chat, f"@Incident declare {title}") for chat, title in titled))
        for chat, title in titled:
            await people.wait_for(lambda m, t=title: m.has(t) and m.card, person="ada", conversation=chat)
    page = await ask(people, "grace", where, "@Incident list all", "All incidents")
    seen: list[str] = []
    for _ in range(2):
        opened = [title.removeprefix("Open ") for title in page.buttons() if title.startswith("Open INC")]
        assert 1 < len(opened) <= 10
        seen += opened
        if len(seen) == 10:
            await people.press("grace", page, "Older")
            page = await people.see("grace", page)
    assert len(seen) == len(set(seen))
    assert [int(ref[4:]) for ref in seen] == sorted((int(ref[4:]) for ref in seen), reverse=True)
    await people.press("grace", page, f"Open {seen[-1]}")
    assert (await people.see("grace", page)).has(seen[-1], "Next:")
