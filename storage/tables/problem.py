"""Problems, their incidents, and the messages in which people see them."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

problem = Table(
    "problem",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("service", CleanText, nullable=False),
    Column("owner", Integer, ForeignKey("person.id"), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("evidence", CleanText, nullable=False),
    Column("closed_by", Integer, ForeignKey("person.id")),
    Column("closed_at", UtcDateTime),
    Column("plan", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_problem_state", "state", "due_on", "id"),
    # Keys of work and messages are made of the id: it must never come back.
    sqlite_autoincrement=True,
)

problem_incident = Table(
    "problem_incident",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("problem_id", Integer, ForeignKey("problem.id"), nullable=False, index=True),
)

problem_card = Table(
    "problem_card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("problem_id", Integer, ForeignKey("problem.id"), nullable=False, index=True),
    Column("reader", Integer, ForeignKey("person.id"), nullable=False),
    Column("activity_id", CleanText, nullable=False),
)
