"""A team before and during the shift change from Grace to Ada."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.support.handoff_desk import HALF, MINUTE, MONDAY, HandoffDesk


@pytest.fixture
async def db(sqlite_url: str) -> AsyncIterator[Database]:
    """An empty database."""
    opened = Database.open(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(db: Database) -> HandoffDesk:
    """Six days before MONDAY, with the handoff from Grace to Ada prepared."""
    return await HandoffDesk(db).open()


@pytest.fixture
async def offered(desk: HandoffDesk) -> HandoffDesk:
    """20 minutes before MONDAY, both cards delivered and looked at."""
    await desk.at(MONDAY - HALF)
    for n, told in enumerate(await desk.sent()):
        await desk.arrives(told, f"card-{n}")
    await desk.at(MONDAY - 20 * MINUTE)
    await desk.sent()
    return desk
