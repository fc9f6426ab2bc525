"""Incidents by number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    cast,
    delete,
    exists,
    insert,
    literal_column,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.errors import StaleVersion
from domain.incident import OPEN_STATUSES, Incident, Role, Status
from storage.functions import lines
from storage.tables import incident, incident_role, incident_service, posted_card
from storage.tables.incident import IS_OPEN
from storage.types import CleanText
from usecases.ports import IncidentFilter

MOST_STANDING = 200  # incidents looked at to guess which one a place is about; ours: far above what is open at once

_FIELDS = (
    "title",
    "severity",
    "status",
    "declared_by",
    "declared_at",
    "acknowledged_by",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "summary",
    "cycle",
    "entry_seq",
    "version",
    "paged",
    "updated_at",
    "remind_off",
    "told_at",
    "promised_at",
)


def _lines_of(table: Table, left: ColumnElement[Any], right: ColumnElement[Any]) -> ScalarSelect[str]:
    """Give "left:right" of an incident's rows in another table, one a line: so that one query reads an incident."""
    pair = cast(left, CleanText) + literal_column("':'", CleanText) + cast(right, CleanText)
    return select(lines(pair)).where(table.c.incident_id == incident.c.id).correlate(incident).scalar_subquery()


_COLUMNS = (
    incident,
    _lines_of(incident_service, incident_service.c.position, incident_service.c.service_id).label("service_lines"),
    _lines_of(incident_role, incident_role.c.role, incident_role.c.person_id).label("role_lines"),
)
_BY_ID = select(*_COLUMNS).where(incident.c.id == bindparam("id"))
_BY_IDS = select(*_COLUMNS).where(incident.c.id.in_(bindparam("ids", expanding=True)))
_COMPARED = update(incident).where(incident.c.id == bindparam("key")).values(compared=true())
_LOCK = select(incident.c.id).where(incident.c.id == bindparam("id")).with_for_update(key_share=True)
_COLUMN_NAMES = (*_FIELDS, "remind_every_s")
_ADD = insert(incident).values({name: bindparam(name) for name in _COLUMN_NAMES}).returning(incident.c.id)
_SAVE = (
    update(incident)
    .where(incident.c.id == bindparam("key"), incident.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMN_NAMES})
)
_DROP_SERVICES = delete(incident_service).where(incident_service.c.incident_id == bindparam("id"))
_ADD_SERVICE = insert(incident_service)
_DROP_ROLE = delete(incident_role).where(
    incident_role.c.incident_id == bindparam("id"), incident_role.c.role == bindparam("name")
)
_NEW_ROLE = upsert(incident_role)
_SET_ROLE = _NEW_ROLE.on_conflict_do_update(
    index_elements=["incident_id", "role"], set_={"person_id": _NEW_ROLE.excluded.person_id}
)
_STANDING = select(posted_card.c.incident_id).distinct().order_by(posted_card.c.incident_id.desc()).limit(MOST_STANDING)
_STANDING_HERE = _STANDING.where(posted_card.c.conversation_id == bindparam("here"))
_STANDING_IN_CHANNEL = _STANDING.where(posted_card.c.base_id == bindparam("here"))


class SqlIncidents:
    """Implements usecases.ports.Incidents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locks_rows = connection.dialect.name == "postgresql"
        self._read: dict[int, Incident] = {}

    def add(self, incident: Incident) -> Incident:
        """Store a new one and give it its number."""
        added = replace(incident, id=self._connection.execute(_ADD, _values(incident)).scalar_one())
        self._write_services(added, before=())
        self._write_roles(added, before={})
        self._read[added.id] = added
        return added

    def compared(self, incident_id: int) -> None:
        """Note that there is something to say about what one looks like; no change of its version."""
        self._connection.execute(_COMPARED, {"key": incident_id})
        self._read.pop(incident_id, None)

    def get(self, incident_id: int) -> Incident | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"id": incident_id}).one_or_none()
        if row is None:
            return None
        found = self._read[incident_id] = _incident(row)
        return found

    def lock(self, incident_id: int) -> Incident | None:
        """Read one to change it. SQLite has one writer anyway; PostgreSQL locks the row first and reads it then."""
        if self._locks_rows:
            # A statement of its own: one that had to wait would show the roles of the time before the wait.
            self._connection.execute(_LOCK, {"id": incident_id})
        return self.get(incident_id)

    def save(self, incident: Incident, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        values = {f"new_{name}": value for name, value in _values(incident).items()}
        saved = self._connection.execute(_SAVE, {"key": incident.id, "seen": seen, **values})
        if saved.rowcount != 1:
            raise StaleVersion
        before = self._read.get(incident.id) or self.get(incident.id) or incident
        if before.services != incident.services:
            self._write_services(incident, before=before.services)
        if before.roles != incident.roles:
            self._write_roles(incident, before=before.roles)
        self._read[incident.id] = incident

    def list(self, wanted: IncidentFilter) -> Sequence[Incident]:
        """List the newest first."""
        return [_incident(row) for row in self._connection.execute(listing(wanted))]

    def many(self, ids: Collection[int]) -> Mapping[int, Incident]:
        """Read several at once."""
        if not ids:
            return {}
        return {row.id: _incident(row) for row in self._connection.execute(_BY_IDS, {"ids": list(ids)})}

    def standing_in(self, conversation_id: str, *, whole_channel: bool) -> Sequence[int]:
        """Ids of the newest 200 incidents that have a status card here, newest first."""
        query = _STANDING_IN_CHANNEL if whole_channel else _STANDING_HERE
        return self._connection.execute(query, {"here": conversation_id}).scalars().all()

    def _write_services(self, incident: Incident, *, before: tuple[str, ...]) -> None:
        if before:
            self._connection.execute(_DROP_SERVICES, {"id": incident.id})
        rows = [
            {"incident_id": incident.id, "service_id": service, "position": position}
            for position, service in enumerate(incident.services)
        ]
        if rows:
            self._connection.execute(_ADD_SERVICE, rows)

    def _write_roles(self, incident: Incident, *, before: Mapping[Role, int]) -> None:
        for role in before.keys() - incident.roles.keys():
            self._connection.execute(_DROP_ROLE, {"id": incident.id, "name": role})
        for role, person in incident.roles.items():
            if before.get(role) != person:
                self._connection.execute(_SET_ROLE, {"incident_id": incident.id, "role": role, "person_id": person})


def listing(wanted: IncidentFilter) -> Select[Any]:
    """Build the query of a list: by key, never by offset, so that page 1,000 costs what page 1 costs."""
    query = select(*_COLUMNS).order_by(incident.c.id.desc()).limit(wanted.limit)
    if wanted.open_only or (wanted.statuses and set(wanted.statuses) <= set(OPEN_STATUSES)):
        query = query.where(IS_OPEN)
    if wanted.statuses:
        query = query.where(incident.c.status.in_(wanted.statuses))
    if wanted.before is not None:
        query = query.where(incident.c.id < wanted.before)
    if wanted.service is not None:
        here = incident_service.c.service_id == wanted.service
        if wanted.open_only:
            query = query.where(exists().where(here, incident_service.c.incident_id == incident.c.id))
        else:
            query = query.join(incident_service, incident_service.c.incident_id == incident.c.id).where(here)
    if wanted.person_id is not None:
        query = query.where(incident.c.id.in_(_of_person(wanted.person_id)))
    return query


def _of_person(person_id: int) -> Any:
    """Give the ids of incidents somebody has a part in, each branch by its own index."""
    other = incident.alias()
    return union_all(
        select(incident_role.c.incident_id).where(incident_role.c.person_id == person_id),
        select(other.c.id).where(other.c.declared_by == person_id),
        select(other.c.id).where(other.c.acknowledged_by == person_id),
    )


def _values(incident: Incident) -> dict[str, Any]:
    every = incident.remind_every
    seconds = None if every is None else int(every.total_seconds())
    return {name: getattr(incident, name) for name in _FIELDS} | {"remind_every_s": seconds}


def _incident(row: Row[Any]) -> Incident:
    services = sorted((line.partition(":") for line in _lines(row.service_lines)), key=lambda parts: int(parts[0]))
    roles = (line.rpartition(":") for line in _lines(row.role_lines))
    return Incident(
        id=row.id,
        title=row.title,
        severity=row.severity,
        status=Status(row.status),
        declared_by=row.declared_by,
        declared_at=row.declared_at,
        services=tuple(service for _, _, service in services),
        roles={Role(role): int(person) for role, _, person in roles},
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        mitigated_at=row.mitigated_at,
        resolved_at=row.resolved_at,
        summary=row.summary,
        cycle=row.cycle,
        entry_seq=row.entry_seq,
        version=row.version,
        paged=row.paged,
        compared=row.compared,
        updated_at=row.updated_at,
        remind_every=None if row.remind_every_s is None else timedelta(seconds=row.remind_every_s),
        remind_off=row.remind_off,
        told_at=row.told_at,
        promised_at=row.promised_at,
    )


def _lines(text: str | None) -> Sequence[str]:
    return text.split("\n") if text else ()
