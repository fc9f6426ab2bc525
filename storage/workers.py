"""Threads that run whole transactions. Each keeps one connection; a transaction is one hop from the event loop."""

import asyncio
import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from storage.faults import BUSY, Fault, classify
from usecases.ports import Unavailable

T = TypeVar("T")

WAIT_S = 10.0  # for a free thread; ours: Teams sends again after 15 s, so a later answer reaches nobody


class _Job(Generic[T]):
    """One transaction on its way to a thread."""

    __slots__ = ("context", "future", "loop", "started", "timer", "work")

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.context = copy_context()
        self.started = False
        self.timer: asyncio.TimerHandle | None = None

    def begin(self) -> bool:
        """Take it on, on a worker's thread; False when it was given up, or nobody waits any more."""
        self.started = True
        return not self.future.done()

    def give_up(self) -> None:
        """Stop waiting for a thread."""
        if not self.started and not self.future.done():
            self.future.set_exception(Unavailable(BUSY))

    def done(self, result: T | None, error: BaseException | None) -> None:
        """Hand the result over, on the event loop."""
        if self.timer is not None:
            self.timer.cancel()
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)  # pyright: ignore[reportArgumentType]


class Workers:
    """A fixed number of threads with a connection each. Threads start when they are first needed.

    With `together` above 1 a thread runs up to so many waiting jobs between one BEGIN and one COMMIT, each in a
    savepoint of its own: the only writer of SQLite then pays for one flush to disk where a queue has formed. Every job
    is still all or nothing, and nobody hears of a result before it is on disk.
    """

    def __init__(self, engine: Engine, size: int, name: str, *, wait_s: float = WAIT_S, together: int = 1) -> None:
        self._engine = engine
        self._size = size
        self._name = name
        self._wait_s = wait_s
        self._together = together
        self._jobs: deque[_Job[Any]] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._idle = 0
        self._threads: list[threading.Thread] = []
        self._closing = False

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run work in one transaction. Raise Unavailable when no thread was free in time."""
        job = _Job(work)
        with self._changed:
            if self._closing:
                raise Unavailable(BUSY)
            self._jobs.append(job)
            waits = len(self._jobs) > self._idle
            if waits and len(self._threads) < self._size:
                self._start()
            self._changed.notify()
        if waits:
            job.timer = job.loop.call_later(self._wait_s, job.give_up)
        return await job.future

    async def close(self) -> None:
        """Finish what was begun, then end all threads and connections."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _start(self) -> None:
        thread = threading.Thread(target=self._serve, name=f"{self._name}-{len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        """Run jobs until the end; the body of a thread."""
        holder = _Holder(self._engine)
        while jobs := self._take():
            ended = list(holder.outcomes(jobs))
            for loop in {job.loop for job in jobs}:  # one in practice; waking it costs more than a statement
                with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                    loop.call_soon_threadsafe(_tell, [outcome for outcome in ended if outcome[0].loop is loop])
            del jobs, ended
        holder.drop()

    def _take(self) -> list[_Job[Any]]:
        with self._changed:
            self._idle += 1
            while not self._jobs and not self._closing:
                self._changed.wait()
            self._idle -= 1
            return [self._jobs.popleft() for _ in range(min(len(self._jobs), self._together))]


_Outcome = tuple[_Job[Any], Any, BaseException | None]


def _tell(ended: Sequence[_Outcome]) -> None:
    for job, result, error in ended:
        job.done(result, error)


def _ended(job: _Job[Any], run: Callable[[], Any]) -> _Outcome:
    try:
        return job, run(), None
    except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the one who asked
        return job, None, error


class CommitFailed(Exception):  # noqa: N818 - a state of the world
    """The commit itself got no clear answer: the work may have happened, so it is not run again."""


class _Holder:
    """The connection of one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def outcomes(self, jobs: Sequence[_Job[Any]]) -> Iterator[_Outcome]:
        """Run jobs, several in one transaction where they can be; yield how each ended."""
        if len(jobs) > 1:
            try:
                yield from self._all_at_once(jobs)
            except (SQLAlchemyError, sqlite3.Error):
                self.drop()  # nothing of it was written; what is wrong is found out one by one
            else:
                return
        for job in jobs:
            if job.begin():
                yield _ended(job, lambda job=job: job.context.run(self.transact, job.work))

    def _all_at_once(self, jobs: Sequence[_Job[Any]]) -> Sequence[_Outcome]:
        connection = self._connection or self._connect()
        transaction = connection.begin()
        driver: Any = connection.connection.dbapi_connection  # SQLAlchemy adds nothing to these but time
        ended: list[_Outcome] = []
        for job in jobs:
            if not job.begin():
                continue
            driver.execute("SAVEPOINT job")
            outcome = _ended(job, lambda job=job: job.context.run(job.work, connection))
            if outcome[2] is not None:
                driver.execute("ROLLBACK TO job")
            driver.execute("RELEASE job")
            ended.append(outcome)
        try:
            transaction.commit()
        except SQLAlchemyError as error:
            self.drop()
            failed = CommitFailed()
            failed.__cause__ = error
            return [(job, None, earlier or failed) for job, _, earlier in ended]
        return ended

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction; once more on a new connection when this one turns out to be dead or is cut."""
        connection = self._connection or self._connect()  # a database that cannot be reached is not asked twice
        try:
            return self._once(connection, work)
        except SQLAlchemyError as error:
            if classify(error) is not Fault.DISCONNECTED:
                raise
        return self._once(self._connection or self._connect(), work)

    def _once(self, connection: Connection, work: Callable[[Connection], T]) -> T:
        try:
            transaction = connection.begin()
            try:
                result = work(connection)
            except BaseException:
                transaction.rollback()
                raise
            try:
                transaction.commit()
            except SQLAlchemyError as error:
                self.drop()
                raise CommitFailed from error
        except SQLAlchemyError:
            if connection.invalidated:
                self.drop()
            raise
        return result

    def _connect(self) -> Connection:
        self._connection = self._engine.connect()
        return self._connection

    def drop(self) -> None:
        """Close the connection, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()
