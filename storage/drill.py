"""Harmless pages that measure how long it takes until somebody answers."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from domain.paging import Drill, DrillState
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.statements import adding, by_id, save, saving
from storage.tables import drill

_OWN = ("schedule", "asked_by", "started_at", "state", "ended_at")
_FIELDS = (*_OWN, *PLACE_FIELDS, "conversation_id")
_ADD = adding(drill, _FIELDS)
_SAVE = saving(drill, _FIELDS)
_BY_ID = by_id(drill)
_LOCK = _BY_ID.with_for_update(key_share=True)


class SqlDrills:
    """Implements usecases.oncall_ports.Drills."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, drill: Drill) -> Drill:
        """Store a new one (id 0) and give it its number."""
        return replace(drill, id=self._connection.execute(_ADD, _values(drill)).scalar_one())

    def get(self, drill_id: int) -> Drill | None:
        """Read one."""
        return self._one(_BY_ID, drill_id)

    def lock(self, drill_id: int) -> Drill | None:
        """Read one to change it: until this transaction ends nobody else does. SQLite has one writer anyway."""
        return self._one(_LOCK, drill_id)

    def save(self, drill: Drill) -> None:
        """Write a changed one that was locked."""
        save(self._connection, _SAVE, drill.id, _values(drill))

    def _one(self, query: Any, drill_id: int) -> Drill | None:
        row = self._connection.execute(query, {"key": drill_id}).one_or_none()
        return None if row is None else _drill(row)


def _values(drill: Drill) -> dict[str, Any]:
    own = {name: getattr(drill, name) for name in _OWN}
    return own | place_values(drill.place) | {"conversation_id": drill.place.conversation_id}


def _drill(row: Row[Any]) -> Drill:
    return Drill(
        id=row.id,
        schedule=row.schedule,
        asked_by=row.asked_by,
        place=place_from(row, row.conversation_id),
        started_at=row.started_at,
        state=DrillState(row.state),
        ended_at=row.ended_at,
    )
