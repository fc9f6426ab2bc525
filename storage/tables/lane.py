"""Lanes: one queue per conversation. Order, rate and ownership between replicas all live in this one row."""

from sqlalchemy import BigInteger, Column, Index, Table, text

from storage.tables.base import metadata
from storage.types import FAR_MS, CleanText

HAS_WORK = text(f"next_at < {FAR_MS}")

lane = Table(
    "lane",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("enq_seq", BigInteger, nullable=False),  # counts enqueues; the release rule compares it
    Column("next_at", BigInteger, nullable=False),  # when somebody should look; FAR_MS: nothing to do
    Column("lease_until", BigInteger),  # NULL or past: free
    Column("fence", BigInteger, nullable=False),  # drawn anew by every claim; a former owner's writes match no row
    Column("tat", BigInteger, nullable=False),  # token bucket for the short windows
    Column("tat2", BigInteger, nullable=False),  # token bucket for the one-hour window
    Index("ix_lane_ready", "next_at", postgresql_where=HAS_WORK, sqlite_where=HAS_WORK),
    postgresql_with={"fillfactor": "70"},
)
