"""What Teams tells us, as plain frozen values, and what we answer. No SDK type leaves this package."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.transport.refusals import Malformed

Kind = Literal["message", "invoke", "edit", "delete", "installed", "removed", "members_added", "other"]
ConversationKind = Literal["personal", "groupChat", "channel"]

_CONVERSATION_KINDS: dict[Any, ConversationKind] = {
    "personal": "personal",
    "groupChat": "groupChat",
    "channel": "channel",
}
_NAMED = frozenset({"message", "invoke", "edit", "delete"})
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class MentionEntity:
    """One mention as Teams lists it beside the text; fields it leaves out are "" (or None)."""

    id: str
    """The 29: id of a person, 28: of a bot."""
    name: str
    text: str
    """The piece of the activity's text that stands for the mention, such as <at>Alice</at>."""
    object_id: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One verified activity. Text fields hold no NUL and no lone surrogate, so every database takes them."""

    kind: Kind
    activity_id: str
    name: str
    """The name of an invoke or event, else the Teams event type (channelRenamed, …), else ""."""
    tenant_id: str
    service_url: str
    conversation_id: str
    conversation_kind: ConversationKind
    channel_id: str | None
    team_id: str | None
    """The team's 19: id; the directory knows the team by `aad_group_id`."""
    aad_group_id: str | None
    sender_id: str
    sender_object_id: str | None
    """The Entra object id: with the tenant it is who somebody is; names prove nothing."""
    sender_name: str = field(repr=False)
    sender_tenant_id: str | None
    sender_is_guest: bool
    bot_id: str
    bot_name: str
    reply_to_id: str | None
    private: bool
    """Whether only the sender and we can see it (a targeted message)."""
    time_zone: str | None
    """IANA name of the sender's time zone, as the client reports it."""
    locale: str | None
    text: str = field(repr=False)
    mentions: tuple[MentionEntity, ...] = field(repr=False)
    value: Mapping[str, Any] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Nothing to say in the HTTP answer."""


@dataclass(frozen=True, slots=True)
class InvokeAnswer:
    """The answer of an invoke; `body` None is an empty body."""

    status: int
    body: Mapping[str, Any] | None = None


Answer = Accepted | InvokeAnswer


class Unavailable(Exception):  # noqa: N818 - what the channel is told: come back later
    """Raised by a turn that could not be carried out now (the database is gone) and had no effect."""


class Bot(Protocol):
    """The application behind the edge."""

    async def turn(self, inbound: Inbound) -> Answer:
        """Carry out one activity; it may come again with the same id, which must have no second effect."""
        ...


def inbound_from(raw: Mapping[str, Any], kind: Kind) -> Inbound:
    """Read a verified, scrubbed activity; raises Malformed where a field we need has an odd type or is missing."""
    conversation, sender, bot = (table(raw, key) for key in ("conversation", "from", "recipient"))
    channel_data = table(raw, "channelData")
    team, client = table(channel_data, "team"), _client_info(raw)
    conversation_id, where = text(conversation, "id"), _conversation_kind(conversation)
    inbound = Inbound(
        kind=kind,
        activity_id=text(raw, "id"),
        name=text(raw, "name") or text(channel_data, "eventType"),
        tenant_id=text(table(channel_data, "tenant"), "id") or text(conversation, "tenantId"),
        service_url=text(raw, "serviceUrl"),
        conversation_id=conversation_id,
        conversation_kind=where,
        channel_id=_channel_id(channel_data, conversation_id) if where == "channel" else None,
        team_id=text(team, "id") or None,
        aad_group_id=text(team, "aadGroupId") or None,
        sender_id=text(sender, "id"),
        sender_object_id=text(sender, "aadObjectId") or None,
        sender_name=text(sender, "name"),
        sender_tenant_id=text(sender, "tenantId") or None,
        sender_is_guest=_is_guest(sender),
        bot_id=text(bot, "id"),
        bot_name=text(bot, "name"),
        reply_to_id=text(raw, "replyToId") or None,
        private=bot.get("isTargeted") is True,
        time_zone=text(raw, "localTimezone") or _loose(client, "timezone") or None,
        locale=text(raw, "locale") or _loose(client, "locale") or None,
        text=text(raw, "text"),
        mentions=_mentions(raw),
        value=_loose_table(raw, "value"),
        raw=raw,
    )
    if kind in _NAMED and not (inbound.activity_id and inbound.conversation_id and inbound.sender_id):
        raise Malformed("an id is missing: activity, conversation or sender")
    return inbound


def text(source: Mapping[str, Any], key: str) -> str:
    """Return a text field, "" where it is missing; raises Malformed for any other type."""
    found = source.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Malformed(f"{key} is not a text")
    return found


def table(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object field, {} where it is missing; raises Malformed for any other type."""
    found = source.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Malformed(f"{key} is not an object")
    return found


def scrubbed(value: Any) -> Any:
    """Return the same JSON without NUL and with U+FFFD for each lone surrogate: PostgreSQL refuses both."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, dict):
        return {scrubbed(key): scrubbed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [scrubbed(item) for item in value]
    return value


def _conversation_kind(conversation: Mapping[str, Any]) -> ConversationKind:
    named = conversation.get("conversationType")
    if isinstance(named, str) and named in _CONVERSATION_KINDS:
        return _CONVERSATION_KINDS[named]
    # Events leave the type out; the shape of the id tells it.
    if "@thread.tacv2" in text(conversation, "id") or "@thread.skype" in text(conversation, "id"):
        return "channel"
    return "groupChat" if conversation.get("isGroup") is True else "personal"


def _channel_id(channel_data: Mapping[str, Any], conversation_id: str) -> str | None:
    return text(table(channel_data, "channel"), "id") or conversation_id.partition(";")[0] or None


def _is_guest(sender: Mapping[str, Any]) -> bool:
    roles = (_loose(sender, "userRole"), _loose(sender, "role"))
    return "guest" in map(str.lower, roles) or "#ext#" in _loose(sender, "userPrincipalName").lower()


def _client_info(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((entity for entity in _entities(raw) if entity.get("type") == "clientInfo"), {})


def _mentions(raw: Mapping[str, Any]) -> tuple[MentionEntity, ...]:
    found: list[MentionEntity] = []
    for entity in _entities(raw):
        if _loose(entity, "type").lower() == "mention":
            who = _loose_table(entity, "mentioned")
            object_id = _loose(who, "aadObjectId") or None
            found.append(MentionEntity(_loose(who, "id"), _loose(who, "name"), _loose(entity, "text"), object_id))
    return tuple(found)


def _entities(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = raw.get("entities")
    return [entity for entity in found if isinstance(entity, dict)] if isinstance(found, list) else []


def _loose(source: Mapping[str, Any], key: str) -> str:
    """Return a text we can do without, "" for any other type."""
    found = source.get(key)
    return found if isinstance(found, str) else ""


def _loose_table(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = source.get(key)
    return found if isinstance(found, dict) else {}
