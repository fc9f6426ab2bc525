"""Ids that look like those of Teams. Where an id follows from what it names, it is the same after every start."""

import base64
import hashlib
import re
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime

_THREAD = re.compile(r"^19:[^;\s]+@thread\.\S+$")
_SPACE = uuid.UUID("10ca1000-7ea5-4000-8000-00000000c0de")


def _digest(*parts: str, length: int) -> str:
    raw = hashlib.sha512("\x1f".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")[:length]


def user_mri(app_id: str, object_id: str) -> str:
    """Return the `29:` id under which this bot knows the person: another bot gets another one."""
    return "29:1" + _digest("user", app_id, object_id.lower(), length=86)


def bot_mri(app_id: str) -> str:
    """Return the id of the bot itself."""
    return f"28:{app_id}"


def personal_chat_id(app_id: str, object_id: str) -> str:
    """Return the id of the 1:1 chat of the bot and a person."""
    return "a:1" + _digest("personal", app_id, object_id.lower(), length=86)


def channel_thread_id(seed: str) -> str:
    """Return `seed` if it is a thread id already, else a thread id made from it."""
    if _THREAD.match(seed):
        return seed
    return f"19:{_digest('channel', seed, length=43)}1@thread.tacv2"


def team_group_id(thread_id: str) -> str:
    """Return the Entra group id (GUID) of a team: the other of a team's two ids."""
    return str(uuid.uuid5(_SPACE, thread_id))


def new_group_chat_id() -> str:
    """Return the id of a new group chat."""
    return f"19:{secrets.token_hex(16)}@thread.v2"


def split_thread(conversation_id: str) -> tuple[str, str | None]:
    """Split `19:…;messageid=17…` into the conversation and the root message, None without one."""
    base, _, rest = conversation_id.partition(";")
    key, _, root = rest.partition("=")
    return base, root if key == "messageid" and root.isdigit() and root != "0" else None


class ActivityIds:
    """Ids of messages: milliseconds since 1970 as digits, each larger than the one before."""

    def __init__(self, now: Callable[[], datetime], last: int = 0) -> None:
        self._now = now
        self._last = last

    def seen(self, activity_id: str) -> None:
        """Never hand out this id or a smaller one."""
        self._last = max(self._last, int(activity_id))

    def next(self) -> str:
        """Return a new id."""
        self._last = max(self._last + 1, int(self._now().timestamp() * 1000))
        return str(self._last)
