"""One engine to write with and one to read with, set up for durability on each database."""

import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

POSTGRES_THREADS = 10
READ_THREADS = 4
SHARED_COMMIT = 16  # ours: a queue this long commits together in a few milliseconds
CONNECT_S = 5  # to a PostgreSQL server
_SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",  # first: the others may have to wait already
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # with NORMAL a power cut may take back what was answered
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA cache_size = -65536",
    "PRAGMA mmap_size = 268435456",
)
_POSTGRES_OPTIONS = {
    "default_transaction_isolation": "read committed",  # the lanes' rules are made for it
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "3s",
    "statement_timeout": "15s",
}
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}


class Engines(NamedTuple):
    """How to write and how to read, and on how many threads. A thread keeps its connection, so there is no pool."""

    url: URL
    writer: Engine
    reader: Engine
    writer_threads: int
    reader_threads: int
    together: int  # how many waiting transactions of the writer share a commit


def normalised(url: str) -> URL:
    """Read a database address. Raise ValueError with one sentence, never with the address: it may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("DATABASE_URL is not an address: write sqlite:///path or postgresql://…") from None
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError("DATABASE_URL names a database the bot cannot use: write sqlite:///path or postgresql://…")
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ValueError("DATABASE_URL names no file: incidents must outlive the process.")
    return parsed


def open_engines(url: str) -> Engines:
    """Prepare both engines; nothing is connected yet. The folder of a SQLite file is made."""
    parsed = normalised(url)
    if parsed.drivername == "sqlite":
        Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True)
        return Engines(
            parsed, _sqlite(parsed, "BEGIN IMMEDIATE"), _sqlite(parsed, "BEGIN"), 1, READ_THREADS, SHARED_COMMIT
        )
    return Engines(parsed, _postgres(parsed), _postgres(parsed, reads=True), POSTGRES_THREADS, READ_THREADS, 1)


def _sqlite(url: URL, begin: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        # IMMEDIATE for writers: a read that turns into a write would fail at once, whatever the busy time-out.
        # Straight to the driver: it is sent for every transaction, and storage.faults knows the driver's errors.
        raw = connection.connection.dbapi_connection
        raw.execute(begin)  # pyright: ignore[reportOptionalMemberAccess]

    return engine


def _postgres(url: URL, *, reads: bool = False) -> Engine:
    options = _POSTGRES_OPTIONS
    if reads:  # one picture of the world for a whole view
        options = options | {"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on"}
    given = str(url.query.get("options", ""))
    ours = " ".join(f"-c {name}={value.replace(' ', chr(92) + ' ')}" for name, value in options.items())
    return create_engine(
        url.difference_update_query(["options"]),
        poolclass=NullPool,
        hide_parameters=True,
        use_native_hstore=False,
        connect_args={"options": f"{ours} {given}".strip(), "connect_timeout": CONNECT_S, **_KEEPALIVE},
    )
