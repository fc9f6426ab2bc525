"""Updates for stakeholders of incidents, and where each of them goes."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json, UtcDateTime

stakeholder_update = Table(
    "stakeholder_update",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", Integer, ForeignKey("incident.id"), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("author", Integer, ForeignKey("person.id"), nullable=False),
    Column("text", CleanText, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("is_final", Boolean, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("audiences", Json, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index("ix_stakeholder_update_incident", "incident_id", "id"),
)

update_delivery = Table(
    "update_delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("update_id", Integer, ForeignKey("stakeholder_update.id"), nullable=False, index=True),
    Column("incident_id", Integer, ForeignKey("incident.id"), nullable=False),
    Column("way", CleanText, nullable=False),
    Column("target", CleanText, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("conversation_id", CleanText),
    Column("activity_id", CleanText),
    # The first post of an incident in a place: the others go into its thread.
    Index("ix_update_delivery_target", "incident_id", "target", "id"),
)
