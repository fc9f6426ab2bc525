"""Keeps conversations and messages over a restart: one small SQLite file, written by one worker thread."""

import asyncio
import json
import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""


class StoreError(Exception):
    """The file cannot be used; the text is a sentence for the reader."""


class Store:
    """A durable dictionary `(kind, key) -> JSON`. Without a path nothing is kept.

    Writes never wait: they are collected and written in one transaction by the worker thread, the newest value of
    a key only. `close` writes what is left. A killed process loses at most the last few milliseconds.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._dirty: dict[tuple[str, str], str | None] = {}
        self._lock = threading.Lock()
        self._worker: ThreadPoolExecutor | None = None
        self._database: sqlite3.Connection | None = None
        self._scheduled = False

    async def load(self) -> dict[str, dict[str, Any]]:
        """Open the file and return all it holds: kind -> key -> value, in the order of the keys."""
        if self._path is None:
            return {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="local-teams-store")
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._open)

    def _open(self) -> dict[str, dict[str, Any]]:
        assert self._path is not None  # noqa: S101 - only load() calls this
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        self._database = sqlite3.connect(self._path, check_same_thread=False)
        try:
            return self._read(self._database)
        except sqlite3.DatabaseError as problem:
            self._database.close()
            raise StoreError(f"Local Teams cannot read {self._path} ({problem}). Delete it to begin anew.") from None

    @staticmethod
    def _read(database: sqlite3.Connection) -> dict[str, dict[str, Any]]:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(_SCHEMA)
        found: dict[str, dict[str, Any]] = {}
        for kind, key, body in database.execute("SELECT kind, key, body FROM item ORDER BY kind, key"):
            found.setdefault(kind, {})[key] = json.loads(body)
        return found

    def put(self, kind: str, key: str, value: Any) -> None:
        """Remember a value; None forgets the key."""
        if self._worker is None:
            return
        body = None if value is None else json.dumps(value, separators=(",", ":"))
        with self._lock:
            self._dirty[kind, key] = body
            idle, self._scheduled = not self._scheduled, True
        if idle:
            self._worker.submit(self._write)

    def _write(self) -> None:
        try:
            self._write_all()
        except sqlite3.Error:
            log.exception("Local Teams could not write %s", self._path)
            with self._lock:
                self._scheduled = False

    def _write_all(self) -> None:
        assert self._database is not None  # noqa: S101 - put() does nothing before load()
        while True:
            with self._lock:
                batch, self._dirty = self._dirty, {}
                self._scheduled = bool(batch)
            if not batch:
                return
            with self._database:
                for (kind, key), body in batch.items():
                    if body is None:
                        self._database.execute("DELETE FROM item WHERE kind = ? AND key = ?", (kind, key))
                    else:
                        self._database.execute(
                            "INSERT INTO item VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                            (kind, key, body),
                        )

    async def close(self) -> None:
        """Write what is left and close the file."""
        if self._worker is None:
            return
        await asyncio.get_running_loop().run_in_executor(self._worker, self._finish)
        self._worker.shutdown(wait=True)
        self._worker = None

    def _finish(self) -> None:
        self._write()
        if self._database is not None:
            self._database.close()
