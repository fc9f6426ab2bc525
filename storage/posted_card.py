"""Status cards that stand in conversations."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, select, update

from domain.conversation import Place
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.tables import conversation, posted_card
from usecases.ports import PostedCard

_FIELDS = ("incident_id", *PLACE_FIELDS, "conversation_id", "base_id", "activity_id", "original", "sent_at_ms")
_ADD = insert(posted_card).values({name: bindparam(name) for name in _FIELDS}).returning(posted_card.c.id)
_BY_ID = select(posted_card).where(posted_card.c.id == bindparam("key"))
_OF_INCIDENT = select(posted_card).where(posted_card.c.incident_id == bindparam("incident")).order_by(posted_card.c.id)
_REACHABLE = _OF_INCIDENT.where(
    ~exists().where(conversation.c.base_id == posted_card.c.base_id, conversation.c.blocked_reason.is_not(None))
)
_AT = (
    select(posted_card)
    .where(posted_card.c.activity_id == bindparam("activity"), posted_card.c.base_id == bindparam("base"))
    .order_by(posted_card.c.id)
    .limit(1)
)
_STANDS = ("tenant_id", "service_url", "conversation_id", "base_id", "activity_id", "sent_at_ms")
_DRAWN = (
    update(posted_card)
    .where(posted_card.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _STANDS})
)
_REMOVE = delete(posted_card).where(posted_card.c.id == bindparam("key"))


class SqlCards:
    """Implements usecases.ports.Cards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, card: PostedCard) -> PostedCard:
        """Store one before it is sent."""
        values = {
            "incident_id": card.incident_id,
            **_standing(card.place),
            "activity_id": card.activity_id,
            "original": card.original,
            "sent_at_ms": card.sent_at_ms,
        }
        return replace(card, id=self._connection.execute(_ADD, values).scalar_one())

    def get(self, card_id: int) -> PostedCard | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": card_id}).one_or_none()
        return None if row is None else _card(row)

    def of_incident(self, incident_id: int) -> Sequence[PostedCard]:
        """List those of an incident, oldest first."""
        return [_card(row) for row in self._connection.execute(_OF_INCIDENT, {"incident": incident_id})]

    def reachable(self, incident_id: int) -> Sequence[PostedCard]:
        """List those of an incident whose conversation is not closed to us, oldest first."""
        return [_card(row) for row in self._connection.execute(_REACHABLE, {"incident": incident_id})]

    def at(self, base_id: str, activity_id: str) -> PostedCard | None:
        """Find the card that a message is. `base_id` is the conversation without its thread."""
        row = self._connection.execute(_AT, {"activity": activity_id, "base": base_id}).one_or_none()
        return None if row is None else _card(row)

    def drawn(self, card_id: int, *, activity_id: str, place: Place, at_ms: int) -> None:
        """Record where it stands after a send, and when."""
        values = _standing(place) | {"activity_id": activity_id, "sent_at_ms": at_ms}
        self._connection.execute(_DRAWN, {"key": card_id} | {f"new_{name}": values[name] for name in _STANDS})

    def remove(self, card_id: int) -> None:
        """Forget one: it is gone, or has given way."""
        self._connection.execute(_REMOVE, {"key": card_id})


def _standing(place: Place) -> dict[str, Any]:
    return place_values(place) | {"conversation_id": place.conversation_id, "base_id": place.base_id}


def _card(row: Row[Any]) -> PostedCard:
    return PostedCard(
        id=row.id,
        incident_id=row.incident_id,
        place=place_from(row, row.conversation_id),
        activity_id=row.activity_id,
        original=row.original,
        sent_at_ms=row.sent_at_ms,
    )
