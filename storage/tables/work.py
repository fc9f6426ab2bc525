"""What has to happen later: rows written with their cause and carried out when their moment has come."""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, text

from storage.tables.base import metadata
from storage.types import CleanText, Json, Serial

OPEN, DONE, DEAD = 0, 2, 3
IS_OPEN = text("state = 0")
IS_DONE = text("state = 2")
IS_DEAD = text("state = 3")
"""Written out in every query: only a literal lets the planner use the partial indexes."""

work = Table(
    "work",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", CleanText, nullable=False),
    Column("dedupe_key", CleanText, nullable=False, unique=True),
    Column("subject", CleanText),
    Column("due_at", BigInteger, nullable=False),  # product time, epoch milliseconds: the nominal moment
    Column("available_at", BigInteger, nullable=False),  # when it may be claimed: pushed by leases and failures
    Column("state", SmallInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", CleanText),
    Column("payload", Json, nullable=False),
    Column("last_error", CleanText),
    Column("done_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_work_ready", "available_at", "id", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
    Index("ix_work_subject", "subject", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
    Index("ix_work_done", "done_at", postgresql_where=IS_DONE, sqlite_where=IS_DONE),
    Index("ix_work_dead", "id", postgresql_where=IS_DEAD, sqlite_where=IS_DEAD),
    postgresql_with={"fillfactor": "80"},
)
