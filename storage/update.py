"""Updates by number, with where each of them goes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, select

from domain.update import DeliveryState, DeliveryWay, Update, UpdateDelivery, UpdateState
from storage.statements import adding, by_id, save, save_seen, saving, saving_seen
from storage.tables import stakeholder_update, update_delivery

_FIELDS = (
    "incident_id",
    "cycle",
    "author",
    "text",
    "written_at",
    "next_at",
    "is_final",
    "state",
    "audiences",
    "sent_at",
    "version",
)
_ADD = adding(stakeholder_update, _FIELDS)
_SAVE = saving_seen(stakeholder_update, _FIELDS)
_BY_ID = by_id(stakeholder_update)
_LOCK = _BY_ID.with_for_update(key_share=True)
_OF_INCIDENT = (
    select(stakeholder_update)
    .where(stakeholder_update.c.incident_id == bindparam("wanted"))
    .order_by(stakeholder_update.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_DELIVERY_FIELDS = (
    "update_id",
    "incident_id",
    "way",
    "target",
    "name",
    "state",
    "reason",
    "conversation_id",
    "activity_id",
)
_ADD_DELIVERY = adding(update_delivery, _DELIVERY_FIELDS)
_SAVE_DELIVERY = saving(update_delivery, _DELIVERY_FIELDS)
_DELIVERY = by_id(update_delivery)
_DELIVERIES = select(update_delivery).where(update_delivery.c.update_id == bindparam("wanted")).order_by("id")
_THREAD = (
    select(update_delivery.c.conversation_id)
    .where(
        update_delivery.c.incident_id == bindparam("incident"),
        update_delivery.c.target == bindparam("place"),
        update_delivery.c.conversation_id.is_not(None),
    )
    .order_by(update_delivery.c.id)
    .limit(1)
)
_TOLD = (
    select(update_delivery)
    .join(stakeholder_update, stakeholder_update.c.id == update_delivery.c.update_id)
    .where(update_delivery.c.incident_id == bindparam("incident"), stakeholder_update.c.cycle == bindparam("life"))
    .order_by(update_delivery.c.id)
)


class SqlUpdates:
    """Implements usecases.update_ports.Updates."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, update: Update) -> Update:
        """Store a new one (id 0) and give it its number."""
        return replace(update, id=self._connection.execute(_ADD, _values(update)).scalar_one())

    def get(self, update_id: int) -> Update | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": update_id}).one_or_none()
        return None if row is None else _update(row)

    def lock(self, update_id: int) -> Update | None:
        """Read one that nobody else changes until the transaction ends."""
        row = self._connection.execute(_LOCK, {"key": update_id}).one_or_none()
        return None if row is None else _update(row)

    def save(self, update: Update, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, update.id, seen, _values(update))

    def of_incident(self, incident_id: int, *, limit: int = 20) -> Sequence[Update]:
        """List those of an incident, the newest first."""
        values = {"wanted": incident_id, "most": limit}
        return [_update(row) for row in self._connection.execute(_OF_INCIDENT, values)]

    def add_delivery(self, delivery: UpdateDelivery) -> UpdateDelivery:
        """Store a new one (id 0) and give it its number."""
        return replace(delivery, id=self._connection.execute(_ADD_DELIVERY, _sent(delivery)).scalar_one())

    def delivery(self, delivery_id: int) -> UpdateDelivery | None:
        """Read one."""
        row = self._connection.execute(_DELIVERY, {"key": delivery_id}).one_or_none()
        return None if row is None else _delivery(row)

    def save_delivery(self, delivery: UpdateDelivery) -> None:
        """Write a changed one. Its update is locked."""
        save(self._connection, _SAVE_DELIVERY, delivery.id, _sent(delivery))

    def deliveries(self, update_id: int) -> Sequence[UpdateDelivery]:
        """List where an update goes, in the order in which that was written down."""
        return [_delivery(row) for row in self._connection.execute(_DELIVERIES, {"wanted": update_id})]

    def thread_of(self, incident_id: int, target: str) -> str | None:
        """Find where the first update of an incident stands in a place: the conversation with its thread."""
        return self._connection.execute(_THREAD, {"incident": incident_id, "place": target}).scalar()

    def told(self, incident_id: int, *, cycle: int) -> Sequence[UpdateDelivery]:
        """List each place, person and address once that was sent an update in this life of the incident."""
        rows = self._connection.execute(_TOLD, {"incident": incident_id, "life": cycle})
        once = {(row.way, row.target): row for row in rows}
        return [_delivery(row) for row in once.values()]


def _values(update: Update) -> dict[str, Any]:
    return {name: getattr(update, name) for name in _FIELDS} | {"audiences": list(update.audiences)}


def _update(row: Row[Any]) -> Update:
    return Update(
        id=row.id,
        incident_id=row.incident_id,
        cycle=row.cycle,
        author=row.author,
        text=row.text,
        written_at=row.written_at,
        next_at=row.next_at,
        is_final=row.is_final,
        state=UpdateState(row.state),
        audiences=tuple(row.audiences),
        sent_at=row.sent_at,
        version=row.version,
    )


def _sent(delivery: UpdateDelivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in _DELIVERY_FIELDS}


def _delivery(row: Row[Any]) -> UpdateDelivery:
    return UpdateDelivery(
        id=row.id,
        update_id=row.update_id,
        incident_id=row.incident_id,
        way=DeliveryWay(row.way),
        target=row.target,
        name=row.name,
        state=DeliveryState(row.state),
        reason=row.reason,
        conversation_id=row.conversation_id,
        activity_id=row.activity_id,
    )
