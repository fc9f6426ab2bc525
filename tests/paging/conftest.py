"""The desk of the use cases, on a database whose lanes wait for nobody."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from storage.rates import Bucket, Rates
from tests.usecases.conftest import desk

__all__ = ["db", "desk"]

QUICK = Rates(short=Bucket(1000, 1), hour=Bucket(1000, 1), tenant=Bucket(1000, 1), retry_ms=10)


@pytest.fixture
async def db(sqlite_url: str) -> AsyncIterator[Database]:
    """An empty database."""
    opened = Database.open(sqlite_url, rates=QUICK)
    yield opened
    await opened.close()
