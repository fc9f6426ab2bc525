"""From what came over the wire to what the product reasons with: identity, place, keys."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.transport.inbound import Inbound, table, text
from domain.conversation import ConversationKind, Place
from domain.people import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed: its verb, what the card carried and what was typed, in one mapping."""

    verb: str
    data: Mapping[str, Any]


def identity_of(inbound: Inbound) -> Identity:
    """Tell who is speaking, from the verified activity alone."""
    return Identity(
        object_id=(inbound.sender_object_id or "").lower(),
        tenant_id=inbound.sender_tenant_id or inbound.tenant_id,
        channel_user_id=inbound.sender_id,
        name=inbound.sender_name,
        time_zone=inbound.time_zone,
        locale=inbound.locale,
        guest=inbound.sender_is_guest or _is_from_elsewhere(inbound),
    )


def _is_from_elsewhere(inbound: Inbound) -> bool:
    """Tell whether the sender belongs to another tenant than the conversation: a guest or an external member."""
    home = text(table(inbound.raw, "conversation"), "tenantId").lower()
    theirs = (inbound.sender_tenant_id or inbound.tenant_id).lower()
    return bool(home and theirs) and home != theirs


def place_of(inbound: Inbound) -> Place:
    """Tell where it was said."""
    kind = ConversationKind(inbound.conversation_kind)
    return Place(
        tenant_id=inbound.tenant_id,
        service_url=inbound.service_url,
        conversation_id=inbound.conversation_id,
        kind=kind,
        team_id=inbound.aad_group_id or inbound.team_id,
        person_object_id=(inbound.sender_object_id or "").lower() or None
        if kind is ConversationKind.PERSONAL
        else None,
    )


def delivery_key(inbound: Inbound) -> str:
    """Name an activity: Teams delivers it again with the same id."""
    return f"activity:{inbound.tenant_id}:{inbound.conversation_id}:{inbound.activity_id}"


def press_of(inbound: Inbound) -> Press | None:
    """Read the button of a card or of a dialog; None when it is not one of ours."""
    if inbound.name.startswith("task/"):
        return _press_of_dialog(inbound.value.get("data"))
    action = inbound.value.get("action")
    if not isinstance(action, dict) or action.get("type", "Action.Execute") != "Action.Execute":
        return None
    verb, data = action.get("verb"), action.get("data")
    if not isinstance(verb, str) or not isinstance(data, dict | None):
        return None
    return Press(verb=verb, data=data or {})


def _press_of_dialog(data: object) -> Press | None:
    """Read what opens a dialog or is sent from it: the verb stands among the data."""
    if not isinstance(data, dict):
        return None
    given = cast("dict[str, Any]", data)
    verb = given.get("verb")
    if not isinstance(verb, str):
        return None
    return Press(verb=verb, data={name: value for name, value in given.items() if name not in ("verb", "msteams")})


def press_key(inbound: Inbound, press: Press) -> str:
    """Name a press: Teams may deliver it again half a minute later with a new id, so the id cannot be part of it."""
    parts = [
        inbound.tenant_id,
        inbound.sender_object_id,
        inbound.conversation_id.partition(";")[0],
        inbound.reply_to_id,
        press.verb,
        press.data,
    ]
    return "press:" + hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
