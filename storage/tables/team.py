"""Teams of the organisation file."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, Table, false

from storage.tables.base import metadata
from storage.types import CleanText, Json

team = Table(
    "team",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("id_key", CleanText, nullable=False, unique=True),
    Column("name", CleanText, nullable=False),
    Column("side", CleanText, nullable=False),
    Column("lead_id", Integer, ForeignKey("person.id")),
    Column("channel", CleanText),
    Column("time_zone", CleanText, nullable=False),
    Column("working_hours", Json, nullable=False),
    Column("capacity_hours_per_week", Float),
    Column("care_hours_per_week", Float),
    # Whether a command made the channel the team's: then an import of a file that names none leaves it.
    Column("channel_by_command", Boolean, nullable=False, server_default=false()),
)

team_member = Table(
    "team_member",
    metadata,
    Column("team_id", CleanText, ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", Integer, ForeignKey("person.id"), primary_key=True, index=True),
)
