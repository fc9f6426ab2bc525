"""The archived SDK under our own edge: its turn, middleware and Teams routing, none of its wire.

The only file that imports botbuilder. Models are built for routing and never stored: they lose fields.
"""

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from botbuilder.core import BotAdapter, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import (
    Activity,
    ChannelAccount,
    ConversationAccount,
    ConversationReference,
    InvokeResponse,
    ResourceResponse,
)
from msrest.exceptions import DeserializationError  # pyright: ignore[reportPrivateImportUsage]

from bot.transport import edge
from bot.transport.connector import Connector, Sent
from bot.transport.inbound import Answer, Bot, InvokeAnswer, Kind, Unavailable, inbound_from, table, text
from bot.transport.inbound_auth import InboundAuth
from bot.transport.outcomes import Outcome
from bot.transport.refusals import Malformed, Refusal

RAW = "raw"
"""turn_state: the activity as received."""
TARGET = "target"
"""turn_state: the 29: id of the one member who may see what this turn sends."""
_SEEN = "seen by the bot"
# Inventions of the SDK that no channel knows.
_NEVER_POSTED = frozenset({"trace", "delay"})

_ROUTED_TEXTS = (
    ("type", "type"),
    ("id", "id"),
    ("name", "name"),
    ("action", "action"),
    ("text", "text"),
    ("locale", "locale"),
    ("channel_id", "channelId"),
    ("service_url", "serviceUrl"),
    ("reply_to_id", "replyToId"),
    ("delivery_mode", "deliveryMode"),
)

log = logging.getLogger(__name__)


class SendFailed(Exception):  # noqa: N818 - the outcome says what kind of failure
    """A message of the turn itself did not go out; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


class TeamsEdge(BotAdapter):
    """Serves POST /api/messages and gives each verified activity to the bot."""

    def __init__(self, auth: InboundAuth, connector: Connector, bot: Bot) -> None:
        super().__init__()
        self._auth, self._connector = auth, connector
        self._router = _Router(bot)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request by the status table of contracts: 2xx, 400, 401, 403, 413 or 503, never 500."""
        try:
            body = await edge.read_body(request)
            raw = edge.parse(body)
            await self._auth.check(request.headers.get("Authorization"), raw)
            request[edge.KIND] = raw["type"]  # for the metrics of the server
            raw = edge.storable(raw, body)
            context = TurnContext(self, _routed(raw))
            context.turn_state[RAW] = raw
            return await self._turn(context)
        except Refusal as refusal:
            log.info("refused %s: %s", type(refusal).__name__, refusal)
            return edge.refused(refusal)

    async def _turn(self, context: TurnContext) -> web.Response:
        try:
            await self.run_pipeline(context, self._router.on_turn)
            return _answer(context)
        except Refusal:
            raise
        except DeserializationError as error:
            raise Malformed("a field the models refuse") from error
        except Exception as error:  # noqa: BLE001 - the edge is the last place: a 500 would be no answer at all
            _log_failure(context.activity, error)
            return edge.unavailable()

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        """Post each activity of the turn; raises SendFailed. An invoke answer is kept for the HTTP response."""
        sent: list[ResourceResponse] = []
        for activity in activities:
            response = ResourceResponse()
            if activity.type == "invokeResponse":
                context.turn_state[self._INVOKE_RESPONSE_KEY] = activity
            elif activity.type not in _NEVER_POSTED:
                response = await self._post(context, activity)
            sent.append(response)
        return sent

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        """Replace a message; raises SendFailed."""
        outcome = await self._connector.put_activity(
            *_place(activity), activity.id, activity.serialize(), targeted=TARGET in context.turn_state
        )
        return _sent(outcome)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        """Delete a message; raises SendFailed."""
        targeted = TARGET in context.turn_state
        _sent(await self._connector.delete_activity(*_place(reference), reference.activity_id, targeted=targeted))

    async def _post(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        target: Any = context.turn_state.get(TARGET)
        outcome = await self._connector.post_activity(
            *_place(activity), activity.serialize(), reply_to=activity.reply_to_id, targeted_to=target
        )
        return _sent(outcome)


class _Router(TeamsActivityHandler):
    """The SDK decides which event it is; every hook ends in the same plain call."""

    def __init__(self, bot: Bot) -> None:
        super().__init__()
        self._bot = bot

    async def on_turn(self, turn_context: TurnContext) -> None:
        await super().on_turn(turn_context)
        if _SEEN not in turn_context.turn_state:
            await self._tell(turn_context, "other")

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        await self._tell(turn_context, "message")

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        # Answered here and not by the SDK: its own hooks lose `trigger` and put exceptions into replies.
        answer = await self._tell(turn_context, "invoke")
        status, body = (answer.status, answer.body) if isinstance(answer, InvokeAnswer) else (200, None)
        # Kept directly: send_activity would copy the whole card once more.
        turn_context.turn_state[BotAdapter._INVOKE_RESPONSE_KEY] = Activity(  # noqa: SLF001 - the SDK's own seam
            type="invokeResponse", value=InvokeResponse(status=status, body=body)
        )

    async def on_teams_message_edit(self, turn_context: TurnContext) -> None:
        await self._tell(turn_context, "edit")

    async def on_teams_message_soft_delete(self, turn_context: TurnContext) -> None:
        await self._tell(turn_context, "delete")

    async def on_installation_update_add(self, turn_context: TurnContext) -> None:
        await self._tell(turn_context, "installed")

    async def on_installation_update_remove(self, turn_context: TurnContext) -> None:
        await self._tell(turn_context, "removed")

    async def on_teams_members_added_dispatch(
        self,
        members_added: list[ChannelAccount],  # noqa: ARG002 - the SDK's signature
        team_info: Any,  # noqa: ARG002
        turn_context: TurnContext,
    ) -> None:
        # Overridden: the SDK asks Teams for each person, a storm of requests when a group joins.
        await self._tell(turn_context, "members_added")

    async def on_teams_members_removed_dispatch(
        self,
        members_removed: list[ChannelAccount],
        team_info: Any,  # noqa: ARG002
        turn_context: TurnContext,
    ) -> None:
        bot_id = getattr(turn_context.activity.recipient, "id", None)
        gone = bool(bot_id) and any(member.id == bot_id for member in members_removed)
        await self._tell(turn_context, "removed" if gone else "other")

    async def _tell(self, turn_context: TurnContext, kind: Kind) -> Answer:
        turn_context.turn_state[_SEEN] = True
        raw: Any = turn_context.turn_state[RAW]
        inbound = inbound_from(raw, kind)
        if kind == "other":
            log.info("event without an effect of its own: %.60r %.60r", raw["type"], inbound.name)
        return await self._bot.turn(inbound)


def _routed(raw: Mapping[str, Any]) -> Activity:
    """Return the model with the fields that routing and replies read.

    Built by hand: the SDK's deserialiser takes ten times as long for fields nobody reads (bench/edge.py).
    """
    fields: dict[str, Any] = {key: text(raw, wire) or None for key, wire in _ROUTED_TEXTS}
    return Activity(
        **fields,
        timestamp=_moment(raw, "timestamp"),
        local_timestamp=_moment(raw, "localTimestamp"),
        from_property=_account(table(raw, "from")),
        recipient=_account(table(raw, "recipient")),
        conversation=_conversation(table(raw, "conversation")),
        members_added=_accounts(raw, "membersAdded"),
        members_removed=_accounts(raw, "membersRemoved"),
        value=raw.get("value"),
        channel_data=table(raw, "channelData"),
    )


def _account(source: Mapping[str, Any]) -> ChannelAccount:
    fields: dict[str, Any] = {"aad_object_id": text(source, "aadObjectId") or None}
    return ChannelAccount(id=text(source, "id"), name=text(source, "name"), **fields)


def _accounts(raw: Mapping[str, Any], key: str) -> list[ChannelAccount]:
    found = raw.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Malformed(f"{key} is not a list of accounts")
    return [_account(item) for item in found]


def _conversation(source: Mapping[str, Any]) -> ConversationAccount:
    fields: dict[str, Any] = {
        "name": text(source, "name") or None,
        "conversation_type": text(source, "conversationType") or None,
        "tenant_id": text(source, "tenantId") or None,
    }
    return ConversationAccount(id=text(source, "id"), is_group=source.get("isGroup") is True, **fields)


def _moment(raw: Mapping[str, Any], key: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text(raw, key)) if raw.get(key) is not None else None
    except ValueError as error:
        raise Malformed(f"{key} is not a time") from error


def _answer(context: TurnContext) -> web.Response:
    """Return the HTTP answer of a turn that went through."""
    kept: Any = context.turn_state.get(BotAdapter._INVOKE_RESPONSE_KEY)  # noqa: SLF001 - the SDK's own seam
    if kept is not None:
        return _json(kept.value.status, kept.value.body)
    if context.activity.type == "invoke":
        return web.Response(status=501)
    if context.activity.delivery_mode == "expectReplies":
        return _json(200, {"activities": [reply.serialize() for reply in context.buffered_reply_activities]})
    return web.Response(status=201)


def _json(status: int, body: Any) -> web.Response:
    if body is None:
        return web.Response(status=status)
    serialize: Callable[[Any], Any] = lambda model: model.serialize()  # noqa: E731 - SDK hooks may answer with a model
    return web.Response(status=status, text=json.dumps(body, default=serialize), content_type="application/json")


def _place(item: Any) -> tuple[str, str]:
    """Return service URL and conversation of an Activity or a ConversationReference."""
    return item.service_url or "", item.conversation.id


def _sent(outcome: Outcome) -> ResourceResponse:
    if not isinstance(outcome, Sent):
        raise SendFailed(outcome)
    return ResourceResponse(id=outcome.activity_id)


def _log_failure(activity: Activity, error: Exception) -> None:
    """Log what failed and where, without the error's text: it may quote what somebody wrote."""
    what = (activity.type, activity.id)
    if isinstance(error, Unavailable):
        log.warning("turn put off, %r %r: unavailable", *what)
        return
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    log.error("turn failed, %r %r: %s at %s", *what, type(error).__name__, where)
