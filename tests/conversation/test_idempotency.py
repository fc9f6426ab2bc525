"""Teams delivers again: with the same id, at the same moment, with a new id. Nothing happens twice."""

from server.local_teams.client import TeamsClient
from tests.conversation.stage import Stage, changed
from tests.conversation.talk import a_title, ask, cards_in, declare, kinds, sends, settled


async def test_a_message_delivered_four_times_at_once_declares_one_incident(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    title = a_title()
    stage.tap.copies, stage.tap.where = 4, title
    ref, card = await declare(people, "ada", room, title)
    assert [status for status, _ in stage.tap.answers] == [201] * 4
    again = await stage.tap.deliver(stage.tap.last(title), times=4)
    assert [status for status, _ in again] == [201] * 4

    await ask(people, "ada", room, f"@Incident note {ref} marker", "Noted")  # a later answer: all before it has gone
    assert (await stage.titles()).count(title) == 1
    assert [c.id for c in await cards_in(people, "ada", room, ref)] == [card.id]


async def test_a_note_delivered_again_is_written_and_answered_once(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    ref, _ = await declare(people, "ada", room)
    stage.tap.copies, stage.tap.where = 4, "a word said once"
    await ask(people, "ada", room, f"@Incident note {ref} a word said once", "Noted")
    await stage.tap.deliver(stage.tap.last("a word said once"), times=2)
    await ask(people, "ada", room, "@Incident list", "Open incidents")
    assert [e["text"] for e in await stage.timeline(ref) if e["kind"] == "note"] == ["a word said once"]
    assert len(await sends(people, room, "Noted on")) == 1


async def test_the_same_press_has_one_effect_with_the_same_id_and_with_a_new_one(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    ref, card = await declare(people, "ada", room)
    assert (await people.press("grace", card, "Acknowledge")).kind == "card"
    before = await stage.incident(ref), await stage.timeline(ref)
    sent = stage.tap.last("incident.ack", card.id)
    first = (await stage.tap.deliver(sent))[0]
    later = changed(sent, id="1799999999999", timestamp="2026-11-23T23:59:59.000Z")
    for delivery in (sent, sent, later, later):
        status, body = (await stage.tap.deliver(delivery))[0]
        assert status == 200
        assert body["statusCode"] == 200
        assert body["type"] == first[1]["type"] == "application/vnd.microsoft.card.adaptive"
        assert "Grace Hopper" in str(body["value"])
        assert "was " not in body["value"]["speak"]
    assert (await stage.incident(ref), await stage.timeline(ref)) == before
    assert kinds(before[1]) == ["declared", "acknowledged"]


async def test_four_presses_at_once_are_one(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, card = await declare(people, "ada", room)
    stage.tap.copies, stage.tap.where = 4, "incident.command"
    outcome = await people.press("grace", card, "Take command")
    stage.tap.where = ""
    assert outcome.kind == "card"
    assert {(status, body["type"]) for status, body in stage.tap.answers} == {
        (200, "application/vnd.microsoft.card.adaptive")
    }
    assert kinds(await stage.timeline(ref)) == ["declared", "role_assigned"]


async def test_a_form_sent_again_with_a_new_id_writes_once(stage: Stage, people: TeamsClient, room: str) -> None:
    ref, card = await declare(people, "ada", room)
    await people.press("grace", card, "Add note")
    await people.press("grace", card, "Save note", text="only once")
    sent = stage.tap.last("note.submit", "only once")
    answers = await stage.tap.deliver(changed(sent, id="1799999999998"), times=3)
    assert all(body["type"].endswith("card.adaptive") for _, body in answers)
    assert kinds(await stage.timeline(ref)) == ["declared", "note"]
    # The same words written anew are a note of their own.
    await settled(stage, people, ref, card)
    await people.press("grace", card, "Add note")
    await people.press("grace", card, "Save note", text="only once")
    assert kinds(await stage.timeline(ref)) == ["declared", "note", "note"]
