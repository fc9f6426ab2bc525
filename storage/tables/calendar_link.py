"""Secret addresses under which calendars can be read, one for each owner."""

from sqlalchemy import Column, Table

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

calendar_link = Table(
    "calendar_link",
    metadata,
    Column("owner", CleanText, primary_key=True),
    Column("owner_id", CleanText, primary_key=True),
    Column("secret", CleanText, nullable=False, unique=True),
    Column("made_at", UtcDateTime, nullable=False),
)
