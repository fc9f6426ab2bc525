"""Starts Local Teams with a fake bot, both over real sockets on loopback."""

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from server.local_teams import ChannelInfo, Human, LocalTeams, Patience, TeamInfo
from server.local_teams.client import TeamsClient
from tests.local_teams.fake_bot import FakeBot

PEOPLE = [
    Human(f"11111111-1111-1111-1111-{n:012d}", name, handle, f"{handle}@example.org", zone)
    for n, (name, handle, zone) in enumerate(
        [
            ("Ada Lovelace", "ada", "Europe/London"),
            ("Grace Hopper", "grace", "America/New_York"),
            ("Lin Wei", "lin", "Asia/Singapore"),
            ("Alan Turing", "alan", "Europe/London"),
        ],
        start=1,
    )
]
ADA, GRACE, LIN, ALAN = PEOPLE
TEAMS = [
    TeamInfo(
        "payments",
        "Payments",
        (ChannelInfo("general", "General"), ChannelInfo("19:incidents@thread.tacv2", "Incidents")),
        frozenset({ADA.object_id, GRACE.object_id, LIN.object_id}),
    ),
    TeamInfo(
        "it-ops", "IT Operations", (ChannelInfo("general", "General"),), frozenset({ADA.object_id, ALAN.object_id})
    ),
]
QUICK = Patience(message=5.0, invoke=5.0, extension=5.0, redelivery=(0.01, 0.01, 0.01))


@dataclass
class Stand:
    """What a test works with. `base_url` is E; `address` the server that shows the page at `/`."""

    base_url: str
    address: str
    emulator: LocalTeams
    bot: FakeBot
    teams: TeamsClient
    http: aiohttp.ClientSession


def listen(port: int = 0) -> tuple[socket.socket, int]:
    """Take a free loopback port, or this one again after a restart."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock, sock.getsockname()[1]


async def _people() -> list[Human]:
    return PEOPLE


async def _teams() -> list[TeamInfo]:
    return TEAMS


@asynccontextmanager
async def served(app: web.Application, sock: socket.socket) -> AsyncIterator[None]:
    """Serve an application on a socket until the end of the block."""
    runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=1.0)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def emulating(
    bot_url: str | list[str],
    *,
    sock: socket.socket | None = None,
    extra_routes: Sequence[web.RouteDef] = (),
    **options: Any,
) -> AsyncIterator[LocalTeams]:
    """Run the emulator alone, at `/local-teams` of its own server; the page is at `/`.

    Bind `sock` with `listen` first where the bot must know the address before it starts. `options` go to `LocalTeams`,
    `extra_routes` to the server of the page.
    """
    if sock is None:
        sock, _ = listen()
    options = {"people": _people, "teams": _teams, "patience": QUICK, "store_path": None, **options}
    async with aiohttp.ClientSession() as http:
        base_url = f"http://127.0.0.1:{sock.getsockname()[1]}/local-teams"
        emulator = LocalTeams(base_url=base_url, bot_url=bot_url, http=http, **options)
        root = web.Application(client_max_size=256 * 1024)
        root.add_subapp("/local-teams", emulator.app())
        root.add_routes([*emulator.page_routes, *extra_routes])
        async with served(root, sock):
            yield emulator


@asynccontextmanager
async def standing(*, bot_url: str | list[str] = "", **options: Any) -> AsyncIterator[Stand]:
    """Run the fake bot and the emulator; `options` go to `emulating`."""
    bot_sock, bot_port = listen()
    bot_url = bot_url or f"http://127.0.0.1:{bot_port}/api/messages"
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        bot = FakeBot("", http)
        await stack.enter_async_context(served(bot.app(), bot_sock))
        emulator = await stack.enter_async_context(emulating(bot_url, **options))
        bot.base_url = emulator.base_url
        teams = await stack.enter_async_context(TeamsClient(emulator.base_url))
        address = emulator.base_url.removesuffix("/local-teams")
        yield Stand(emulator.base_url, address, emulator, bot, teams, http)
