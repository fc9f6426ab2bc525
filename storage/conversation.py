"""Places the bot has been spoken to, by verified activities only."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.conversation import ConversationKind, Place
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.tables import conversation
from storage.types import UtcDateTime

SEEN_STEP = timedelta(hours=1)  # how exact `seen_at` is; ours: saves a write for nearly every activity

_NEW = insert(conversation).values({name: bindparam(name) for name in ("base_id", *PLACE_FIELDS, "seen_at")})
_REMEMBER = _NEW.on_conflict_do_update(
    index_elements=["base_id"],
    set_={name: _NEW.excluded[name] for name in (*PLACE_FIELDS, "seen_at")} | {"blocked_reason": null()},
    where=or_(
        conversation.c.seen_at < bindparam("stale_at", type_=UtcDateTime),
        conversation.c.blocked_reason.is_not(None),
        *(conversation.c[name].is_distinct_from(_NEW.excluded[name]) for name in PLACE_FIELDS),
    ),
)
_FIND = select(conversation).where(conversation.c.base_id == bindparam("wanted"))
_PERSONAL = (
    select(conversation)
    .where(conversation.c.person_object_id == bindparam("wanted"), conversation.c.kind == bindparam("kind_wanted"))
    .order_by(conversation.c.seen_at.desc())
    .limit(1)
)
_OF_TENANT = (
    select(conversation)
    .where(conversation.c.tenant_id == bindparam("wanted"))
    .order_by(conversation.c.seen_at.desc())
    .limit(1)
)
_HOME = (
    select(conversation)
    .where(conversation.c.blocked_reason.is_(None))
    .order_by(conversation.c.seen_at.desc(), conversation.c.base_id)
    .limit(1)
)
_BLOCK = (
    update(conversation)
    .where(conversation.c.base_id == bindparam("wanted"))
    .values(blocked_reason=bindparam("new_reason"))
)
_BLOCKED = select(conversation.c.blocked_reason).where(conversation.c.base_id == bindparam("wanted"))


class SqlConversations:
    """Implements usecases.ports.Conversations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remember(self, place: Place, *, at: datetime) -> None:
        """Keep the newest address of a conversation (its base, without a thread) and lift a block."""
        values = {"base_id": place.base_id, **place_values(place), "seen_at": at, "stale_at": at - SEEN_STEP}
        self._connection.execute(_REMEMBER, values)

    def find(self, base_id: str) -> Place | None:
        """Find a conversation we have been spoken to in."""
        return self._one(_FIND, {"wanted": base_id})

    def personal(self, object_id: str) -> Place | None:
        """Find somebody's 1:1 chat."""
        return self._one(_PERSONAL, {"wanted": object_id.lower(), "kind_wanted": ConversationKind.PERSONAL})

    def any_of_tenant(self, tenant_id: str) -> Place | None:
        """Find the newest address in a tenant: its service URL opens new chats."""
        return self._one(_OF_TENANT, {"wanted": tenant_id})

    def home(self) -> Place | None:
        """Find the newest address of all that is not closed to us, for people and channels we know nothing of."""
        return self._one(_HOME, {})

    def block(self, base_id: str, reason: str) -> None:
        """Mark a conversation as closed to us until somebody writes in it again."""
        self._connection.execute(_BLOCK, {"wanted": base_id, "new_reason": reason})

    def blocked(self, base_id: str) -> str | None:
        """Say why a conversation is closed to us, or None."""
        return self._connection.execute(_BLOCKED, {"wanted": base_id}).scalar_one_or_none()

    def _one(self, query: Any, values: dict[str, Any]) -> Place | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else place_from(row, row.base_id)
