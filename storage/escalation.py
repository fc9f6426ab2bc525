"""Running and past escalations."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, select, text

from domain.running_escalation import Escalation, EscalationState
from storage.parsed import as_text, policy_from, without
from storage.statements import adding, save_seen, saving_seen
from storage.tables import escalation
from storage.tables.escalation import IS_LIVE

_FIELDS = ("incident_id", "cycle", "policy", "started_at", "state", "position", "next_at", "version")
_ADD = adding(escalation, _FIELDS)
_SAVE = saving_seen(escalation, _FIELDS)
_ROWS = select(*without(escalation.c.policy), as_text(escalation.c.policy).label("policy_text"))
_BY_ID = _ROWS.where(escalation.c.id == bindparam("key"))
_OF_INCIDENT = _ROWS.where(escalation.c.incident_id == bindparam("incident")).order_by(escalation.c.id)
_HELD = _ROWS.where(IS_LIVE, text("state = 'held'")).order_by(escalation.c.id)
_LIVE = _ROWS.where(IS_LIVE).order_by(escalation.c.id).limit(bindparam("most", type_=Integer))


class SqlEscalations:
    """Implements usecases.oncall_ports.Escalations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, escalation: Escalation) -> Escalation:
        """Store a new one (id 0) and give it its number."""
        return replace(escalation, id=self._connection.execute(_ADD, _values(escalation)).scalar_one())

    def get(self, escalation_id: int) -> Escalation | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": escalation_id}).one_or_none()
        return None if row is None else _escalation(row)

    def save(self, escalation: Escalation, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, escalation.id, seen, _values(escalation))

    def of_incident(self, incident_id: int) -> Sequence[Escalation]:
        """List those of an incident, oldest first."""
        return [_escalation(row) for row in self._connection.execute(_OF_INCIDENT, {"incident": incident_id})]

    def live(self, *, limit: int = 1000) -> Sequence[Escalation]:
        """List those that are waiting, held back or running, oldest first."""
        return [_escalation(row) for row in self._connection.execute(_LIVE, {"most": limit})]

    def held(self) -> Sequence[Escalation]:
        """List those that maintenance holds back, oldest first."""
        return [_escalation(row) for row in self._connection.execute(_HELD)]


def _values(escalation: Escalation) -> dict[str, Any]:
    return {name: getattr(escalation, name) for name in _FIELDS} | {"policy": escalation.policy.to_json()}


def _escalation(row: Row[Any]) -> Escalation:
    return Escalation(
        id=row.id,
        incident_id=row.incident_id,
        cycle=row.cycle,
        policy=policy_from(row.policy_text),
        started_at=row.started_at,
        state=EscalationState(row.state),
        position=row.position,
        next_at=row.next_at,
        version=row.version,
    )
