"""Maintenance windows, the services they touch, how their occurrences ended, and where people see them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, SmallInteger, Table, UniqueConstraint, text

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

IS_RUNNING = text("state IN ('in_progress', 'overrun')")
IS_COMING = text("state IN ('awaiting_approval', 'planned')")
IS_LIVE = text("state IN ('awaiting_approval', 'planned', 'in_progress', 'overrun')")
"""Written out in every query: only a literal lets the planner use the partial indexes."""

maintenance = Table(
    "maintenance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("lasts_s", Integer, nullable=False),
    Column("zone", CleanText, nullable=False),
    Column("owner", Integer, ForeignKey("person.id"), nullable=False),
    Column("scheduled_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("scheduled_at", UtcDateTime, nullable=False),
    Column("rule", CleanText),  # of RFC 5545; NULL: it happens once
    Column("rule_starts", CleanText),  # wall clock in `zone`
    Column("slot", UtcDateTime),
    Column("impact", CleanText, nullable=False),
    Column("runbook", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("plan", Integer, nullable=False),
    Column("done_by", Integer, ForeignKey("person.id")),
    Column("done_at", UtcDateTime),
    Column("evidence", CleanText),
    Column("signed_off_by", Integer, ForeignKey("person.id")),
    Column("cancelled_by", Integer, ForeignKey("person.id")),
    Column("reason", CleanText, nullable=False),
    Column("unapproved", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_maintenance_running", "id", postgresql_where=IS_RUNNING, sqlite_where=IS_RUNNING),
    Index("ix_maintenance_coming", "starts_at", "id", postgresql_where=IS_COMING, sqlite_where=IS_COMING),
    # Keys of work and messages are made of the id: it must never come back.
    sqlite_autoincrement=True,
)

maintenance_service = Table(
    "maintenance_service",
    metadata,
    Column("maintenance_id", Integer, ForeignKey("maintenance.id"), primary_key=True),
    Column("service_id", CleanText, primary_key=True),  # no foreign key: it outlives imports
    Column("position", SmallInteger, nullable=False),
    Index("ix_maintenance_service_service", "service_id", "maintenance_id"),
)

maintenance_occurrence = Table(
    "maintenance_occurrence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("maintenance_id", Integer, ForeignKey("maintenance.id"), nullable=False, index=True),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Column("ended_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("words", CleanText, nullable=False),
    Column("signed_off_by", Integer, ForeignKey("person.id")),
)

maintenance_post = Table(
    "maintenance_post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("maintenance_id", Integer, ForeignKey("maintenance.id"), nullable=False),
    Column("tenant_id", CleanText, nullable=False),
    Column("service_url", CleanText, nullable=False),
    Column("conversation_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("reader", Integer, ForeignKey("person.id")),  # whose own copy it is; NULL where several people read it
    Column("activity_id", CleanText),
    UniqueConstraint("maintenance_id", "conversation_id", name="uq_maintenance_post_place"),
)
