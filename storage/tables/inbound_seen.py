"""Keys of activities and presses that were seen, for two days."""

from sqlalchemy import BigInteger, Column, Table

from storage.tables.base import metadata
from storage.types import CleanText

inbound_seen = Table(
    "inbound_seen",
    metadata,
    Column("key", CleanText, primary_key=True),
    Column("at_ms", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,  # one tree instead of two for each activity
)
