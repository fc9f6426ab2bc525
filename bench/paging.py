"""How soon a page is handed to the connector after its step was due, with 1,000 open escalations.

    python -m bench.paging [usual] [pace] [outage] [storm] [rates] [--database postgres|sqlite]

usual: ten steps a second fall due, three times as many as steps of five minutes make of 1,000 escalations; Teams' rates
are kept. pace: as many as Teams takes of one tenant, 28 a second, with the rate buckets open wide so that they are not
what is measured. outage: a hundred at the same moment, rates kept. storm: all 1,000 within one second, to see how fast they go out. rates: the storm with the rates kept;
it takes two minutes and runs only when it is named. The use cases are the real ones; one process works and delivers, put
together as in `app.py`, and this process is Teams.
"""

import argparse
import asyncio
import gc
import json
import re
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bench import work_peers as peers
from bench.paging_world import INCIDENTS, declare_all
from bench.processes import answer_of
from bench.work_world import SERVERS, Databases, Figures, at_share, print_world
from bot.letters.registry import LETTERS
from bot.notifier import Notifier
from bot.transport.addresses import emulator
from bot.transport.connector import Connector, open_session
from bot.transport.credentials import AppCredentials, token_cache
from scheduling.clock import SystemClock
from scheduling.delivery import DeliveryLoop
from scheduling.engine import WorkEngine
from scheduling.jobs.registry import all_jobs
from storage.database import Database
from storage.rates import Bucket, Rates
from storage.work_queue import SqlWorkQueue
from tests.support.connector_double import ConnectorDouble, serving
from tests.support.tokens import APP_ID
from usecases import escalations
from usecases.outbox import Delivery, DueMessage

AHEAD_MS, LATER_MS = 2_500, 3_600_000
P99_MOST_S = 2.0
WIDE = Rates(short=Bucket(10_000, 1), hour=Bucket(100_000, 1), tenant=Bucket(10_000, 1))
GC_THRESHOLD = 10_000  # as the product sets it
_STEPS = f"SELECT dedupe_key, subject FROM work WHERE state = 0 AND kind = '{escalations.STEP}' ORDER BY id"  # noqa: S608 - ours
_REF = re.compile(r"INC-(\d+)")


@dataclass(frozen=True)
class Shape:
    """How many steps fall due within how long, how often that is measured, and how long it may take at most."""

    due: int
    within_ms: int
    rounds: int
    at_most_s: int
    wide: bool
    demand_s: float | None
    says: str


SHAPES = {
    "usual": Shape(200, 20_000, 1, 60, wide=False, demand_s=P99_MOST_S, says="10/s"),
    "pace": Shape(500, 18_000, 1, 60, wide=True, demand_s=P99_MOST_S, says="28/s, rates open wide"),
    "outage": Shape(100, 1, 1, 60, wide=False, demand_s=None, says="100 at once"),
    "storm": Shape(INCIDENTS, 1_000, 1, 90, wide=True, demand_s=None, says="1,000 within 1 s, rates open wide"),
    "rates": Shape(INCIDENTS, 1_000, 1, 150, wide=False, demand_s=None, says="1,000 within 1 s"),
}
USUALLY = ("usual", "pace", "outage", "storm")


# -- the product ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def delivering(database: Database, base: str, handed: dict[int, float]) -> AsyncIterator[None]:
    """Deliver as the product does; note when a page's message is handed to the connector, by incident."""
    async with open_session() as http:
        addresses = emulator(base)
        connector = Connector(http, token_cache(http, addresses, AppCredentials(APP_ID)), addresses.service_urls)
        notifier = Notifier(connector, database, SystemClock(), bot_id=f"28:{APP_ID}", letters=LETTERS)

        async def deliver(message: DueMessage) -> Delivery:
            if message.payload.get("letter") == "page" and message.incident_id is not None:
                handed.setdefault(message.incident_id, time.time())
            return await notifier.deliver(message)

        loop = DeliveryLoop(database.lanes, deliver)
        await loop.start()
        yield
        await loop.stop()


async def serve(shape: Shape, url: str, base: str) -> None:
    """Let the steps fall due, and work until every page is out; print when each was due and handed over."""
    database = Database.open(url, rates=WIDE if shape.wide else Rates())
    handed: dict[int, float] = {}
    due: dict[int, float] = {}
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    engine = WorkEngine(SqlWorkQueue(database, SystemClock()), all_jobs())
    async with delivering(database, base, handed):
        await engine.start()
        await database.write(lambda store: _move(store, shape, due))
        cpu, end = time.process_time(), time.monotonic() + (AHEAD_MS + shape.within_ms) / 1000 + shape.at_most_s
        while len(handed) < shape.due and time.monotonic() < end:  # noqa: ASYNC110 - a bench watches
            await asyncio.sleep(0.05)
        spent = time.process_time() - cpu
        await asyncio.sleep(1)  # the last of them arrive
        print(json.dumps({"due": due, "handed": handed, "cpu_s": spent}), flush=True)
        await engine.stop()
    await database.close()


def _move(store: Any, shape: Shape, due: dict[int, float]) -> None:
    """Give every first step its moment: soon, or in an hour."""
    start = peers.now_ms() + AHEAD_MS
    for n, row in enumerate(store.connection.exec_driver_sql(_STEPS).all()):
        is_soon = n < shape.due
        at = start + (n * shape.within_ms // shape.due if is_soon else LATER_MS)
        assert store.work.move(row.dedupe_key, peers.moment(at))
        if is_soon:
            due[int(row.subject.removeprefix("incident:"))] = at / 1000


# -- Teams ------------------------------------------------------------------------------------------------------------


@dataclass
class Teams:
    """Notes when the page of each incident arrives."""

    double: ConnectorDouble = field(default_factory=ConnectorDouble)
    arrived: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def app(self) -> web.Application:
        """Serve it."""
        app = self.double.app

        @web.middleware
        async def watch(request: web.Request, handler: Any) -> web.StreamResponse:
            if (
                request.method == "POST"
                and "/conversations/a:" in request.path
                and request.path.endswith("/activities")
            ):
                found = _REF.search(await request.text())
                if found:
                    self.arrived.setdefault(found[1], time.time())
            return await handler(request)

        app.middlewares.append(watch)
        return app

    def forget(self) -> None:
        """Begin anew."""
        self.arrived.clear()
        self.double.calls.clear()
        self.double.delivered.clear()


@dataclass
class Found:
    """What the rounds of a shape have shown: ms of each page, and CPU seconds of a page."""

    handed: list[Sequence[float]] = field(default_factory=list[Sequence[float]])
    posted: list[Sequence[float]] = field(default_factory=list[Sequence[float]])
    cpu: list[float] = field(default_factory=list[float])


async def measure(databases: Databases, figures: Figures, names: Sequence[str]) -> None:
    """Build once, then let the steps fall due in each round on a copy of it."""
    teams = Teams()
    async with serving(teams.app) as base:
        world, began = databases.fresh(), time.monotonic()
        database = Database.open(world, rates=WIDE)
        async with delivering(database, base, {}):
            await declare_all(database, base)
        await database.close()
        took = time.monotonic() - began
        print(f"\n{databases.kind}: {INCIDENTS} incidents declared and their cards posted in {took:.0f} s", flush=True)
        for name in names:
            shape, found = SHAPES[name], Found()
            for _ in range(shape.rounds):
                teams.forget()
                url = databases.fresh(world)
                result = await answer_of("bench.paging", name, "--serve", url, base)
                databases.drop(url)
                found.handed.append(_late(result["due"], result["handed"], shape))
                found.posted.append(_late(result["due"], teams.arrived, shape))
                found.cpu.append(result["cpu_s"] / shape.due)
            _show(databases.kind, shape, found, figures)
        databases.drop(world)


def _late(due: Mapping[str, float], at: Mapping[str, float], shape: Shape) -> Sequence[float]:
    """Give ms for each page; one that has not come counts as late as the bench waited."""
    return [(at.get(n, moment + shape.at_most_s) - moment) * 1000 for n, moment in due.items()]


def _show(kind: str, shape: Shape, found: Found, figures: Figures) -> None:
    figures.spread(f"{kind}, {shape.says}: due to connector", [ms for times in found.handed for ms in times])
    figures.spread(f"{kind}, {shape.says}: due to arrival in Teams", [ms for times in found.posted for ms in times])
    print(f"      CPU of the product for each page {statistics.median(found.cpu) * 1e6:.0f} us")
    p99 = statistics.median(at_share(times, 0.99) for times in found.handed) / 1000
    figures.add(f"{kind}, {shape.says}: page hand-over to the connector, p99", p99, most=shape.demand_s, unit="s")


def main() -> None:
    """Run it on both databases; end with 1 when a demand is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", choices=(*SHAPES, []), metavar="SHAPE")
    parser.add_argument("--database", choices=(*SERVERS,))
    parser.add_argument("--serve", nargs=2, metavar=("URL", "TEAMS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(SHAPES[options.shapes[0]], *options.serve))
        return
    print_world(f"{INCIDENTS} open escalations; medians of the rounds")
    figures = Figures()
    for kind, server in SERVERS.items():
        if options.database in {None, kind}:
            with server() as databases:
                asyncio.run(measure(databases, figures, options.shapes or USUALLY))
    figures.end()


if __name__ == "__main__":
    main()
