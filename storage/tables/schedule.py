"""On-call schedules, each a document as the organisation file has it."""

from sqlalchemy import Column, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json

schedule = Table(
    "schedule",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("document", Json, nullable=False),
)
