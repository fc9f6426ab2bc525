"""The real product behind the page: one process for all tests of this folder, each with its own people and titles."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from server.local_teams.client import TeamsClient
from tests.support.product import Product, free_port


@dataclass
class Stand:
    """What a test works with: `address` of the page, `teams` for what no browser is needed for."""

    product: Product
    teams: TeamsClient
    environ: dict[str, str]

    @property
    def address(self) -> str:
        return self.product.address

    async def restart(self) -> None:
        """Stop the process as Ctrl-C does and start it again on the same address and database."""
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        assert await asyncio.to_thread(self.product.stop) == 0, self.product.log

    async def start(self) -> None:
        self.product = Product(self.environ)
        await asyncio.to_thread(self.product.wait_ready)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def product_stand(browser: Browser, tmp_path_factory) -> AsyncIterator[Stand]:
    folder: Path = tmp_path_factory.mktemp("product")
    environ = {"PORT": str(free_port()), "DATABASE_URL": f"sqlite:///{folder / 'incidents.db'}", "LOG_LEVEL": "WARNING"}
    product = Product(environ)
    try:
        await asyncio.to_thread(product.wait_ready)
        async with TeamsClient(product.emulator) as teams:
            stand = Stand(product, teams, environ)
            yield stand
            product = stand.product
    finally:
        await asyncio.to_thread(product.stop)


@pytest_asyncio.fixture(loop_scope="session")
async def page_with_bot(product_stand: Stand) -> Stand:
    """Local Teams of the real product."""
    return product_stand
