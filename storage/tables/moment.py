"""Corrected moments of incidents, each one kept, and key entries of timelines."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

incident_moment = Table(
    "incident_moment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", Integer, ForeignKey("incident.id"), nullable=False),
    Column("cycle", Integer, nullable=False, server_default="0"),
    Column("moment", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("author", Integer, ForeignKey("person.id"), nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_incident_moment_incident", "incident_id", "id"),
)

timeline_key = Table(
    "timeline_key",
    metadata,
    Column("incident_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    ForeignKeyConstraint(
        ["incident_id", "seq"], ["timeline_entry.incident_id", "timeline_entry.seq"], name="fk_timeline_key_entry"
    ),
)
