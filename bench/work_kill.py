"""Twenty kill -9 at random moments: two processes on PostgreSQL, on SQLite one that is started again.

Each job counts itself and enqueues a message (effects in the database), and writes a line into a file in the middle of
its transaction (an effect outside of it). The workers are tests/support/work_worker.py: two transactions of three jobs
of 5 ms at a time, so six pieces of work are in hand.
"""

import asyncio
import random
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bench import work_peers as peers
from bench.processes import standing_by
from bench.work_world import Databases, Figures
from storage.database import Database
from tests.support.work import new_work

KILLS = 20
LEASE_MS = 3_000
IN_HAND = 6
BEGUN_BEFORE_A_KILL = 3
RANDOM_S = 0.25
FED = 100
"""Jobs for each kill: more than are carried out until then."""
RECOVERED_S = LEASE_MS / 1000 + 5
_STATES = "SELECT state, count(*) AS many FROM work GROUP BY state"
_RUNS = "SELECT name, value FROM key_value WHERE name LIKE 'ran:%%'"
_MESSAGES = "SELECT count(*), count(DISTINCT dedupe_key) FROM outbox_message"
_HELD = "SELECT id, dedupe_key FROM work WHERE state = 0 AND lease_owner LIKE '%%:{pid}:%%'"
_UNTAKEN = "SELECT count(*) FROM work WHERE state = 0 AND lease_owner IS NULL"
_ENDED = "SELECT id, done_at FROM work WHERE state = 2"


@dataclass
class Killed:
    """A process that was killed, and what it had in hand: all by id, and the numbers it had begun.

    `lines` had been written by then. A commit may be on its way in the server: what it ends is not begun again.
    """

    at_ms: int
    lines: int
    begun: set[int]
    held: list[int]


async def measure(databases: Databases, figures: Figures) -> None:
    """Feed, kill and start again; then wait until everything is done, and count."""
    url, fed = databases.fresh(), count(1)
    database = Database.open(url)
    killed: list[Killed] = []
    processes = 2 if databases.kind == "postgres" else 1
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "begun.txt"
        log.touch()
        async with AsyncExitStack() as stack:
            workers = [(await stack.enter_async_context(_worker(url, log)))[0] for _ in range(processes)]
            for _ in range(KILLS):
                doomed = workers.pop(random.randrange(len(workers)))
                await _feed_until_begun(database, fed, log, doomed.pid)
                killed.append(await _kill(database, doomed, log))
                workers.append((await stack.enter_async_context(_worker(url, log)))[0])
            numbers = [*range(1, next(fed))]
            await _until_done(database, len(numbers))
        lines = [number for number, _ in _lines(log)]
    await _judge(databases.kind, database, figures, numbers, lines, killed)
    await database.close()
    databases.drop(url)


async def _feed_until_begun(database: Database, fed: Any, log: Path, pid: int) -> None:
    """Plan work, wait until a worker has begun some of it, and a random while longer.

    Only the log is looked at meanwhile: on SQLite a write of ours would wait until the worker has nothing to do.
    """
    end = time.monotonic() + 60
    while (await _rows(database, _UNTAKEN))[0][0]:  # older work goes first, and would look like a slow recovery
        assert time.monotonic() < end, "the workers do nothing"
        await asyncio.sleep(0.02)
    before = len(_lines(log))
    await _feed(database, fed)
    while sum(who == pid for _, who in _lines(log)[before:]) < BEGUN_BEFORE_A_KILL:
        assert time.monotonic() < end, "the worker does nothing"
        await asyncio.sleep(0.005)
    await asyncio.sleep(random.uniform(0, RANDOM_S))


async def _feed(database: Database, fed: Any) -> None:
    numbers = [next(fed) for _ in range(FED)]
    now = peers.moment(peers.now_ms())
    work = [new_work(now, dedupe_key=f"fed:{n}", payload={"number": n}) for n in numbers]
    await database.write(lambda store: [store.work.add(one) for one in work])


async def _kill(database: Database, doomed: asyncio.subprocess.Process, log: Path) -> Killed:
    doomed.kill()
    at_ms = peers.now_ms()
    await doomed.wait()
    rows = await _rows(database, _HELD.format(pid=doomed.pid))
    lines, numbers = _lines(log), {int(row[1].removeprefix("fed:")) for row in rows}
    begun = {number for number, pid in lines if pid == doomed.pid} & numbers
    return Killed(at_ms, len(lines), begun, [row[0] for row in rows])


def _worker(url: str, log: Path) -> AbstractAsyncContextManager[tuple[Process, str]]:
    return standing_by("tests.support.work_worker", url, str(LEASE_MS), str(log))


async def _until_done(database: Database, many: int) -> None:
    end = time.monotonic() + 60
    while {row[0]: row[1] for row in await _rows(database, _STATES)} != {2: many}:
        assert time.monotonic() < end, "not everything is done"
        await asyncio.sleep(0.1)


async def _judge(  # noqa: PLR0917 - all that was seen
    kind: str,
    database: Database,
    figures: Figures,
    numbers: list[int],
    lines: list[int],
    killed: list[Killed],
) -> None:
    counted = {row[0]: row[1] for row in await _rows(database, _RUNS)}
    ((messages, distinct),) = await _rows(database, _MESSAGES)
    ended = {row[0]: row[1] for row in await _rows(database, _ENDED)}
    begun = Counter(lines)
    once = sum(counted.get(f"ran:{n}") == "1" for n in numbers)
    print(f"  {kind}: {KILLS} kills, {len(numbers)} jobs, {sum(len(k.held) for k in killed)} of them in dead hands")
    figures.add(f"{kind}: jobs that did not run", sum(n not in begun for n in numbers), most=0)
    figures.add(f"{kind}: jobs whose effect in the database is not there exactly once", len(numbers) - once, most=0)
    figures.add(f"{kind}: messages missing or doubled", abs(messages - len(numbers)) + messages - distinct, most=0)
    repeats = [len(one.begun & set(lines[one.lines :])) for one in killed]
    figures.add(f"{kind}: most effects outside repeated by a kill", max(repeats), most=IN_HAND)
    figures.add(f"{kind}: effects outside repeated by all kills", sum(repeats))
    figures.add(f"{kind}: effects outside repeated without a kill", len(lines) - len(begun) - sum(repeats), most=0)
    waits = [(ended[row] - one.at_ms) / 1000 for one in killed for row in one.held]
    figures.add(f"{kind}: longest time from a kill to the end of its work", max(waits, default=0.0), most=8, unit="s")


def _lines(log: Path) -> list[tuple[int, int]]:
    """Read which numbers were begun by which process, whatever became of it."""
    return [(int(number), int(pid)) for number, pid in map(str.split, log.read_text(encoding="ascii").splitlines())]


async def _rows(database: Database, query: str) -> list[Any]:
    return await database.read(lambda store: list(store.connection.exec_driver_sql(query)))
