"""Lanes on either database, at a time that only moves when told."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from storage.rates import Rates
from tests.support.lanes import QUICK, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def rates() -> Rates:
    """Say how fast the lanes of a module are: another one says it in a fixture of the same name."""
    return QUICK


@pytest.fixture
async def lanes(database_url: str, clock: HandClock, rates: Rates) -> AsyncIterator[Database]:
    opened = Database.open(database_url, rates=rates, now_ms=clock)
    yield opened
    await opened.close()
