"""Overrides that people made by command or form. Those of the organisation file are in the schedule's document."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

schedule_override = Table(
    "schedule_override",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schedule", CleanText, nullable=False),  # no foreign key: it outlives imports
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("made_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_schedule_override_schedule", "schedule", "id"),
    # A removed one's id must never come back: keys of messages are made of it.
    sqlite_autoincrement=True,
)
