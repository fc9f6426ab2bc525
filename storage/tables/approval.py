"""Decisions that were asked for, and the messages in which people see them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, text

from storage.tables.base import metadata
from storage.types import CleanText, Json, UtcDateTime

IS_PENDING = text("state = 'pending'")
"""Written out in every query of pending ones: only a literal lets the planner use the partial index."""

approval = Table(
    "approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject_kind", CleanText, nullable=False),
    Column("subject_id", Integer, nullable=False),  # no foreign key: it is of many kinds
    Column("digest", CleanText, nullable=False),
    Column("requested_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("groups", Json, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("votes", Json, nullable=False),  # with their approval: who votes has locked its row
    Column("decided_at", UtcDateTime),
    Column("decided_by", Integer, ForeignKey("person.id")),
    Column("reason", CleanText, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_approval_subject", "subject_kind", "subject_id", "id"),
    Index("ix_approval_pending", "id", postgresql_where=IS_PENDING, sqlite_where=IS_PENDING),
)

approval_card = Table(
    "approval_card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("approval_id", Integer, ForeignKey("approval.id"), nullable=False, index=True),
    Column("tenant_id", CleanText, nullable=False),
    Column("service_url", CleanText, nullable=False),
    Column("conversation_id", CleanText, nullable=False),
    Column("base_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("reader", Integer, ForeignKey("person.id")),  # whose own copy it is; NULL where several people read it
    Column("activity_id", CleanText, nullable=False),
)
