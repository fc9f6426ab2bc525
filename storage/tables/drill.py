"""Harmless pages that measure how long it takes until somebody answers."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

drill = Table(
    "drill",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schedule", CleanText, nullable=False),
    Column("asked_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("tenant_id", CleanText, nullable=False),
    Column("service_url", CleanText, nullable=False),
    Column("conversation_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("started_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("ended_at", UtcDateTime),
)
