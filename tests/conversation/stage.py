"""A stage for the bot: an emulator of Teams in this process, the product in processes of its own.

Every activity of the emulator goes through a tap, so that a test can see it, bring it again or several times at once.
"""

import asyncio
import copy
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from server.local_teams import ChannelInfo, Human, LocalTeams, Patience, TeamInfo
from tests.support.product import ROOT, Product, free_port, run_command

API_TOKEN = "reader-token-0123456789"
ADMIN_TOKEN = "deploys-token-0123456789"
PATH = "/e"
ROOMS = 60
DEMO = ROOT / "server/demo/organisation.yaml"
PATIENCE = Patience(message=15.0, invoke=15.0, extension=5.0, redelivery=(0.3, 0.7, 1.5, 3.0, 3.0, 3.0))


def _human(number: int, name: str, handle: str, zone: str = "UTC", **more: Any) -> Human:
    return Human(f"11111111-1111-1111-1111-{number:012d}", name, handle, f"{handle}@example.org", zone, **more)


PEOPLE = [
    _human(1, "Ada Lovelace", "ada", "Europe/London"),
    _human(2, "Grace Hopper", "grace", "America/New_York"),
    _human(6, "Rahul Iyer", "rahul", "Asia/Kolkata"),
    # Not in the organisation file:
    _human(101, "Nina Simon", "nina", "Asia/Kolkata"),
    _human(102, "Omar Said", "omar"),
    _human(103, "Sam Lee", "sam1"),
    _human(104, "Sam Lee", "sam2"),
    _human(105, "Uma Silent", "uma"),
    _human(106, "Gus Guest", "gus", guest=True),
    _human(107, "Pia Alone", "pia"),
]


async def _people() -> list[Human]:
    return PEOPLE


async def _teams() -> list[TeamInfo]:
    rooms = tuple(ChannelInfo(f"room-{n}", f"Room {n}") for n in range(ROOMS))
    return [TeamInfo("everybody", "Everybody", rooms, frozenset(p.object_id for p in PEOPLE))]


@dataclass
class Delivery:
    """One activity as the channel sent it, with the token it came with."""

    activity: dict[str, Any]
    token: str


@dataclass
class Tap:
    """Between the channel and the bots: forwards to the bots in turn and keeps what went by.

    `copies` is how many times an activity that contains `where` is delivered at the same moment.
    """

    urls: list[str]
    seen: list[Delivery] = field(default_factory=list)
    copies: int = 1
    where: str = ""
    turn: int = 0
    answers: list[tuple[int, Any]] = field(default_factory=list)
    told: list[tuple[Delivery, Any]] = field(default_factory=list)
    """What each activity was answered with: a view in the page lasts only until the card is drawn for all."""

    async def take(self, request: web.Request) -> web.Response:
        """Bring an activity to the bots and return the first answer."""
        text = await request.text()
        sent = Delivery(json.loads(text), request.headers["Authorization"])
        self.seen.append(sent)
        if self.where and self.where in text:
            answers = await self.deliver(sent, times=self.copies)
            self.answers = answers
        else:
            answers = await self.deliver(sent)
        status, body = answers[0]
        self.told.append((sent, body))
        return web.json_response(body, status=status) if body is not None else web.Response(status=status)

    async def deliver(self, sent: Delivery, *, times: int = 1) -> list[tuple[int, Any]]:
        """Deliver an activity so many times at once, to the bots in turn; return status and JSON of each answer."""
        headers = {"Authorization": sent.token}
        async with aiohttp.ClientSession() as http:

            async def once(url: str) -> tuple[int, Any]:
                try:
                    async with http.post(url, json=sent.activity, headers=headers) as answer:
                        raw = await answer.read()
                        return answer.status, json.loads(raw) if raw else None
                except aiohttp.ClientError:
                    return 502, None

            urls = [self.urls[(self.turn + n) % len(self.urls)] for n in range(times)]
            self.turn += times
            return list(await asyncio.gather(*(once(url) for url in urls)))

    def last(self, *words: str, name: str = "") -> Delivery:
        """Return a copy of the newest activity with these words in it."""
        for sent in reversed(self.seen):
            text = json.dumps(sent.activity, ensure_ascii=False)
            if all(word in text for word in words) and (not name or sent.activity.get("name") == name):
                return copy.deepcopy(sent)
        raise AssertionError(f"No activity with {words} has gone by.")


class Stage:
    """One emulator and the bots that play on it."""

    def __init__(self, folder: Path, database_url: str, *, bots: int = 1, **environ: str) -> None:
        self.database_url = database_url
        self._folder = folder
        ports = [free_port() for _ in range(bots)]
        self.tap = Tap([f"http://127.0.0.1:{port}/api/messages" for port in ports])
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}{PATH}"
        self.environ = {
            "DATABASE_URL": database_url,
            "TEAMS_EMULATOR_URL": self.address,
            "API_TOKENS": f"tests:{API_TOKEN}:read,deploys:{ADMIN_TOKEN}:admin",
            "LOG_LEVEL": "WARNING",
            **environ,
        }
        self._ports = ports
        self.bots: list[Product] = []
        self._rooms = iter(range(ROOMS))
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    # -- the emulator, on a thread of its own: tests come and go with their event loops -----------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with aiohttp.ClientSession() as http:
            self.emulator = LocalTeams(
                base_url=self.address,
                bot_url=f"http://127.0.0.1:{self._port}/tap",
                people=_people,
                teams=_teams,
                http=http,
                app_id=self.environ.get("MICROSOFT_APP_ID", "local-bot"),
                count_updates=True,
                patience=PATIENCE,
            )
            root = web.Application(client_max_size=1 << 20)
            root.add_subapp(PATH, self.emulator.app())
            root.add_routes([web.post("/tap", self.tap.take)])
            runner = web.AppRunner(root, handler_cancellation=False, shutdown_timeout=1.0)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
            self._up.set()
            await self._stop.wait()
            await runner.cleanup()

    # -- the bots ---------------------------------------------------------------------------------------------------

    def start(self, *, organisation: bool = True) -> "Stage":
        """Start everything; with `organisation` the demo organisation is imported first."""
        self._thread.start()
        assert self._up.wait(10), "the emulator did not start"
        if organisation:
            done = run_command("org", "import", str(DEMO), environ={"DATABASE_URL": self.database_url})
            assert done.returncode == 0, done.stderr
        self.bots = [self.bot(port) for port in self._ports]
        for bot in self.bots:
            bot.wait_ready()
        return self

    def bot(self, port: int | None = None) -> Product:
        """Start a process of the product; on the port of an earlier one it takes its place."""
        return Product({**self.environ, "PORT": str(port or self._ports[0])})

    def restart(self, index: int = 0) -> Product:
        """Start a bot again that has ended."""
        self.bots[index] = self.bot(self._ports[index])
        return self.bots[index].wait_ready()

    def stop(self) -> None:
        """Stop everything."""
        for bot in self.bots:
            bot.stop()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def room(self) -> str:
        """Name a channel that no other test uses."""
        return f"Room {next(self._rooms)}"

    # -- the API ----------------------------------------------------------------------------------------------------

    async def api(self, path: str, *, index: int = 0) -> Any:
        """Read from the JSON API."""
        headers = {"Authorization": f"Bearer {API_TOKEN}"}
        address = f"{self.bots[index].address}/api/v1{path}"
        async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def incident(self, ref: str) -> dict[str, Any]:
        """Read one incident."""
        return await self.api(f"/incidents/{ref}")

    async def timeline(self, ref: str) -> list[dict[str, Any]]:
        """Read a whole timeline."""
        items: list[dict[str, Any]] = []
        after = 0
        while page := (await self.api(f"/incidents/{ref}/timeline?after={after}"))["items"]:
            items += page
            after = page[-1]["seq"]
        return items

    async def titles(self) -> list[str]:
        """Read the titles of the newest incidents."""
        return [item["title"] for item in (await self.api("/incidents?limit=100"))["items"]]


@contextmanager
def staged(folder: Path, database_url: str, **options: Any) -> Iterator[Stage]:
    """Play for a block; at its end no rate window of Teams may have been exceeded."""
    organisation = options.pop("organisation", True)
    stage = Stage(folder, database_url, **options)
    try:
        yield stage.start(organisation=organisation)
        assert violations(stage) == []
    finally:
        stage.stop()


def violations(stage: Stage) -> list[Any]:
    """Tell where the bot was faster than Teams allows."""
    windows = stage.emulator._seam._windows
    return [violation for window in windows for violation in window.report()]


def changed(sent: Delivery, **fields: Any) -> Delivery:
    """Return the activity with other top-level fields; None takes a field away."""
    activity: Mapping[str, Any] = {**copy.deepcopy(sent.activity), **fields}
    return Delivery({key: value for key, value in activity.items() if value is not None}, sent.token)
