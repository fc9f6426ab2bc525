"""What incidents are compared by: how often words occur, kinds, and what was found.

The words themselves are in `incident_words`, which each database keeps in its own way and no metadata can describe: a
full-text table of SQLite (FTS5), a column of PostgreSQL's type tsvector. Migration 0013 makes it.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, SmallInteger, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json

WORDS_TABLE = "incident_words"
"""Its name, and the beginning of the names of the tables SQLite keeps behind it."""

incident_term = Table(
    "incident_term",
    metadata,
    Column("term", CleanText, primary_key=True),  # empty: how many incidents there are
    Column("incidents", Integer, nullable=False),
)

incident_kind = Table(
    "incident_kind",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("service_id", CleanText, primary_key=True),
    Column("words", CleanText, nullable=False),
    Index("ix_incident_kind_kind", "service_id", "words", "incident_id"),
)

similar_incident = Table(
    "similar_incident",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("other_id", Integer, ForeignKey("incident.id"), nullable=False),
    Column("words", Json, nullable=False),
    Column("services", Json, nullable=False),
    Column("same_kind", Boolean, nullable=False),
)
