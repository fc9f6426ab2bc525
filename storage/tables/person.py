"""People the bot knows."""

from sqlalchemy import Boolean, Column, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("handle", CleanText, nullable=False),
    # Compared in any case: folded by Python, because the two databases fold letters differently.
    Column("handle_key", CleanText, nullable=False, unique=True),
    Column("name", CleanText, nullable=False),
    Column("name_key", CleanText, nullable=False, index=True),
    Column("object_id", CleanText, unique=True),
    Column("tenant_id", CleanText),
    Column("channel_user_id", CleanText),
    Column("email", CleanText),
    Column("time_zone", CleanText, nullable=False),
    Column("admin", Boolean, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Index("ix_person_channel_user_id", "channel_user_id"),
)
