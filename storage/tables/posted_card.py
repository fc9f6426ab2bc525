"""Status cards that stand in conversations."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText

posted_card = Table(
    "posted_card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", Integer, ForeignKey("incident.id"), nullable=False, index=True),
    Column("tenant_id", CleanText, nullable=False),
    Column("service_url", CleanText, nullable=False),
    Column("conversation_id", CleanText, nullable=False),
    Column("base_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("activity_id", CleanText),
    Column("original", Boolean, nullable=False),
    Column("sent_at_ms", BigInteger, nullable=False),
    Index("ix_posted_card_conversation_id", "conversation_id", "incident_id"),
    Index("ix_posted_card_base_id", "base_id", "incident_id"),
    Index("ix_posted_card_activity", "activity_id", "base_id"),
    # A removed card's id must never come back: outbox keys are made of it.
    sqlite_autoincrement=True,
)
