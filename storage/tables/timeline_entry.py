"""The timeline: entries are appended; a text may be replaced or taken away, never an entry."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json, UtcDateTime

timeline_entry = Table(
    "timeline_entry",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("actor", Integer, ForeignKey("person.id"), nullable=False),
    Column("text", CleanText, nullable=False),
    Column("data", Json, nullable=False),
    Column("source", CleanText, nullable=False),
    Column("source_activity", CleanText, unique=True),
    Column("deleted_at", UtcDateTime),
    Column("revised", Integer, nullable=False),  # how many revisions there are: pages without any need no second query
)

timeline_revision = Table(
    "timeline_revision",
    metadata,
    Column("incident_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["incident_id", "seq"],
        ["timeline_entry.incident_id", "timeline_entry.seq"],
        name="fk_timeline_revision_entry",
    ),
)
