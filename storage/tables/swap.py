"""Swaps that were asked for."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

swap = Table(
    "swap",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schedule", CleanText, nullable=False),
    Column("asker", Integer, ForeignKey("person.id"), nullable=False),
    Column("other", Integer, ForeignKey("person.id"), nullable=False),
    Column("gives_from", UtcDateTime, nullable=False),
    Column("gives_to", UtcDateTime, nullable=False),
    Column("takes_from", UtcDateTime, nullable=False),
    Column("takes_to", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("version", Integer, nullable=False),
)
