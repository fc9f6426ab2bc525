"""From the commit that plans work to its claim: woken, next to a poll of a second."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Collection
from typing import Any

from bench import work_peers as peers
from bench.processes import standing_by
from bench.work_world import KIND, Databases, Figures, at_share, nothing
from scheduling.clock import SystemClock
from scheduling.engine import WorkEngine
from storage.database import Database
from storage.work_queue import SqlWorkQueue
from usecases.work import Foreman, Job, NewWork, Taken

MANY = 300
APART_S = 0.03
POLL_S = 1.0
POLLED_FOR_S = 10.0
P50_MOST, P99_MOST = 0.05, 0.1


class ListeningQueue(SqlWorkQueue):
    """Notes when each piece of work was claimed, in monotonic seconds: one clock for all processes."""

    claimed: dict[str, float]

    async def claim(self, kinds: Collection[str], limit: int) -> Taken:
        """Claim, and note."""
        taken = await super().claim(kinds, limit)
        at = time.monotonic()
        for due in taken.work:
            self.claimed[str(due.payload["number"])] = at
        return taken


class PollingQueue(ListeningQueue):
    """Is never woken."""

    @property
    def poll_s(self) -> float:
        """Look every second."""
        return POLL_S

    def attach(self, foreman: Foreman) -> None:
        """Hear nothing."""


def open_queue(database: Database, *, polls: bool) -> ListeningQueue:
    """Open a queue that notes."""
    queue = (PollingQueue if polls else ListeningQueue)(database, SystemClock())
    queue.claimed = {}
    return queue


async def measure(databases: Databases, figures: Figures) -> None:
    """Compare waking with polling. On PostgreSQL another process plans, on SQLite it is this one, as in life."""
    url = databases.fresh()
    woken = await _woken_by_another(url) if databases.kind == "postgres" else await _woken(url)
    polled = await _polled(url)
    databases.drop(url)
    figures.spread(f"{databases.kind}: woken", woken)
    figures.spread(f"{databases.kind}: polled every second", polled)
    for share, most, name in ((0.5, P50_MOST, "p50"), (0.99, P99_MOST, "p99")):
        ratio = at_share(woken, share) / at_share(polled, share)
        figures.add(f"{databases.kind}: {name} of a poll's", ratio, most=most)


async def _woken(url: str) -> list[float]:
    database = Database.open(url)
    queue = open_queue(database, polls=False)
    engine = WorkEngine(queue, [Job(KIND, nothing)])
    await engine.start()
    committed = await _plan_one_by_one(database)
    await _until(queue, committed)
    await engine.stop()
    await database.close()
    return _between(committed, queue.claimed)


async def _woken_by_another(url: str) -> list[float]:
    async with standing_by("bench.work_wake", url) as (process, _):
        database = Database.open(url)
        committed = await _plan_one_by_one(database)
        await asyncio.sleep(0.5)
        await database.close()
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        claimed = json.loads(await process.stdout.readline())
    return _between(committed, claimed)


async def _polled(url: str) -> list[float]:
    database = Database.open(url)
    queue = open_queue(database, polls=True)
    engine = WorkEngine(queue, [Job(KIND, nothing)])
    await engine.start()
    committed: dict[str, float] = {}

    async def later(number: int) -> None:
        await asyncio.sleep(random.uniform(0, POLLED_FOR_S))
        await _plan(database, f"polled-{number}", committed)

    await asyncio.gather(*(later(number) for number in range(MANY)))
    await _until(queue, committed)
    await engine.stop()
    await database.close()
    return _between(committed, queue.claimed)


async def _plan_one_by_one(database: Database) -> dict[str, float]:
    committed: dict[str, float] = {}
    await _plan(database, "warm", {})
    for number in range(MANY):
        await asyncio.sleep(random.uniform(0.5, 1.5) * APART_S)
        await _plan(database, f"woken-{number}", committed)
    return committed


async def _plan(database: Database, number: str, committed: dict[str, float]) -> None:
    """Plan one piece of work for now, and note when that was committed; other tasks of the loop may come first."""
    work = NewWork(kind=KIND, dedupe_key=number, due_at=peers.moment(peers.now_ms()), payload={"number": number})
    await database.write(lambda store: store.work.add(work))
    committed[number] = time.monotonic()


async def _until(queue: ListeningQueue, committed: dict[str, Any]) -> None:
    async with asyncio.timeout(30):
        while not committed.keys() <= queue.claimed.keys():  # noqa: ASYNC110 - a bench watches
            await asyncio.sleep(0.05)


def _between(committed: dict[str, float], claimed: dict[str, float]) -> list[float]:
    """Give ms; a claim may be done before the planner's own thread has told its event loop of the commit."""
    return [max(claimed[number] - at, 0.0) * 1000 for number, at in committed.items()]


async def _listen(url: str) -> None:
    database = Database.open(url)
    queue = open_queue(database, polls=False)
    engine = WorkEngine(queue, [Job(KIND, nothing)])
    await engine.start()
    await asyncio.sleep(0.5)  # LISTEN connects in the background
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(queue.claimed), flush=True)
    await engine.stop()
    await database.close()


if __name__ == "__main__":
    asyncio.run(_listen(sys.argv[1]))
