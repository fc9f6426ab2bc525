"""Messages that wait for delivery or were delivered, numbered inside their lane."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, text

from storage.tables.base import metadata
from storage.types import CleanText, Json, Serial

IS_WAITING = text("state = 'open'")
IS_WAITING_PAGE = text("state = 'open' AND class = 'page'")
IS_SENT = text("state = 'sent'")
IS_GIVEN_UP = text("state IN ('dead', 'unknown')")

outbox_message = Table(
    "outbox_message",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("lane_id", CleanText, ForeignKey("lane.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("tenant_id", CleanText, nullable=False),
    Column("class", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("begun_ms", BigInteger),  # a send is under way since; found by the next owner: nobody knows how it ended
    Column("version", Integer, nullable=False),
    Column("dedupe_key", CleanText, nullable=False, unique=True),
    Column("coalesce_key", CleanText),
    Column("payload", Json, nullable=False),
    Column("incident_id", Integer, ForeignKey("incident.id")),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("finished_ms", BigInteger),
    Column("activity_id", CleanText),
    Column("reason", CleanText),
    UniqueConstraint("lane_id", "seq"),
    Index("ix_outbox_message_waiting", "lane_id", "seq", postgresql_where=IS_WAITING, sqlite_where=IS_WAITING),
    Index("ix_outbox_message_pages", "lane_id", "seq", postgresql_where=IS_WAITING_PAGE, sqlite_where=IS_WAITING_PAGE),
    Index(
        "uq_outbox_message_coalesce", "coalesce_key", unique=True, postgresql_where=IS_WAITING, sqlite_where=IS_WAITING
    ),
    Index("ix_outbox_message_sent", "finished_ms", postgresql_where=IS_SENT, sqlite_where=IS_SENT),
    Index("ix_outbox_message_given_up", "incident_id", "id", postgresql_where=IS_GIVEN_UP, sqlite_where=IS_GIVEN_UP),
    postgresql_with={"fillfactor": "80"},
)
