"""Running and past escalations, each with the policy as it was when it began."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, text

from storage.tables.base import metadata
from storage.types import CleanText, Json, UtcDateTime

IS_LIVE = text("state IN ('waiting', 'running', 'held')")
"""Written out in every query of live ones: only a literal lets the planner use the partial index."""

escalation = Table(
    "escalation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", Integer, ForeignKey("incident.id"), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("policy", Json, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("position", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index("ix_escalation_incident_id", "incident_id", "id"),
    Index("ix_escalation_live", "id", postgresql_where=IS_LIVE, sqlite_where=IS_LIVE),
)
