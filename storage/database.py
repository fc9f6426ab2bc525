"""The database: whole transactions on worker threads, repeated where somebody else was faster."""

import asyncio
import logging
import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection

from storage.engines import Engines, open_engines
from storage.faults import AWAY, BUSY, NOT_MIGRATED, Fault, classify
from storage.known_names import KnownNames
from storage.lane_keeper import LaneContext
from storage.lane_sql import lane_sql
from storage.lanes import SqlLanes
from storage.listener import Listener
from storage.migrate import is_current
from storage.rates import Rates
from storage.unit_of_work import SqlStore
from storage.work_sql import WorkContext, work_sql
from storage.workers import CommitFailed, Workers
from usecases.outbox import Courier
from usecases.ports import Unavailable

T = TypeVar("T")

ATTEMPTS = 5  # runs of one piece of work before its caller hears "too busy"
PATIENCE_S = 8.0  # no further run after this; ours: a turn has to answer within Teams' 15 s
BACKOFF_S = 0.02  # before the second run; doubles, with jitter

logger = logging.getLogger(__name__)


class Planner(Protocol):
    """Who is told in this process of work that was planned."""

    def near_ms(self) -> int:
        """Tell until when work is so near that other processes are told of it too; product time, epoch milliseconds."""
        ...

    def announce(self, due_ms: int) -> None:
        """Hear that work was planned for a moment. Called on the event loop, after the commit."""
        ...

    def detach(self) -> None:
        """Hear nothing more."""
        ...


class Database:
    """Implements usecases.ports.Database on SQLite (one writer, readers apart) and PostgreSQL."""

    def __init__(self, engines: Engines, *, rates: Rates, now_ms: Callable[[], int] | None, wait_s: float) -> None:
        self.url: URL = engines.url
        self._engines = engines
        self._writers = Workers(
            engines.writer, engines.writer_threads, "db-write", wait_s=wait_s, together=engines.together
        )
        self._readers = Workers(engines.reader, engines.reader_threads, "db-read", wait_s=wait_s)
        dialect = engines.url.get_backend_name()
        server_clock = not self.is_sqlite and now_ms is None
        self._sql = lane_sql(dialect, rates, server_clock=server_clock)
        self.work_context = WorkContext(
            sql=work_sql(dialect, server_clock=server_clock),
            is_sqlite=self.is_sqlite,
            me=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        )
        self.rates = rates
        self.now_ms = now_ms or _real_ms
        self._known = KnownNames()
        self.listener = None if self.is_sqlite else Listener(engines.url, self.work_context.me)
        self.lanes = SqlLanes(self)
        self.planner: Planner | None = None

    @classmethod
    def open(
        cls, url: str, *, rates: Rates | None = None, now_ms: Callable[[], int] | None = None, wait_s: float = 10.0
    ) -> "Database":
        """Prepare a database for use; nothing is connected yet. Raise ValueError with a sentence for a wrong address.

        `rates` are the sending limits. `now_ms` replaces the real clock of rate windows and leases, for tests.
        `wait_s` is how long work waits for a free thread before its caller hears Unavailable.
        """
        return cls(open_engines(url), rates=rates or Rates(), now_ms=now_ms, wait_s=wait_s)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is one file for one process."""
        return self.url.drivername == "sqlite"

    async def write(self, work: Callable[[SqlStore], T]) -> T:
        """Run work that may change things."""
        courier, planner = self.lanes.courier, self.planner
        near_ms = planner.near_ms() if planner is not None else None

        def whole(connection: Connection) -> tuple[T, SqlStore, Sequence[int]]:
            planned: list[int] = []
            store = SqlStore(connection, self._context(courier, near_ms, planned))
            result = work(store)
            store.complete()
            return result, store, planned

        result, store, planned = await self._repeat(self._writers, whole)
        if courier is not None:
            store.announce(courier)
        if planner is not None and planned:
            planner.announce(min(planned))
        return result

    async def read(self, work: Callable[[SqlStore], T]) -> T:
        """Run work that only looks."""
        context = self._context()
        return await self._repeat(self._readers, lambda connection: work(SqlStore(connection, context)))

    async def check(self) -> Sequence[str]:
        """Say what is wrong, one sentence each: nothing, when the database answers and its tables are current."""
        try:
            current = await self._repeat(self._readers, is_current)
        except Unavailable as fault:
            return [str(fault)]
        return [] if current else [NOT_MIGRATED]

    async def close(self) -> None:
        """Finish running transactions and close all connections."""
        self.lanes.detach()
        if self.planner is not None:
            self.planner.detach()
        await self._writers.close()
        await self._readers.close()
        self._engines.writer.dispose()
        self._engines.reader.dispose()

    def _context(
        self, courier: Courier | None = None, near_ms: int | None = None, planned: list[int] | None = None
    ) -> LaneContext:
        return LaneContext(
            sql=self._sql,
            rates=self.rates,
            now_ms=self.now_ms,
            courier=courier,
            known=self._known,
            work=replace(self.work_context, near_ms=near_ms, planned=planned),
        )

    async def _repeat(self, workers: Workers, work: Callable[[Connection], T]) -> T:
        """Run work until it is through or there is no point in another try."""
        give_up_at = time.monotonic() + PATIENCE_S
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await workers.run(work)
            except CommitFailed as error:
                logger.warning("commit without an answer: %s", error.__cause__)
                raise Unavailable(AWAY) from error
            except Exception as error:  # noqa: BLE001 - most are raised again
                fault = classify(error)
                _raise_final(fault, error, last=attempt == ATTEMPTS or time.monotonic() >= give_up_at)
                logger.debug("run again after %s", fault)
            # Outside of any thread and without a connection, so that whoever won can finish.
            await asyncio.sleep(BACKOFF_S * 2**attempt * random.uniform(0.5, 1.0))
        raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _raise_final(fault: Fault, error: Exception, *, last: bool) -> None:
    """Raise what the caller should hear; return when the work should be run again."""
    if fault is Fault.BUG or (fault is Fault.DOUBLE and last):
        raise error
    if fault is Fault.NOT_MIGRATED:
        raise Unavailable(NOT_MIGRATED) from error
    if fault in {Fault.AWAY, Fault.DISCONNECTED}:
        logger.warning("database does not answer: %s", type(error).__name__)
        raise Unavailable(AWAY) from error
    if last:
        raise Unavailable(BUSY) from error


def _real_ms() -> int:
    return time.time_ns() // 1_000_000
