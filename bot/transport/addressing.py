"""How conversations and threads are named. The one place to change should Teams address threads differently."""

from collections.abc import Mapping
from typing import Any

_MARK = ";messageid="


def base_of(conversation_id: str) -> str:
    """Return the channel or chat a conversation id belongs to, without its thread."""
    return conversation_id.partition(";")[0]


def root_of(conversation_id: str) -> str | None:
    """Return the id of the post a thread hangs under, None outside a thread."""
    for part in conversation_id.split(";")[1:]:
        name, _, root = part.partition("=")
        if name == "messageid" and _is_root(root):
            return root
    return None


def thread_of(conversation_id: str, root_id: str) -> str:
    """Return the id of the thread under `root_id`; the channel itself where `root_id` cannot be a post.

    A reply's `replyToId` never routed anything in Teams: the conversation id does.
    """
    base = base_of(conversation_id)
    return f"{base}{_MARK}{root_id}" if _is_root(root_id) else base


def personal_conversation(member_id: str, *, tenant_id: str, bot_id: str) -> dict[str, Any]:
    """Return the body that opens the 1:1 chat with `member_id` (29: id or Entra object id).

    The app must be installed for that person, else Teams answers 403.
    """
    return {
        "bot": {"id": bot_id},
        "members": [{"id": member_id}],
        "isGroup": False,
        "tenantId": tenant_id,
        "channelData": {"tenant": {"id": tenant_id}},
    }


def channel_post(channel_id: str, *, tenant_id: str, bot_id: str, activity: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that starts a new post in a channel; the id of its activity is the root of the thread."""
    return {
        "bot": {"id": bot_id},
        "isGroup": True,
        "tenantId": tenant_id,
        "channelData": {"channel": {"id": base_of(channel_id)}, "tenant": {"id": tenant_id}},
        "activity": dict(activity),
    }


def _is_root(root_id: str) -> bool:
    return root_id.isascii() and root_id.isdigit() and root_id.strip("0") != ""
