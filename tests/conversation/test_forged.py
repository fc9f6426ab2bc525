"""What no card of ours sends: forged, broken and foreign presses. Each gets an answer, none an effect."""

from typing import Any

import pytest

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.stage import Stage, changed
from tests.conversation.talk import declare

HUGE = 10**30
VERBS = (
    "incident.ack", "incident.command", "incident.note", "incident.status", "incident.assign", "incident.resolve",
    "incident.reopen", "incident.view", "incident.timeline", "incidents.page", "note.submit", "status.submit",
    "assign.submit", "resolve.submit", "reopen.submit", "declare.submit", "declare.open", "pick.submit", "form.cancel",
    "help",
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None,
    "",
    "x",
    "1" * 5000,
    "٣٤",
    HUGE,
    -1,
    0,
    1.5,
    True,
    [],
    [1],
    {},
    {"a": 1},
    "\u202e\u0000",
)
FIELDS = (
    "incident", "version", "cycle", "card", "before", "after", "which", "service", "text", "status", "severity", "role",
    "person", "summary", "reason", "title", "services", "details", "nonce", "command", "rest", "embedded", "private",
)  # fmt: skip


@pytest.fixture
async def standing(people: TeamsClient, room: str) -> tuple[str, Seen]:
    """An incident and its card."""
    return await declare(people, "ada", room)


async def pressed(stage: Stage, card: Seen, verb: Any, data: Any, **fields: Any) -> tuple[int, Any]:
    """Press a button of this card with whatever a forger likes."""
    sent = stage.tap.last(f'"replyToId": "{card.id}"')
    action = {"type": "Action.Execute", "title": "x", "verb": verb, "data": data}
    value = {"action": action, "trigger": "manual"}
    return (await stage.tap.deliver(changed(sent, value=value, **fields)))[0]


@pytest.mark.parametrize("verb", VERBS)
async def test_forged_data_gets_a_clear_answer_and_never_an_error_of_ours(
    stage: Stage, people: TeamsClient, standing: tuple[str, Seen], verb: str
) -> None:
    ref, card = standing
    await people.press("grace", card, "Timeline")
    number = int(ref[4:])
    before = await stage.incident(ref)
    for wrong in WRONG:
        for data in (dict.fromkeys(FIELDS, wrong), {**dict.fromkeys(FIELDS, wrong), "incident": number}):
            status, body = await pressed(stage, card, verb, data)
            assert status == 200, (verb, wrong, status)
            assert body["statusCode"] == 200, (verb, wrong, body)
    if verb in {"incident.ack", "incident.command", "resolve.submit", "note.submit"}:
        return  # what these need was right in some of it
    assert (await stage.incident(ref))["version"] == before["version"]


async def test_a_press_on_an_incident_that_does_not_exist_is_said(
    stage: Stage, people: TeamsClient, standing: tuple[str, Seen]
) -> None:
    _, card = standing
    await people.press("grace", card, "Timeline")
    for verb in ("incident.ack", "incident.view", "note.submit", "incident.resolve"):
        _, body = await pressed(stage, card, verb, {"incident": 2**31 - 1, "text": "x"})
        assert body["type"].endswith("activity.message")
        assert "There is no INC-2147483647" in body["value"]


async def test_what_is_no_button_of_ours_is_answered(
    stage: Stage, people: TeamsClient, standing: tuple[str, Seen]
) -> None:
    _, card = standing
    await people.press("grace", card, "Timeline")
    sent = stage.tap.last(f'"replyToId": "{card.id}"')
    _, body = await pressed(stage, card, "incident.escalate.v9", {"incident": 1})
    assert "another version of the bot" in body["value"]
    broken: list[Any] = [None, {}, [], "x", {"action": None}, {"action": {"type": "Action.Submit", "data": {}}}]
    broken += [{"action": {"type": "Action.Execute", "verb": 7}}, {"action": {"verb": "incident.ack", "data": []}}]
    for value in broken:
        status, body = (await stage.tap.deliver(changed(sent, value=value)))[0]
        assert (status, body["statusCode"]) == (200, 400), value
    for name in ("task/fetch", "task/submit"):
        for value in [*broken, {"data": None}, {"data": []}, {"data": {"verb": 7}}, {"data": {"verb": "nothing"}}]:
            status, body = (await stage.tap.deliver(changed(sent, name=name, value=value)))[0]
            assert (status, body["task"]["type"]) == (200, "message"), value
    status, body = (await stage.tap.deliver(changed(sent, name="config/fetch")))[0]
    assert (status, body) == (501, None)
    outcome = await people.press_action("grace", card, {"type": "Action.Submit", "title": "x", "data": {"a": 1}})
    assert outcome.kind == "done"


async def test_guests_get_one_sentence_and_have_no_effect(
    stage: Stage, people: TeamsClient, standing: tuple[str, Seen]
) -> None:
    ref, card = standing
    await people.press("grace", card, "Timeline")
    sent = stage.tap.last(f'"replyToId": "{card.id}"')
    value = {"action": {**card.action("Acknowledge"), "type": "Action.Execute"}, "trigger": "manual"}
    guest = {**sent.activity["from"], "userRole": "guest"}
    status, body = (await stage.tap.deliver(changed(sent, value=value, **{"from": guest})))[0]
    assert (status, body["statusCode"]) == (200, 200)
    assert "Guests can read along" in body["value"]
    outcome = await people.press_action("gus", card, card.action("Acknowledge"))
    assert (outcome.kind, outcome.text) == ("message", body["value"])
    assert (await stage.incident(ref))["acknowledged_at"] is None
