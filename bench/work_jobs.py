"""Jobs a second that do nothing, each with its completion on disk, next to procrastinate; one process and two."""

import asyncio
import json
import statistics
import time
from asyncio.subprocess import Process
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any

import psycopg

from bench import work_peers as peers
from bench.processes import standing_by
from bench.work_world import Databases, Figures, fill

ROUNDS = 4  # the first is dropped
JOBS = 3_000
WINDOW_S = 2.0
LEAST = 3.0  # of what ships
PROCESSES = (1, 2)
_LOOK_S = 0.05
_PAST_MS = 1_700_000_000_000


@dataclass(frozen=True)
class Side:
    """One engine and how its work is counted."""

    name: str
    engine: str
    options: dict[str, int]
    count: str
    clear: str


SHIPPED = "own, as shipped (tens share a commit)"
_OWN = ("SELECT count(*) FROM work WHERE state = 2", "TRUNCATE work")
SIDES = (
    # A transaction for each job, as procrastinate has it; ten threads are its ten at a time.
    Side("own, a completion each", "own", {"chunk": 1, "runners": 100}, *_OWN),
    Side(SHIPPED, "own", {}, *_OWN),
    Side(
        "procrastinate",
        "procrastinate",
        {},
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'",
        "TRUNCATE procrastinate_jobs CASCADE",
    ),
)


async def measure(databases: Databases, figures: Figures) -> None:
    """Compare in turns. procrastinate is for PostgreSQL only."""
    if databases.kind == "sqlite":
        print("  procrastinate has no SQLite; `claim` says what the queue does there")
        return
    url = databases.fresh()
    await peers.set_up_procrastinate(url)
    for processes in PROCESSES:
        rates: dict[str, list[float]] = {side.name: [] for side in SIDES}
        async with AsyncExitStack() as stack:
            workers = {
                s.name: [await stack.enter_async_context(_worker(s, url)) for _ in range(processes)] for s in SIDES
            }
            for _ in range(ROUNDS):
                for side in SIDES:
                    rates[side.name].append(await _round(url, side, workers[side.name]))
        _show(processes, rates, figures)
    databases.drop(url)


async def _round(url: str, side: Side, workers: list[Any]) -> float:
    """Give the jobs a second between the first look that finds some and the last one."""
    with psycopg.connect(url, autocommit=True) as look:
        look.execute(side.clear)  # pyright: ignore[reportArgumentType,reportCallIssue]
        if side.engine == "own":
            fill(url, JOBS, name=f"job-{time.monotonic_ns()}", due_ms=_PAST_MS)
        else:
            peers.fill_procrastinate(url, JOBS, due_ms=_PAST_MS - JOBS * 1000)
        await asyncio.gather(*(_tell(worker, "go") for worker, _ in workers))
        seen: list[tuple[float, int]] = []
        while not seen or (seen[-1][1] < JOBS and seen[-1][0] < seen[0][0] + WINDOW_S):
            await asyncio.sleep(_LOOK_S)
            done: Any = look.execute(side.count).fetchone()  # pyright: ignore[reportArgumentType,reportCallIssue]
            if done[0]:
                seen.append((time.perf_counter(), done[0]))
        await asyncio.gather(*(_tell(worker, "halt") for worker, _ in workers))
    if len(seen) == 1:
        return float("inf")
    return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])


def _worker(side: Side, url: str) -> AbstractAsyncContextManager[tuple[Process, str]]:
    return standing_by("bench.work_worker", side.engine, "jobs", url, json.dumps({"engine": side.options}))


async def _tell(worker: Process, word: str) -> None:
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write(f"{word}\n".encode())
    await worker.stdout.readline()


def _show(processes: int, rates: dict[str, list[float]], figures: Figures) -> None:
    how = "1 process" if processes == 1 else f"{processes} processes"
    kept = {name: found[1:] for name, found in rates.items()}
    for name, found in kept.items():
        print(f"  {how}, {name}: {statistics.median(found):.0f} jobs/s")
    peer = kept.pop("procrastinate")
    for name, found in kept.items():
        ratio = statistics.median(ours / theirs for ours, theirs in zip(found, peer, strict=True))
        figures.add(f"{how}, {name}, of procrastinate", ratio, least=LEAST if name == SHIPPED else None)
