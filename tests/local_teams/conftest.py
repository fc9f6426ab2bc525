"""The fixture of this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.local_teams.harness import Stand, standing


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Local Teams with a fake bot."""
    async with standing() as running:
        yield running
