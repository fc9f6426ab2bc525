"""A small world on a stage: real processes on a real database, a hand on the clock, and people of each scenario's own.

A scenario writes down its people, its policy and its schedules; `World.scene` brings them in and takes those of the
scenario before away. Everything is told by names of the scenario's own ("ada", "schedule:primary"); the numbers that
keep scenarios apart are put behind them here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import aiohttp

from domain.durations import parse_duration
from domain.oncall import WEEKDAYS
from domain.organisation import Organisation
from domain.timeline import Source
from scheduling.clock import DevelopmentClock
from server.local_teams import ChannelInfo, Human, TeamInfo
from server.local_teams.client import Seen, TeamsClient
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.conversation.stage import Stage, violations
from tests.scenarios.cast import Cast, Json, Names
from usecases import handoffs
from usecases import organisation as organisations
from usecases.incidents import Incidents, Trail

T = TypeVar("T")
WEEK = timedelta(days=7)
PATIENCE_S = 30.0
_numbers = count(101)  # three digits: nothing else in a sentence about a scenario has them


# -- the world --------------------------------------------------------------------------------------------------------


class World(Stage):
    """A stage whose people come and go with the scenarios. `teams` is the client of the one that plays now."""

    teams: TeamsClient

    def start(self, *, organisation: bool = False) -> "World":
        """Start everything on an empty organisation."""
        self.humans: list[Human] = []
        self.channels: list[ChannelInfo] = [ChannelInfo("19:lobby@thread.tacv2", "Lobby")]
        self.scenes: list[Scene] = []
        self._installed = False
        super().start(organisation=organisation)
        self.emulator.directory._read_people = self._people
        self.emulator.directory._read_teams = self._teams
        return self

    async def _people(self) -> list[Human]:
        return self.humans

    async def _teams(self) -> list[TeamInfo]:
        everybody = frozenset(human.object_id for human in self.humans)
        return [TeamInfo("everybody", "Everybody", tuple(self.channels), everybody)]

    async def _known(self) -> None:
        """Let the emulator see who has come."""
        looking = asyncio.run_coroutine_threadsafe(self.emulator.directory.refresh(now=True), self._loop)
        await asyncio.wrap_future(looking)

    # -- the clock ------------------------------------------------------------------------------------------------

    async def now(self, *, index: int = 0) -> datetime:
        """Tell the time of the product."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.bots[index].address}/dev/clock") as answer:
            return moment((await answer.json())["now"])

    async def advance(self, length: str | timedelta, *, index: int = 0) -> datetime:
        """Let time pass, with everything that becomes due meanwhile."""
        by = parse_duration(length) if isinstance(length, str) else length
        return await self._move({"advance": f"PT{round(by.total_seconds())}S"}, index)

    async def to(self, at: datetime, *, index: int = 0) -> datetime:
        """Let time pass until a moment."""
        return await self._move({"set": at.astimezone(UTC).isoformat()}, index)

    async def settle(self) -> datetime:
        """Let everything be done that is due now."""
        return await self._move({"advance": "PT0S"}, 0)

    async def _move(self, step_: Json, index: int) -> datetime:
        address = f"{self.bots[index].address}/dev/clock"
        async with aiohttp.ClientSession() as http, http.post(address, json=step_) as answer:
            assert answer.status == 200, await answer.text()
            return moment((await answer.json())["now"])

    # -- scenes ---------------------------------------------------------------------------------------------------

    async def scene(self, cast: Cast, *, told: bool = False) -> "Scene":
        """Bring in a scenario's organisation instead of the one before."""
        made = Scene(self, next(_numbers), cast)
        self.humans = [*self.humans, *made.humans]
        self.channels = [*self.channels, made.room_info, *([made.channel_info] if cast.channel else [])]
        self.scenes.append(made)
        await self._known()
        await self.bring(made.document(), told=told)
        if not self._installed:  # an app that is nowhere knows no address to write to
            await self.teams.install(made.id("rita"), made.room)
            self._installed = True
        return made

    async def bring(self, document: Json, *, told: bool = True) -> None:
        """Take an organisation over; `told` as an import does it, else nobody hears of it."""
        wanted = Organisation.from_json(document)

        def quietly(store: SqlStore) -> None:
            store.organisations.replace(wanted)
            handoffs.plan_all(store, DevelopmentClock().now(store))

        def loudly(store: SqlStore) -> None:
            organisations.replace(store, wanted, DevelopmentClock().now(store))

        await self.write(loudly if told else quietly)

    async def write(self, work: Callable[[SqlStore], T]) -> T:
        """Do something on the database, as another process would."""
        opened = Database.open(self.database_url)
        try:
            return await opened.write(work)
        finally:
            await opened.close()

    async def clear(self) -> None:
        """End what the scenarios so far have begun."""
        ended = [(scene.id("rita"), int(ref[4:])) for scene in self.scenes for ref in scene.declared]
        self.scenes.clear()

        def end(store: SqlStore) -> None:
            now = DevelopmentClock().now(store)
            for handle, number in ended:
                rita, incident = store.people.by_handle(handle), store.incidents.get(number)
                if rita is not None and incident is not None and incident.is_open:
                    Incidents(store, now).resolve(rita, number, "over", Trail(Source.MESSAGE, None))

        if ended:
            await self.write(end)


class Scene(Names):
    """One scenario: its own people, team, service, policy and room."""

    def __init__(self, world: World, number: int, cast: Cast) -> None:
        super().__init__(number, cast)
        self.world, self.teams = world, world.teams
        self.declared: dict[str, datetime] = {}
        self._chats: dict[str, str] = {}

    # -- talking --------------------------------------------------------------------------------------------------

    async def declare(self, title: str = "It is down", *, sev: int = 3, service: str = "checkout", **more: Any) -> str:
        """Declare an incident in the scenario's room; tell its name."""
        words = f"declare {title} sev{sev} service:{service}"
        await self.say(more.get("by", "rita"), words, where=more.get("where"))
        items = (await self.world.api(f"/incidents?service={self.id(service)}&limit=20"))["items"]
        found = next(item for item in items if item["title"] == title.partition(" service:")[0])
        self.declared[found["ref"]] = moment(found["declared_at"])
        return found["ref"]

    async def chat(self, who: str) -> str:
        """Name somebody's 1:1 chat with the bot."""
        if who not in self._chats:
            self._chats[who] = await self.teams.personal(self.id(who))
        return self._chats[who]

    async def say(self, who: str, text: str, *, where: str | None = None, root: str | None = None) -> Seen:
        """Write to the bot in the scenario's room, or elsewhere; in a 1:1 chat nobody mentions it."""
        place = self.room if where is None else where
        mention = "@Incident " if place.startswith("19:") else ""
        return await self.teams.say(self.id(who), place, mention + self.words(text), root=root)

    async def ask(self, who: str, text: str, *expected: str, where: str | None = None) -> Seen:
        """Write to the bot and wait for an answer with these words."""
        said = await self.say(who, text, where=where)
        return await self.teams.wait_for(
            lambda m: m.from_bot and int(m.id) > int(said.id) and m.has(*map(self.words, expected)),
            person=self.id(who),
            conversation=said.conversation,
            what=f"an answer to {text!r} with {expected}",
        )

    # -- looking --------------------------------------------------------------------------------------------------

    async def page(self, who: str, ref: str, *expected: str) -> Seen:
        """Wait for the card of a page in somebody's 1:1 chat."""
        return await self.teams.wait_for(
            lambda m: m.from_bot and m.card is not None and "Show incident" in m.buttons() and m.has(ref, *expected),
            person=self.id(who),
            conversation=await self.chat(who),
            what=f"{who}'s page for {ref} with {expected}",
        )

    async def hears(self, who: str, *expected: str) -> Seen:
        """Wait until somebody is told something in their 1:1 chat."""
        return await self.told(await self.chat(who), *expected, by=who)

    async def told(self, where: str, *expected: str, by: str = "rita") -> Seen:
        """Wait until something is said by the bot in a place."""
        return await self.teams.wait_for(
            lambda m: m.from_bot and m.has(*map(self.words, expected)),
            person=self.id(by),
            conversation=where,
            what=f"{expected} in {where}",
        )

    async def heard(self, who: str, *expected: str) -> list[Seen]:
        """List what the bot has written to somebody so far, with these words."""
        messages = await self.teams.messages(self.id(who), await self.chat(who))
        return [m for m in messages if m.from_bot and m.has(*map(self.words, expected))]

    async def ledger(self, ref: str) -> list[str]:
        """Read the pages of an incident in words, such as "grace step 2 +5:00 sent"."""
        pages = (await self.world.api(f"/incidents/{ref}/pages"))["items"]
        return [self._in_words(page, self.declared[ref]) for page in pages]

    async def delivered(self, ref: str) -> list[str]:
        """Read the ledger once nothing in it is on its way any more: Teams takes only so many messages a second."""
        await eventually(lambda: self._on_its_way(ref), [])
        return await self.ledger(ref)

    async def _on_its_way(self, ref: str) -> list[str]:
        lines = await self.ledger(ref)
        return [line for line in lines if "pending" in line] if lines else ["nobody is paged yet"]

    async def paged(self, ref: str, *lines: str) -> None:
        """Wait until exactly this stands in the ledger."""
        await eventually(lambda: self.ledger(ref), list(lines))

    async def paged_at_last(self, ref: str, *lines: str) -> None:
        """Wait until the ledger ends with this."""

        async def end() -> list[str]:
            return (await self.ledger(ref))[-len(lines) :]

        await eventually(end, list(lines))

    def _in_words(self, page: Json, since: datetime) -> str:
        whom = self.local(page["person"] or page["team"])
        what = f"step {page['step']}" if page["step"] else page["reason"].replace("_", " ")
        parts = [whom, what]
        parts += [f"round {page['round']}"] if page["round"] > 1 else []
        parts += [] if page["way"] == "teams" else [f"by {page['way']}"]
        parts += [after(moment(page["due_at"]) - since), page["result"]]
        parts += [f"with {page['bundled_into']}"] if page["bundled_into"] else []
        return " ".join(parts) + (", answered" if page["acknowledged_at"] else "")

    async def story(self, ref: str, *kinds: str) -> list[str]:
        """Read the sentences of a timeline, all or of some kinds, in the names of the scenario."""
        entries = await self.world.timeline(ref)
        return [self.plain(e["text"]) for e in entries if not kinds or e["kind"] in kinds]

    async def on_call(self, name: str, at: datetime | None = None) -> str:
        """Ask the API who is on call on a schedule."""
        when = f"&at={at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z" if at else ""
        found = (await self.world.api(f"/oncall?schedule={self.id(name)}{when}"))["items"]
        assert len(found) == 1
        return self.local(found[0]["person"])

    async def shifts(self, name: str, starts: datetime, ends: datetime) -> list[tuple[str, datetime, datetime]]:
        """Ask the API for the final shifts of a schedule."""
        window = f"from={starts:%Y-%m-%dT%H:%M:%S}Z&to={ends:%Y-%m-%dT%H:%M:%S}Z"
        found = (await self.world.api(f"/schedules/{self.id(name)}/shifts?{window}"))["items"]
        return [(self.local(s["person"]), moment(s["starts_at"]), moment(s["ends_at"])) for s in found]

    async def handoffs(self, name: str) -> list[Json]:
        """Ask the API for the handoffs of a schedule, oldest first, with the names of the scenario."""
        found = (await self.world.api(f"/handoffs?schedule={self.id(name)}"))["items"]
        named = [{**h, "outgoing": self.local(h["outgoing"]), "incoming": self.local(h["incoming"])} for h in found]
        return sorted(named, key=lambda h: h["boundary_at"])


# -- small things -----------------------------------------------------------------------------------------------------


def moment(text: str) -> datetime:
    """Read a moment of the API."""
    return datetime.fromisoformat(text)


def after(length: timedelta) -> str:
    """Write when something was due: in steps of ten seconds, because people need a moment to press."""
    seconds = int((length.total_seconds() + 0.5) // 10 * 10)
    return f"+{seconds // 60}:{seconds % 60:02}"


async def eventually(read: Callable[[], Awaitable[T]], wanted: T, *, patience_s: float = PATIENCE_S) -> T:
    """Look until something is as wanted; fails with what it is instead."""
    found = await read()
    try:
        async with asyncio.timeout(patience_s):
            while found != wanted:
                await asyncio.sleep(0.02)
                found = await read()
    except TimeoutError:
        pass
    assert found == wanted, f"{found} is not {wanted}"
    return found


@contextmanager
def world_on(folder: Path, database_url: str, **options: Any) -> Iterator[World]:
    """Play for a block; at its end nothing has gone wrong that nobody has looked at."""
    world = World(folder, database_url, **options)
    try:
        yield world.start()
        assert violations(world) == []
        assert [bot.log for bot in world.bots if "Traceback" in bot.log] == []
    finally:
        world.stop()


def coming(now: datetime, day: str, clock: str, zone: str = "UTC") -> datetime:
    """Tell when it is that day of the week and that time on a zone's wall clock for the first time after a moment."""
    hour, minute = map(int, clock.split(":"))
    local = now.astimezone(ZoneInfo(zone))
    ahead = (WEEKDAYS.index(day) - local.weekday()) % 7
    found = (local + timedelta(days=ahead)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    found = found if found > local else found + WEEK
    return found.astimezone(UTC)
