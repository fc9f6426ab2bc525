"""Two replicas of the product on one PostgreSQL, Local Teams in front of them, and a team of nine who decide."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, TCPConnector, web

from domain.catalog import Service, Side, Team
from domain.organisation import ListedPerson, Organisation
from server.local_teams import ChannelInfo, Human, LocalTeams, TeamInfo
from server.local_teams.world import Message
from storage.database import Database
from tests.support.product import Product, free_port
from tests.support.samples import object_id
from usecases.approval_ports import ApprovalCard

DECIDERS, REPLICAS = 9, 2
SERVICE, CHANNEL = "checkout", "19:changes@thread.tacv2"
HANDLES = ("rita", *(f"decider{n}" for n in range(DECIDERS)))
_HUMANS = [
    Human(object_id(n + 1), handle.capitalize(), handle, f"{handle}@example.org") for n, handle in enumerate(HANDLES)
]


def organisation() -> Organisation:
    """Let Rita develop a service that nine others operate: one of them approves her changes."""
    return Organisation(
        people=tuple(ListedPerson(handle=h.handle, name=h.name, aad_object_id=h.object_id) for h in _HUMANS),
        teams=(
            Team(id="dev", name="Development", side=Side.ENGINEERING, members=HANDLES[:1]),
            Team(id="ops", name="Operations", side=Side.OPERATIONS, members=HANDLES[1:]),
        ),
        services=(Service(id=SERVICE, name="Checkout", owner="dev", operations="ops"),),
        schedules=(),
        escalation_policies=(),
    )


@dataclass(frozen=True)
class Press:
    """A press that is ready to be sent: who it is of, to which replica, and what over the wire."""

    who: str
    url: str
    activity: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Pressed:
    """What a press was answered with, after so many seconds."""

    who: str
    status: int
    card: str
    """All words of the card in the answer."""
    seconds: float


@dataclass
class Stage:
    """Everything that runs."""

    emulator: LocalTeams
    database: Database
    http: ClientSession
    bots: list[Product]

    def press(self, who: str, card: ApprovalCard, verb: str, *, number: int, **typed: str) -> Press:
        """Prepare a press on somebody's copy; presses go to the replicas in turn by their `number`."""
        world = self.emulator.world
        person, message = self.person(who), self.message(card)
        where = world.conversation(message.conversation)
        assert where is not None
        writer = self.emulator._pressing._writer  # noqa: SLF001 - the wire, without the page in front of it
        value = {
            "action": {"type": "Action.Execute", "verb": verb, "data": {"approval": card.approval_id, **typed}},
            "trigger": "manual",
        }
        made = writer.card_event("invoke", person, where, message, value=value, name="adaptiveCard/action")
        token = self.emulator._issuer.inbound(made["serviceUrl"])  # noqa: SLF001
        url = f"{self.bots[number % len(self.bots)].address}/api/messages"
        return Press(who, url, made, {"Authorization": f"Bearer {token}"})

    async def send(self, press: Press) -> Pressed:
        """Send one and wait for its answer."""
        began = time.perf_counter()
        async with self.http.post(press.url, json=press.activity, headers=press.headers) as answer:
            body = await answer.json()
        took = time.perf_counter() - began
        return Pressed(press.who, answer.status, words((body or {}).get("value")), took)

    async def say(self, who: str, channel: str, text: str) -> None:
        """Let somebody write in a channel."""
        body = {"as": who, "conversation": channel, "text": text}
        async with self.http.post(f"{self.emulator.base_url}/api/say", json=body) as answer:
            assert (await answer.json())["delivery"]["status"] < 300, text

    def person(self, who: str) -> Human:
        """Find somebody by handle."""
        found = self.emulator.directory.person(who)
        assert found is not None
        return found

    def message(self, card: ApprovalCard) -> Message:
        """Find the message in which people see an approval."""
        found = self.emulator.world.message(card.place.conversation_id, card.activity_id)
        assert found is not None
        return found

    def chat(self, who: str) -> list[Message]:
        """List what stands in somebody's chat with the bot."""
        return self.emulator.world.messages(self.emulator.world.personal_chat(self.person(who)).id)

    @property
    def refused(self) -> int:
        """How often Teams has refused a call because it came too early."""
        return sum(len(windows.report()) for windows in self.emulator._seam._windows)  # noqa: SLF001

    async def settled(self, seconds: float = 180) -> None:
        """Wait until nothing waits to be sent."""
        async with asyncio.timeout(seconds):
            while (await self.database.lanes.health()).open:  # noqa: ASYNC110 - other processes empty it
                await asyncio.sleep(0.1)

    def fullest(self, window: float) -> int:
        """Count the most calls within a window of seconds of one conversation, wherever it begins."""
        return max((most_within(taken, window) for taken in self._taken()), default=0)

    def fullest_of_all(self, window: float) -> int:
        """Count the same for all conversations of the tenant together."""
        return most_within([moment for taken in self._taken() for moment in taken], window)

    def _taken(self) -> Sequence[Sequence[float]]:
        sends = self.emulator._seam._windows[0]  # noqa: SLF001 - it keeps an hour of moments
        return [list(taken) for taken in sends._taken.values()]  # noqa: SLF001


def most_within(moments: Sequence[float], window: float) -> int:
    """Count the fullest window, wherever it begins."""
    ordered = sorted(moments)
    return max((n + 1 - bisect_left(ordered, at - window + 1e-9) for n, at in enumerate(ordered)), default=0)


def words(node: Any) -> str:
    """Return everything that can be read in a card, and the titles of its buttons."""
    if isinstance(node, dict):
        own = [str(node[key]) for key in ("text", "title", "value") if isinstance(node.get(key), str)]
        return "\n".join([*own, *(words(each) for each in node.values() if isinstance(each, (dict, list)))])
    return "\n".join(words(each) for each in node) if isinstance(node, list) else ""


@asynccontextmanager
async def staged(url: str) -> AsyncIterator[Stage]:
    """Run everything for a block."""
    database = Database.open(url)
    await database.write(lambda store: store.organisations.replace(organisation()))
    port = free_port()
    address = f"http://127.0.0.1:{port}/e"
    environ = {"DATABASE_URL": url, "TEAMS_EMULATOR_URL": address, "LOG_LEVEL": "ERROR"}
    async with ClientSession(connector=TCPConnector(limit=0)) as http:
        bots = [Product(environ) for _ in range(REPLICAS)]
        emulator = LocalTeams(
            base_url=address,
            bot_url=[f"{bot.address}/api/messages" for bot in bots],
            people=_people,
            teams=_teams,
            http=http,
            count_updates=True,
        )
        root = web.Application(client_max_size=1 << 20)
        root.add_subapp("/e", emulator.app())
        runner = web.AppRunner(root, handler_cancellation=False, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            for bot in bots:
                await asyncio.to_thread(bot.wait_ready)
            await emulator.directory.refresh(now=True)
            yield Stage(emulator, database, http, bots)
        finally:
            for bot in bots:
                await asyncio.to_thread(bot.stop)
            await runner.cleanup()
            await database.close()


async def _people() -> list[Human]:
    return _HUMANS


async def _teams() -> list[TeamInfo]:
    channels = (ChannelInfo(CHANNEL, "Changes"),)
    return [TeamInfo("all", "Everybody", channels, frozenset(human.object_id for human in _HUMANS))]
