"""Small facts of the installation itself."""

from sqlalchemy import Column, Table

from storage.tables.base import metadata
from storage.types import CleanText

key_value = Table(
    "key_value",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("value", CleanText, nullable=False),
)
