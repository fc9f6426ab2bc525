"""Carries out due work: takes what is due, runs it, sleeps until something may be due."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import groupby
from typing import Any

from scheduling.wakeup import Alarm
from usecases.ports import Unavailable
from usecases.work import DueWork, Job, Outcome, Taken, WorkQueue

CHUNK = 10
"""Pieces of work in one transaction; ours: long enough to share a commit, short enough not to hold up turns."""
RUNNERS = 4
"""Transactions at the same time; ours: turns need threads too."""
HOLD_S = 20.0
"""How long work is kept while the database is away; well below the lease of 30 s."""
SHORTEST_NAP_S = 0.002  # what falls due in so short a time is taken together
HELD_NAP_S = 0.02  # work that another replica's transaction holds looks due all the time
BACKOFF_S = (0.5, 1.0, 2.0, 5.0)  # while the database is away

_NUMBER = re.compile(r"\d+")

logger = logging.getLogger(__name__)


class WorkEngine:
    """One per process; it is the process's usecases.work.Foreman. Replicas share the work through the database.

    It takes only kinds it has a job for. `on_outcome` hears of every run: its kind, and "done" or "failed".
    """

    def __init__(
        self,
        queue: WorkQueue,
        jobs: Iterable[Job],
        *,
        on_outcome: Callable[[str, str], None] | None = None,
        chunk: int = CHUNK,
        runners: int = RUNNERS,
    ) -> None:
        self._queue = queue
        self._jobs = {job.kind: job.run for job in jobs}
        self.kinds = tuple(self._jobs)
        self._on_outcome = on_outcome
        self._chunk = chunk
        self._places = chunk * runners
        self._busy = 0
        self._alarm = Alarm()
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to work, on the running event loop."""
        self._queue.attach(self)
        self._loop = asyncio.get_running_loop().create_task(self._run())

    async def stop(self, *, patience_s: float = 5.0) -> None:
        """Take nothing new and wait for the transactions under way; what does not end in time is freed by its lease."""
        self._queue.detach()
        self._stopping.set()
        self._alarm.cancel()
        self._alarm.ring()
        tasks = {*self._tasks, *([self._loop] if self._loop else [])}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while tasks:
                    await asyncio.wait(tasks)
                    tasks = {task for task in {*self._tasks, *tasks} if not task.done()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self, after_s: float = 0.0) -> None:
        """Look for work, now or in so many seconds."""
        if not self._stopping.is_set():
            self._alarm.ring(after_s)

    # -- the loop -------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Claim what is due and sleep until something may be."""
        failures = 0
        while not self._stopping.is_set():
            self._alarm.clear()
            nap = self._queue.poll_s
            if self._busy < self._places:
                try:
                    nap = await self._take(self._places - self._busy)
                    failures = 0
                except Unavailable:
                    nap = _backoff(failures)
                    failures += 1
                except Exception:
                    logger.exception("looking for due work failed")
                    nap = _backoff(failures)
                    failures += 1
            await self._alarm.wait(nap)

    async def _take(self, room: int) -> float:
        """Begin what is due; say how long there will be nothing else."""
        taken = await self._queue.claim(self.kinds, room)
        if self._stopping.is_set():
            await self._give_back(taken)
            return 0.0
        for chunk in _chunks(taken.work, self._chunk):
            self._busy += len(chunk)
            self._spawn(self._carry_out(chunk))
        if len(taken.work) == room:
            return 0.0  # there may be more; where no place is left now, the first that ends rings
        if taken.next_in_s is None:
            return self._queue.poll_s
        shortest = SHORTEST_NAP_S if taken.work or taken.next_in_s > 0 else HELD_NAP_S
        return min(max(taken.next_in_s, shortest), self._queue.poll_s)

    async def _give_back(self, taken: Taken) -> None:
        if taken.work:
            with contextlib.suppress(Unavailable):  # the lease does it too
                await self._queue.release(taken.work)

    async def _carry_out(self, chunk: Sequence[DueWork]) -> None:
        """Run a chunk to its end, for as long as it is surely ours."""
        try:
            for due, outcome in zip(chunk, await self._outcomes(chunk), strict=False):
                if self._on_outcome is not None and outcome is not Outcome.LOST:
                    self._on_outcome(due.kind, outcome.value)
        except Exception:
            logger.exception("running due work failed")  # the lease brings it back
        finally:
            was_full = self._busy >= self._places
            self._busy -= len(chunk)
            if was_full:
                self._alarm.ring()  # there may be more than there was room for

    async def _outcomes(self, chunk: Sequence[DueWork]) -> Sequence[Outcome]:
        batch = [(due, self._jobs[due.kind]) for due in chunk]
        give_up_at = asyncio.get_running_loop().time() + HOLD_S
        failures = 0
        while True:
            try:
                return await self._queue.run(batch)
            except Unavailable:
                if self._stopping.is_set() or asyncio.get_running_loop().time() >= give_up_at:
                    return []
            await asyncio.sleep(_backoff(failures))
            failures += 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # a task nobody refers to may vanish
        task.add_done_callback(self._tasks.discard)


def _chunks(work: Sequence[DueWork], size: int) -> Sequence[Sequence[DueWork]]:
    """Cut work into transactions.

    All work of a subject stays together and in order. Subjects always come in one order, so that two replicas rarely
    wait for each other in a circle.
    """
    chunks: list[list[DueWork]] = []
    for _, group in groupby(sorted(work, key=_subject), key=_subject):
        wanted = list(group)
        if not chunks or len(chunks[-1]) + len(wanted) > size:
            chunks.append([])
        chunks[-1] += wanted
    return chunks


def _subject(due: DueWork) -> str:
    """Order work as turns lock incidents, by number: two that lock the same ones must not wait for each other."""
    return _NUMBER.sub(lambda found: found[0].zfill(20), due.subject or f"{due.kind} {due.id}")


def _backoff(failures: int) -> float:
    return BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
