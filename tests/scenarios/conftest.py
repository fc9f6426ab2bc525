"""The worlds in which the scenarios play: one on SQLite, one of two replicas on PostgreSQL behind a gate."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from server.local_teams.client import TeamsClient
from tests.conversation.gate import Gate
from tests.scenarios.world import World, world_on
from tests.support.mail_server import MailBox, serving


@pytest.fixture(scope="package")
def post() -> Iterator[MailBox]:
    """A mail server on a thread of its own."""
    box, up, stop = MailBox(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(box):
            up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert up.wait(10)
    yield box
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def _mail(box: MailBox) -> dict[str, str]:
    return {"SMTP_URL": f"smtp://127.0.0.1:{box.port}", "EMAIL_FROM": "Incident bot <bot@example.org>"}


@pytest.fixture(scope="package")
def small_world(tmp_path_factory: pytest.TempPathFactory, post: MailBox) -> Iterator[World]:
    """One process on SQLite."""
    folder = tmp_path_factory.mktemp("small-world")
    with world_on(folder, f"sqlite:///{folder}/incidents.db", **_mail(post)) as played:
        yield played


@pytest.fixture(scope="package")
def gate(postgres_server: Any) -> Iterator[Gate]:
    """The way to a PostgreSQL database without any table."""
    name = "scenarios"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    made = Gate(postgres_server.get_uri(name))
    yield made
    made.close()
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="package")
def large_world(tmp_path_factory: pytest.TempPathFactory, gate: Gate, post: MailBox) -> Iterator[World]:
    """Two replicas on PostgreSQL, whose activities come to them in turn."""
    folder = tmp_path_factory.mktemp("large-world")
    with world_on(folder, gate.url, bots=2, **_mail(post)) as played:
        yield played


@asynccontextmanager
async def visited(found: World) -> AsyncIterator[World]:
    """Play one scenario; whatever it has begun is over afterwards."""
    async with TeamsClient(found.address) as teams:
        found.teams = teams
        yield found
        await found.clear()


@pytest.fixture
async def world(small_world: World) -> AsyncIterator[World]:
    """The world on SQLite, for one scenario."""
    async with visited(small_world) as found:
        yield found


@pytest.fixture
async def pair(large_world: World) -> AsyncIterator[World]:
    """The world of two replicas, for one scenario."""
    async with visited(large_world) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def anywhere(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Either world, once each."""
    found: World = request.getfixturevalue("small_world" if request.param == "sqlite" else "large_world")
    async with visited(found):
        yield found
