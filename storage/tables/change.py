"""Changes, the incidents they are behind, and the messages in which people see them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json, UtcDateTime

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("service", CleanText, nullable=False),  # no foreign key: it outlives the catalogue's entry
    Column("risk", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("source", CleanText, nullable=False),
    Column("recorded_by", Integer, ForeignKey("person.id")),
    Column("author", CleanText, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("rollback", CleanText, nullable=False),
    Column("links", Json, nullable=False),
    Column("comment", CleanText, nullable=False),
    Column("ended_by", Integer, ForeignKey("person.id")),
    Column("ended_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("caller", CleanText),  # these three: the request of a program that named a key
    Column("request_key", CleanText),
    Column("request_digest", CleanText),
    Index("ix_change_service", "service", "at", "id"),
    Index("ix_change_at", "at", "id"),
    Index("ix_change_request", "caller", "request_key", unique=True),
)

change_cause = Table(
    "change_cause",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("change_id", Integer, ForeignKey("change.id"), nullable=False, index=True),
    Column("linked_by", Integer, ForeignKey("person.id"), nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
)

change_card = Table(
    "change_card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("change_id", Integer, ForeignKey("change.id"), nullable=False, index=True),
    Column("tenant_id", CleanText, nullable=False),
    Column("service_url", CleanText, nullable=False),
    Column("conversation_id", CleanText, nullable=False),
    Column("base_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("reader", Integer, ForeignKey("person.id")),  # whose own copy it is; NULL where several people read it
    Column("activity_id", CleanText, nullable=False),
)
