"""Planned care: its tasks, each time they are due, and the messages in which people see them."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, UniqueConstraint, text

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

IS_RUNNING = text("stopped_at IS NULL")
IS_OPEN = text("state = 'open'")
"""Written out in every query: only a literal lets the planner use the partial indexes."""

care_task = Table(
    "care_task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("team", CleanText, nullable=False, index=True),  # no foreign keys: tasks outlive imports
    Column("service", CleanText),
    Column("owner", Integer, ForeignKey("person.id")),
    Column("rule", CleanText, nullable=False),
    Column("starts", CleanText, nullable=False),  # a wall clock in the zone beside it
    Column("zone", CleanText, nullable=False),
    Column("hours", Float, nullable=False),
    Column("evidence", CleanText),
    Column("sign_off", Boolean, nullable=False),
    Column("made_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("missed", Integer, nullable=False),
    Column("stopped_at", UtcDateTime),
    Column("stopped_by", Integer, ForeignKey("person.id")),
    Column("stop_reason", CleanText, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_care_task_running", "id", postgresql_where=IS_RUNNING, sqlite_where=IS_RUNNING),
)

care_occurrence = Table(
    "care_occurrence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task", Integer, ForeignKey("care_task.id"), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("closed_by", Integer, ForeignKey("person.id")),
    Column("closed_at", UtcDateTime),
    Column("note", CleanText, nullable=False),
    Column("link", CleanText, nullable=False),
    Column("number", Float),
    Column("hours", Float),
    Column("reason", CleanText, nullable=False),
    Column("signed_off_by", Integer, ForeignKey("person.id")),
    Column("signed_off_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    UniqueConstraint("task", "due_at", name="uq_care_occurrence_task_due_at"),
    # A task has one open time at most, whatever two replicas do at once.
    Index("ix_care_occurrence_open", "task", unique=True, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
)

care_card = Table(
    "care_card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("occurrence_id", Integer, ForeignKey("care_occurrence.id"), nullable=False, index=True),
    Column("reader", Integer, ForeignKey("person.id"), nullable=False),
    Column("activity_id", CleanText, nullable=False),
)
