"""Two processes that work, one of them killed again and again: real processes, real SIGKILL."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from storage.database import Database
from tests.support.lanes import states
from tests.support.work import new_work, plan, rows, state_of

ROOT = Path(__file__).parents[2]
DEADLINE = 60
LEASE_MS = 1_000
CHAINS, LONG = 3, 10
AT_ONCE = 6  # pieces of work a worker has in hand: two transactions of three


@contextmanager
def worker(url: str, log: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.work_worker", url, str(LEASE_MS), str(log)],
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


def runs(log: Path) -> list[tuple[int, int]]:
    """Read which numbers were begun by which process, whatever became of it."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(int(number), int(pid)) for number, pid in (line.split() for line in lines)]


async def test_three_kills_lose_nothing_and_double_nothing(database: Database, database_url: str, tmp_path: Path):
    log, fed = tmp_path / "begun.txt", count(0)
    chained = [1_000_000 * chain + step for chain in range(1, CHAINS + 1) for step in range(LONG)]

    async def feed(number: int, **more: Any) -> None:
        due_at = datetime.now(UTC)  # noqa: TID251 - the workers go by it
        await plan(database, new_work(due_at, dedupe_key=f"chain:{number}", payload={"number": number, **more}))

    async def feed_until_begun(pid: int) -> None:
        """Plan work until a worker has so much of it in hand that a kill hurts."""
        async with asyncio.timeout(DEADLINE):
            while sum(who == pid for _, who in runs(log)) < 5:
                if (await state_of(database)).count(0) < 5 * AT_ONCE:
                    await feed(next(fed))

    with worker(database_url, log):
        for chain in range(1, CHAINS + 1):
            with worker(database_url, log) as doomed:
                await feed(1_000_000 * chain, more=LONG - 1)
                await feed_until_begun(doomed.pid)
                doomed.kill()
                doomed.wait()
        numbers = [*range(next(fed)), *chained]
        await until_all_are_done(database, len(numbers))
    assert await counted(database) == {f"ran:{number}": "1" for number in numbers}
    assert len(await states(database)) == len(numbers)
    begun = Counter(number for number, _ in runs(log))
    assert set(begun) == set(numbers)
    # What a killed process had in hand is begun again, and its batch once more where a part of it was lost.
    assert sum(begun.values()) - len(numbers) <= 2 * CHAINS * AT_ONCE


async def until_all_are_done(database: Database, many: int) -> None:
    async with asyncio.timeout(DEADLINE):
        while (found := Counter(row.state for row in await rows(database))) != {2: many}:
            assert not found[3]
            await asyncio.sleep(0.05)


async def counted(database: Database) -> dict[str, str]:
    """Read how often each number was carried out, as the database knows it."""

    def look(store) -> dict[str, str]:
        found = store.connection.exec_driver_sql("SELECT name, value FROM key_value WHERE name LIKE 'ran:%%'")
        return {row.name: row.value for row in found}

    return await database.read(look)
