"""Action items, and the messages in which people see them."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

action_item = Table(
    "action_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("owner", Integer, ForeignKey("person.id"), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("incident", Integer, ForeignKey("incident.id"), index=True),
    Column("factor", CleanText, nullable=False),
    Column("repair", Boolean, nullable=False),
    Column("made_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("closed_by", Integer, ForeignKey("person.id")),
    Column("closed_at", UtcDateTime),
    Column("words", CleanText, nullable=False),
    Column("plan", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_action_item_owner", "owner", "state", "due_on"),
    Index("ix_action_item_state", "state", "due_on", "id"),
)

action_card = Table(
    "action_card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action_id", Integer, ForeignKey("action_item.id"), nullable=False, index=True),
    Column("reader", Integer, ForeignKey("person.id"), nullable=False),
    Column("activity_id", CleanText, nullable=False),
)
