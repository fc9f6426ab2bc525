"""A note follows its message: edited, deleted, and never by somebody else."""

import asyncio

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.stage import Stage, changed
from tests.conversation.talk import after, ask, declare, kinds


async def noted(people: TeamsClient, where: str, ref: str, text: str) -> Seen:
    said = await people.say("ada", where, f"@Incident note {ref} {text}")
    await people.wait_for(after(said, "Noted on"), person="ada", conversation=where)
    return said


async def test_an_edited_note_keeps_its_earlier_texts(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, _ = await declare(people, "ada", room)
    said = await noted(people, room, ref, "it is the databse")
    version = (await stage.incident(ref))["version"]
    await people.edit("ada", said, f"@Incident note {ref} it is the database")
    await people.edit("ada", said, f"@Incident  NOTE {ref} it is the network")
    await people.edit("ada", said, f"@Incident note {ref} it is the network")  # nothing new
    note = (await stage.timeline(ref))[-1]
    assert note["text"] == "it is the network"
    assert [r["text"] for r in note["revisions"]] == ["it is the databse", "it is the database"]
    assert all(r["at"].endswith("Z") for r in note["revisions"])
    assert (await stage.incident(ref))["version"] == version + 2
    assert kinds(await stage.timeline(ref)) == ["declared", "note"]


async def test_a_deleted_note_keeps_place_and_time_and_loses_its_words(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    ref, _ = await declare(people, "ada", room)
    said = await noted(people, room, ref, "password is hunter2")
    await people.edit("ada", said, f"@Incident note {ref} password is hunter3")
    before = (await stage.timeline(ref))[-1]
    await people.delete("ada", said)
    note = (await stage.timeline(ref))[-1]
    assert (note["seq"], note["at"], note["kind"]) == (before["seq"], before["at"], "note")
    assert (note["text"], note["revisions"]) == ("", [])
    assert note["deleted_at"]
    assert "hunter" not in str(await stage.timeline(ref))
    page = await ask(people, "ada", room, f"@Incident timeline {ref}", "Timeline of", "deleted this note")
    assert not page.has("hunter")
    # A late edit does not bring it back.
    await stage.tap.deliver(stage.tap.last("editMessage", said.id))
    assert (await stage.timeline(ref))[-1]["text"] == ""


async def test_somebody_elses_edit_or_deletion_is_ignored(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, _ = await declare(people, "ada", room)
    said = await noted(people, room, ref, "my own words")
    await people.edit("ada", said, f"@Incident note {ref} my own words!")
    edit = stage.tap.last("editMessage", said.id)
    await people.say("grace", room, "@Incident list")
    grace = stage.tap.last("Grace Hopper").activity["from"]
    forged = changed(edit, text=f"<at>Incident</at> note {ref} not mine", **{"from": grace})
    erased = changed(
        forged, type="messageDelete", channelData={**edit.activity["channelData"], "eventType": "softDeleteMessage"}
    )
    before = await stage.timeline(ref), await stage.incident(ref)
    for sent in (forged, erased):
        assert (await stage.tap.deliver(sent))[0][0] // 100 == 2
    assert (await stage.timeline(ref), await stage.incident(ref)) == before


async def test_an_edit_of_anything_but_a_note_changes_nothing(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, card = await declare(people, "ada", room)
    said = await people.say("ada", room, f"@Incident resolve {ref} fixed", root=card.root)
    await people.wait_for(after(said, "resolved"), person="ada", conversation=room)
    before = await stage.timeline(ref)
    await asyncio.gather(
        people.edit("ada", said, f"@Incident reopen {ref} no"),
        people.edit("ada", said, f"@Incident note {ref} now a note"),
    )
    await people.delete("ada", said)
    assert [(e["kind"], e["text"]) for e in await stage.timeline(ref)] == [(e["kind"], e["text"]) for e in before]
