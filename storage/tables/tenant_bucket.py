"""One token bucket per tenant, for everything the app sends there."""

from sqlalchemy import BigInteger, Column, Table

from storage.tables.base import metadata
from storage.types import CleanText

tenant_bucket = Table(
    "tenant_bucket",
    metadata,
    Column("tenant_id", CleanText, primary_key=True),
    Column("tat", BigInteger, nullable=False),
    postgresql_with={"fillfactor": "50"},
)
