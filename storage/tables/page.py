"""The delivery ledger: one row for each attempt to get hold of one person by one way."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, text

from storage.tables.base import metadata
from storage.types import CleanText, UtcDateTime

_IS_DRILL = text("drill_id IS NOT NULL")
_IS_BUNDLED = text("bundled_into IS NOT NULL")

page = Table(
    "page",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reason", CleanText, nullable=False),
    Column("way", CleanText, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("person_id", Integer, ForeignKey("person.id")),
    Column("team", CleanText),  # of the catalogue; no foreign key: the ledger outlives imports
    Column("incident_id", Integer, ForeignKey("incident.id")),
    Column("cycle", Integer, nullable=False),
    Column("escalation_id", Integer, ForeignKey("escalation.id")),
    Column("drill_id", Integer, ForeignKey("drill.id")),
    Column("step", Integer),
    Column("round", Integer, nullable=False),
    Column("target", CleanText, nullable=False),
    Column("result", CleanText, nullable=False),
    Column("detail", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("acknowledged_at", UtcDateTime),
    Column("bundled_into", Integer, ForeignKey("page.id")),
    # Where its message stands: all empty until it does. `team_id` is Teams' own.
    Column("tenant_id", CleanText),
    Column("service_url", CleanText),
    Column("conversation_id", CleanText),
    Column("kind", CleanText),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("activity_id", CleanText),
    Index("ix_page_incident_id", "incident_id", "id"),
    Index("ix_page_person_id", "person_id", "due_at"),
    Index("ix_page_drill_id", "drill_id", postgresql_where=_IS_DRILL, sqlite_where=_IS_DRILL),
    Index("ix_page_bundled_into", "bundled_into", postgresql_where=_IS_BUNDLED, sqlite_where=_IS_BUNDLED),
    # A page is written two or three times: begun, sent, acknowledged.
    postgresql_with={"fillfactor": "80"},
)
