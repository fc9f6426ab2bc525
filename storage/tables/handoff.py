"""Handoffs at shift changes."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, text

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

IS_OPEN = text("state IN ('prepared', 'offered')")
"""Written out in every query of open ones: only a literal lets the planner use the partial indexes."""

handoff = Table(
    "handoff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schedule", CleanText, nullable=False),  # no foreign key: it outlives imports
    Column("outgoing", Integer, ForeignKey("person.id"), nullable=False),
    Column("incoming", Integer, ForeignKey("person.id"), nullable=False),
    Column("boundary_at", UtcDateTime, nullable=False),
    Column("holds", Boolean, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("notes", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("offered_at", UtcDateTime),
    Column("accepted_at", UtcDateTime),
    Column("decided_by", Integer, ForeignKey("person.id")),
    Column("version", Integer, nullable=False),
    # The Teams messages in which the two people see it, once they stand.
    Column("outgoing_card", CleanText),
    Column("incoming_card", CleanText),
    # Its index also serves all look-ups by schedule and moment.
    UniqueConstraint("schedule", "boundary_at", "outgoing", "incoming", name="uq_handoff_shift_change"),
    Index("ix_handoff_boundary_at", "boundary_at", "id"),
    Index("ix_handoff_outgoing", "outgoing", "boundary_at", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
    Index("ix_handoff_incoming", "incoming", "boundary_at", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
    # A removed one's id must never come back: keys of work and messages are made of it.
    sqlite_autoincrement=True,
)
