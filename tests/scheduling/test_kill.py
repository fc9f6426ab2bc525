"""Workers that are killed in the middle of a send: real processes, real SIGKILL."""

import asyncio
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.database import Database
from storage.rates import Bucket, Rates
from tests.support.lanes import new, put
from tests.support.outbox_worker import arrivals, rates_json
from usecases.outbox import MessageClass

ROOT = Path(__file__).parents[2]
DEADLINE = 60
RATES = Rates(short=Bucket(1000, 1), hour=Bucket(1000, 1), tenant=Bucket(1000, 1), lease_ms=1_500)


@contextmanager
def worker(url: str, log: Path, hangs_at: int | None = None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.outbox_worker", url, rates_json(RATES), str(log), str(hangs_at or "")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()
        process.wait(DEADLINE)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stdin.close()


async def until(condition) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - a row of the database has no event
            await asyncio.sleep(0.005)


async def until_nothing_is_open(database: Database) -> None:
    async with asyncio.timeout(DEADLINE):
        while (await database.lanes.health()).open:  # noqa: ASYNC110 - a row of the database has no event
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("message_class", [MessageClass.PAGE, MessageClass.CHATTER])
async def test_a_worker_killed_in_mid_send_loses_and_reorders_nothing(
    database: Database, database_url: str, tmp_path: Path, message_class: MessageClass
):
    log = tmp_path / "arrived.jsonl"
    marked = new("lane-0", message_class)
    lanes = [f"lane-{n}" for n in range(4)]
    await put(database, new("lane-0", message_class), marked)
    await put(database, *(new(lane, message_class) for _ in range(5) for lane in lanes))
    with worker(database_url, log, hangs_at=marked.payload["number"]) as doomed:
        await until(lambda: any(a.number == marked.payload["number"] for a in arrivals(log)))
        doomed.kill()
        doomed.wait()
    with worker(database_url, log):
        await put(database, *(new(lane, message_class) for _ in range(5) for lane in lanes))
        await until_nothing_is_open(database)
    found, times = arrivals(log), Counter(a.number for a in arrivals(log))
    unknown = await ends(database, "unknown")
    for lane in lanes:
        arrived = list(dict.fromkeys(a.seq for a in found if a.lane == lane))
        assert arrived == sorted(arrived)
        assert {*arrived} | unknown[lane] == {*range(1, 13 if lane == "lane-0" else 11)}
    assert len({a.pid for a in found}) == 2
    if message_class is MessageClass.PAGE:
        assert times[marked.payload["number"]] == 2  # at least once: nobody knew whether it had arrived
        assert not any(unknown.values())
    else:
        assert set(times.values()) == {1}  # at most once, and shown as unknown instead
        assert 2 in unknown["lane-0"]
        assert sum(map(len, unknown.values())) <= len(lanes)  # no more than were on their way
    assert sum(map(len, (await ends(database, "sent")).values())) + sum(map(len, unknown.values())) == 42


async def ends(database: Database, state: str) -> dict[str, set[int]]:
    """Give the numbers of the messages that ended so, by lane."""

    def look(store):
        query = f"SELECT lane_id, seq FROM outbox_message WHERE state = '{state}'"  # noqa: S608
        return [tuple(row) for row in store.connection.exec_driver_sql(query)]

    found: dict[str, set[int]] = defaultdict(set)
    for lane, seq in await database.read(look):
        found[lane].add(seq)
    return found
