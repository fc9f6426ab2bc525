"""Places the bot has been spoken to. Addresses come from verified activities only."""

from sqlalchemy import Column, Index, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

conversation = Table(
    "conversation",
    metadata,
    Column("base_id", CleanText, primary_key=True),
    Column("tenant_id", CleanText, nullable=False),
    Column("service_url", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("blocked_reason", CleanText),
    Index("ix_conversation_person_object_id", "person_object_id", "seen_at"),
    Index("ix_conversation_tenant_id", "tenant_id", "seen_at"),
)
