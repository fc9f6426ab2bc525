"""Which activity becomes which turn, what an invoke answers, and the SDK's own ways to send."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from botbuilder.core import BotAdapter, TurnContext
from botbuilder.schema import Activity, InvokeResponse
from botbuilder.schema.teams import TaskModuleMessageResponse, TaskModuleResponse

from bot.transport.framework import TARGET, SendFailed
from bot.transport.inbound import Inbound, InvokeAnswer
from bot.transport.outcomes import Ambiguous
from tests.support.connector_double import Fault
from tests.support.tokens import APP_ID
from tests.transport.conftest import Wire

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "müde 🙂"}]}
ANSWERS: dict[str, tuple[str, Any]] = {
    "card": (
        "adaptiveCard/action",
        {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": CARD},
    ),
    "sentence": (
        "adaptiveCard/action",
        {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Already done."},
    ),
    "error": (
        "adaptiveCard/action",
        {
            "statusCode": 400,
            "type": "application/vnd.microsoft.error",
            "value": {"code": "BadRequest", "message": "This button is unknown."},
        },
    ),
    "dialog": ("task/fetch", {"task": {"type": "continue", "value": {"title": "Declare", "card": CARD}}}),
    "dialog message": ("task/submit", {"task": {"type": "message", "value": "Thanks"}}),
    "extension dialog": ("composeExtension/fetchTask", {"task": {"type": "continue", "value": {"card": CARD}}}),
    "extension answer": ("composeExtension/submitAction", {"composeExtension": {"type": "result"}}),
    "config": ("config/fetch", {"responseType": "config", "config": {"type": "auth"}}),
    "config submit": ("config/submit", {"responseType": "config"}),
    "feedback": ("message/submitAction", {}),
    "search": ("application/search", {"statusCode": 200, "type": "x", "value": {"results": []}}),
}


@pytest.mark.parametrize(("name", "body"), ANSWERS.values(), ids=ANSWERS)
async def test_an_invoke_answers_its_body_as_it_is(wire: Wire, name: str, body: dict[str, Any]) -> None:
    wire.bot.answer = InvokeAnswer(200, body)
    async with wire.http.post(
        wire.url,
        json=wire.invoke(name, {"action": {"verb": "ack", "data": {"id": 1}}, "trigger": "manual"}),
        headers={"Authorization": f"Bearer {wire.token()}"},
    ) as reply:
        assert (reply.status, reply.content_type, await reply.json()) == (200, "application/json", body)
    inbound = wire.bot.seen[0]
    assert (inbound.kind, inbound.name) == ("invoke", name)
    assert inbound.value == {"action": {"verb": "ack", "data": {"id": 1}}, "trigger": "manual"}


ODD_VALUES = [None, "x", 5, [], {}, {"action": "x"}, {"action": {"type": "Action.Submit", "data": {}}}]


@pytest.mark.parametrize("value", ODD_VALUES)
async def test_an_odd_value_reaches_the_bot_and_not_the_sdk(wire: Wire, value: Any) -> None:
    wire.bot.answer = InvokeAnswer(200, {"statusCode": 400})
    assert (await wire.post(wire.invoke("adaptiveCard/action", value)))[0] == 200
    assert wire.bot.seen[0].value == (value if isinstance(value, dict) else {})


@pytest.mark.parametrize("name", ["", "message/fetchTask", "signin/verifyState", "fileConsent/invoke", "nobody/knows"])
async def test_an_invoke_nobody_handles_is_501_without_a_body(wire: Wire, name: str) -> None:
    assert await wire.post(wire.invoke(name, {})) == (501, b"")


async def test_an_answer_may_have_no_body(wire: Wire) -> None:
    wire.bot.answer = InvokeAnswer(200)
    assert await wire.post(wire.invoke("task/submit", {})) == (200, b"")


BOT = {"id": f"28:{APP_ID}", "name": "Incident"}
PERSON = {"id": "29:bob", "name": "Bob"}
EVENTS: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "message": ({}, "message", ""),
    "edit": ({"type": "messageUpdate", "channelData": {"eventType": "editMessage"}}, "edit", "editMessage"),
    "undelete": (
        {"type": "messageUpdate", "channelData": {"eventType": "undeleteMessage"}},
        "other",
        "undeleteMessage",
    ),
    "update of no kind": ({"type": "messageUpdate", "channelData": {}}, "other", ""),
    "delete": (
        {"type": "messageDelete", "channelData": {"eventType": "softDeleteMessage"}},
        "delete",
        "softDeleteMessage",
    ),
    "installed": ({"type": "installationUpdate", "action": "add"}, "installed", ""),
    "upgraded": ({"type": "installationUpdate", "action": "add-upgrade"}, "installed", ""),
    "removed": ({"type": "installationUpdate", "action": "remove"}, "removed", ""),
    "removed on upgrade": ({"type": "installationUpdate", "action": "remove-upgrade"}, "removed", ""),
    "installation of no kind": ({"type": "installationUpdate"}, "other", ""),
    "person added": ({"type": "conversationUpdate", "membersAdded": [PERSON]}, "members_added", ""),
    "bot added": ({"type": "conversationUpdate", "membersAdded": [BOT]}, "members_added", ""),
    "added without channelData": (
        {"type": "conversationUpdate", "membersAdded": [PERSON], "channelData": None},
        "members_added",
        "",
    ),
    "person removed": ({"type": "conversationUpdate", "membersRemoved": [PERSON]}, "other", ""),
    "bot removed": ({"type": "conversationUpdate", "membersRemoved": [PERSON, BOT]}, "removed", ""),
    "channel created": (
        {"type": "conversationUpdate", "channelData": {"eventType": "channelCreated", "channel": {"id": "19:n"}}},
        "other",
        "channelCreated",
    ),
    "channel renamed": (
        {"type": "conversationUpdate", "channelData": {"eventType": "channelRenamed"}},
        "other",
        "channelRenamed",
    ),
    "reaction": ({"type": "messageReaction", "reactionsAdded": [{"type": "like"}]}, "other", ""),
    "meeting": ({"type": "event", "name": "application/vnd.microsoft.meetingStart", "value": {}}, "other", None),
    "typing": ({"type": "typing"}, "other", ""),
    "end": ({"type": "endOfConversation"}, "other", ""),
    "from the future": ({"type": "hologram"}, "other", ""),
}


@pytest.mark.parametrize(("changes", "kind", "name"), EVENTS.values(), ids=EVENTS)
async def test_each_activity_is_one_turn_of_its_kind(
    wire: Wire, changes: dict[str, Any], kind: str, name: str | None
) -> None:
    assert await wire.post(wire.activity(**changes)) == (201, b"")
    assert [inbound.kind for inbound in wire.bot.seen] == [kind]
    assert name is None or wire.bot.seen[0].name == name
    assert wire.teams.calls == []


async def test_people_joining_cost_no_request_each(wire: Wire) -> None:
    crowd = [{"id": f"29:{n}"} for n in range(50)]
    assert (await wire.post(wire.activity(type="conversationUpdate", membersAdded=crowd)))[0] == 201
    assert wire.teams.calls == []


async def test_the_same_activity_again_is_handed_on_again(wire: Wire) -> None:
    for _ in range(2):
        assert (await wire.post(wire.activity()))[0] == 201
    assert [inbound.activity_id for inbound in wire.bot.seen] == ["1700000000001"] * 2


class Probe:
    """A middleware: the SDK's pipeline runs around every turn."""

    def __init__(self, act: Callable[[TurnContext], Awaitable[None]]) -> None:
        self.act = act

    async def on_turn(self, context: TurnContext, logic: Callable[[], Awaitable[None]]) -> None:
        await self.act(context)
        await logic()


async def test_the_sdk_sends_changes_and_deletes_through_our_connector(wire: Wire) -> None:
    async def act(context: TurnContext) -> None:
        sent = await context.send_activity("hello")
        assert sent is not None
        await context.update_activity(Activity(type="message", id=sent.id, text="changed"))
        await context.delete_activity(sent.id)
        await context.send_trace_activity("inner state")

    wire.edge.use(Probe(act))
    assert (await wire.post(wire.activity()))[0] == 201
    made = [(each.method, each.path, (each.body or {}).get("text")) for each in wire.teams.calls]
    place = "/emea/v3/conversations/19%3Ac%40thread.tacv2%3Bmessageid%3D1700000000000/activities"
    assert made == [
        ("POST", f"{place}/1700000000001", "hello"),
        ("PUT", f"{place}/1", "changed"),
        ("DELETE", f"{place}/1", None),
    ]
    assert wire.teams.calls[0].body["from"]["id"] == f"28:{APP_ID}"


async def test_the_sdk_sends_privately_when_told(wire: Wire) -> None:
    async def act(context: TurnContext) -> None:
        context.turn_state[TARGET] = "29:alice"
        sent = await context.send_activity("psst")
        assert sent is not None
        await context.update_activity(Activity(type="message", id=sent.id, text="psst!"))
        await context.delete_activity(sent.id)

    wire.edge.use(Probe(act))
    assert (await wire.post(wire.activity()))[0] == 201
    assert all(each.path.endswith("?isTargetedActivity=true") for each in wire.teams.calls)
    post, put, delete = (each.body for each in wire.teams.calls)
    assert post["recipient"] == {"id": "29:alice"}
    assert "recipient" not in put
    assert delete is None


async def test_a_message_the_sdk_could_not_send_fails_the_turn(wire: Wire) -> None:
    failures: list[SendFailed] = []

    async def act(context: TurnContext) -> None:
        try:
            await context.send_activity("hello")
        except SendFailed as error:
            failures.append(error)
            raise

    wire.teams.faults = [Fault.html(502)]
    wire.edge.use(Probe(act))
    assert (await wire.post(wire.activity()))[0] == 503
    assert isinstance(failures[0].outcome, Ambiguous)
    assert wire.bot.seen == []


async def test_an_invoke_answer_the_sdk_sends_is_the_answer(wire: Wire) -> None:
    async def answer(context: TurnContext) -> None:
        body = TaskModuleResponse(task=TaskModuleMessageResponse(value="Hi"))
        await context.send_activity(Activity(type="invokeResponse", value=InvokeResponse(status=200, body=body)))

    class Only(Probe):
        async def on_turn(self, context: TurnContext, logic: Callable[[], Awaitable[None]]) -> None:
            await self.act(context)

    wire.edge.use(Only(answer))
    status, body = await wire.post(wire.invoke("task/fetch", {}))
    assert (status, body) == (200, b'{"task": {"type": "message", "value": "Hi"}}')
    assert wire.teams.calls == []


async def test_an_invoke_without_any_answer_is_501(wire: Wire) -> None:
    class Nothing(Probe):
        async def on_turn(self, context: TurnContext, logic: Callable[[], Awaitable[None]]) -> None:
            return

    async def nobody(context: TurnContext) -> None:
        raise AssertionError

    wire.edge.use(Nothing(nobody))
    assert await wire.post(wire.invoke("task/fetch", {})) == (501, b"")


async def test_expected_replies_come_back_in_the_answer(wire: Wire) -> None:
    async def act(context: TurnContext) -> None:
        await context.send_activity("hello")

    wire.edge.use(Probe(act))
    status, body = await wire.post(wire.activity(deliveryMode="expectReplies"))
    assert status == 200
    assert b'"text": "hello"' in body
    assert wire.teams.calls == []


async def test_the_bot_may_use_the_connector_in_its_turn(wire: Wire) -> None:
    async def echo(inbound: Inbound) -> None:
        await wire.connector.post_activity(inbound.service_url, inbound.conversation_id, {"text": inbound.text})

    wire.bot.act = echo
    assert (await wire.post(wire.activity()))[0] == 201
    assert [each.body for each in wire.teams.delivered] == [{"text": "<at>Incident</at> list"}]


def test_the_edge_is_the_sdks_adapter(wire: Wire) -> None:
    assert isinstance(wire.edge, BotAdapter)
