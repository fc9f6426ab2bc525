"""The whole product over HTTP, with Local Teams as the people's client."""

from collections.abc import AsyncIterator, Iterator

import pytest

from server.local_teams.client import TeamsClient
from tests.conversation.stage import API_TOKEN, Stage, staged
from tests.support.product import Product, running


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One server on SQLite with the built-in Local Teams, as `make run` starts it."""
    folder = tmp_path_factory.mktemp("product")
    environ = {
        "DATABASE_URL": f"sqlite:///{folder}/incidents.db",
        "API_TOKENS": f"tests:{API_TOKEN}:read",
        "LOG_LEVEL": "WARNING",
    }
    with running(environ) as server:
        yield server


@pytest.fixture
async def teams(product: Product) -> AsyncIterator[TeamsClient]:
    """People of the demo organisation."""
    async with TeamsClient(product.emulator) as client:
        yield client


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One bot on SQLite and an emulator outside of it."""
    folder = tmp_path_factory.mktemp("stage")
    with staged(folder, f"sqlite:///{folder}/incidents.db") as played:
        yield played


@pytest.fixture
async def people(stage: Stage) -> AsyncIterator[TeamsClient]:
    """People on the stage."""
    async with TeamsClient(stage.address) as client:
        yield client


@pytest.fixture
async def room(stage: Stage, people: TeamsClient) -> str:
    """A channel of the test's own."""
    return await people.channel("ada", stage.room())
