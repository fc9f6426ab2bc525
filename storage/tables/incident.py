"""Incidents, the services they touch and the roles people have in them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, SmallInteger, Table, false, text

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

IS_OPEN = text("status <> 'resolved'")
"""Written out in every query of open incidents: only a literal lets the planner use the partial index."""

incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("status", CleanText, nullable=False),
    Column("declared_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("declared_at", UtcDateTime, nullable=False),
    Column("acknowledged_by", Integer, ForeignKey("person.id")),
    Column("acknowledged_at", UtcDateTime),
    Column("mitigated_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("summary", CleanText, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("entry_seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("paged", Boolean, nullable=False, server_default=false()),
    Column("compared", Boolean, nullable=False, server_default=false()),  # written on its own, never with a version
    Column("updated_at", UtcDateTime),
    Column("remind_every_s", Integer),
    Column("remind_off", Boolean, nullable=False, server_default=false()),
    Column("told_at", UtcDateTime),
    Column("promised_at", UtcDateTime),
    Index("ix_incident_open", "id", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
    Index("ix_incident_declared_at", "declared_at", "id"),
    Index("ix_incident_declared_by", "declared_by", "id"),
    Index("ix_incident_acknowledged_by", "acknowledged_by", "id"),
    # Room for the next version on the same page: most changes touch no indexed column.
    postgresql_with={"fillfactor": "80"},
    sqlite_autoincrement=True,
)

incident_service = Table(
    "incident_service",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("service_id", CleanText, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Index("ix_incident_service_service", "service_id", "incident_id"),
)

incident_role = Table(
    "incident_role",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("role", CleanText, primary_key=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False),
    Index("ix_incident_role_person", "person_id", "incident_id"),
)
