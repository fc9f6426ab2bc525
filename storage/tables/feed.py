"""The last good copies of outside calendars."""

from sqlalchemy import Column, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json, UtcDateTime

feed = Table(
    "feed",
    metadata,
    Column("schedule", CleanText, primary_key=True),  # no foreign key: it outlives imports
    Column("url", CleanText, nullable=False),
    Column("shifts", Json, nullable=False),
    Column("good_at", UtcDateTime),
    Column("tried_at", UtcDateTime),
    Column("error", CleanText, nullable=False),
)
