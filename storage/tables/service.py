"""Services of the organisation file. Incidents name them by id and outlive them."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json

service = Table(
    "service",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("id_key", CleanText, nullable=False, unique=True),
    Column("name", CleanText, nullable=False),
    Column("owner", CleanText, ForeignKey("team.id"), nullable=False),
    Column("operations", CleanText, ForeignKey("team.id")),
    Column("tier", Integer),
    Column("escalation_policy", CleanText, ForeignKey("escalation_policy.id")),
    Column("runbooks", Json, nullable=False),
    Column("severity_policies", Json, nullable=False, server_default="{}"),
)
