"""The sign of life, heard by a real server on loopback."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from scheduling.heartbeat import Heartbeat
from tests.support.product import free_port

SECRET = "/ping/s3cret-id"


@dataclass
class Monitor:
    """What hears the beats."""

    status: int = 200
    silent: bool = False
    heard: list[str] = field(default_factory=list[str])
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append(f"{request.method} {request.path_qs}")
        if self.silent:
            await self.closing.wait()
        return web.Response(status=self.status, headers={"Location": "/elsewhere"} if self.status == 302 else None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{SECRET}"


@pytest.fixture
async def monitor() -> AsyncIterator[Monitor]:
    made = Monitor(port=free_port())
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", made.hear)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", made.port).start()
    yield made
    made.closing.set()
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "scheduling.heartbeat"]


async def test_a_beat_is_one_get(http: aiohttp.ClientSession, monitor: Monitor) -> None:
    await Heartbeat(http, f"{monitor.url}?rid=7").beat()
    assert monitor.heard == [f"GET {SECRET}?rid=7"]


async def test_without_an_address_nothing_is_called(http: aiohttp.ClientSession, monitor: Monitor) -> None:
    await Heartbeat(http, None).beat()
    assert monitor.heard == []


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_trouble_is_logged_once_and_its_end_too(
    http: aiohttp.ClientSession, monitor: Monitor, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.INFO)
    heart = Heartbeat(http, monitor.url)
    await heart.beat()
    monitor.status = status
    for _ in range(3):
        await heart.beat()
    monitor.status = 204
    for _ in range(3):
        await heart.beat()
    assert len(monitor.heard) == 7
    assert told(caplog) == [
        ("WARNING", f"the heartbeat is not heard: its address answers {status}"),
        ("INFO", "the heartbeat is heard again"),
    ]


async def test_another_trouble_is_logged_too_and_none_names_the_address(
    http: aiohttp.ClientSession, monitor: Monitor, caplog: pytest.LogCaptureFixture
) -> None:
    heart = Heartbeat(http, monitor.url, patience_s=1.0)
    monitor.silent = True
    await heart.beat()
    monitor.silent, monitor.status = False, 503
    await heart.beat()
    away = Heartbeat(http, f"http://127.0.0.1:{free_port()}{SECRET}")
    await away.beat()
    await away.beat()
    assert [text for _, text in told(caplog)] == [
        "the heartbeat is not heard: its address does not answer in time",
        "the heartbeat is not heard: its address answers 503",
        "the heartbeat is not heard: its address cannot be reached (ClientConnectorError)",
    ]
    assert "s3cret" not in caplog.text
