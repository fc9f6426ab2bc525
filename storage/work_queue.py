"""The engine's side of due work: it is claimed, carried out and forgotten. Every method is transactions of its own."""

import logging
import random
import traceback
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import TextClause

from domain.errors import Refused
from storage.lanes import POLL_POSTGRES_S, POLL_SQLITE_S
from storage.tables.work import DEAD, OPEN
from storage.types import clean
from storage.unit_of_work import SqlStore
from storage.work import from_ms, payload_of
from storage.work_sql import CHANNEL
from usecases.ports import Unavailable
from usecases.work import KEPT, MAX_ATTEMPTS, DueWork, Foreman, Outcome, Run, Standing, Taken, WorkClock, WorkHealth

if TYPE_CHECKING:
    from storage.database import Database

SWEEP_ROWS = 1000  # a transaction; larger ones would hold up turns
_MS = timedelta(milliseconds=1)
_BETWEEN_MS = 1_000  # somebody may take work between our look at the clock and at the rows
_ROOT = Path(__file__).parents[1]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTimes:
    """All delays of due work."""

    lease_ms: int = 30_000
    """How long work stays with somebody who says nothing; ours: a job is one transaction, statements end after 15 s."""
    retry_ms: int = 2_000
    """Doubles with every attempt, before the first retry too."""
    retry_most_ms: int = 300_000
    kept_ms: int = KEPT // _MS

    def retry_in_ms(self, attempts: int) -> int:
        """Say how long to wait after so many attempts, spread over 0.8 to 1.2."""
        return int(min(self.retry_ms * 2 ** min(attempts, 20), self.retry_most_ms) * random.uniform(0.8, 1.2))

    @property
    def longest_ms(self) -> int:
        """Within this time everything that is due and undone may be claimed."""
        return max(self.retry_most_ms * 6 // 5, self.lease_ms)


class SqlWorkQueue:
    """Implements usecases.work.WorkQueue."""

    def __init__(self, database: "Database", clock: WorkClock, *, times: WorkTimes | None = None) -> None:
        self._database = database
        self._context = database.work_context
        self._sql = database.work_context.sql
        self._clock = clock
        self._times = times or WorkTimes()
        self._foreman: Foreman | None = None

    @property
    def poll_s(self) -> float:
        """How often to look without being woken, in seconds. PostgreSQL also tells replicas of each other's work."""
        return POLL_SQLITE_S if self._database.is_sqlite else POLL_POSTGRES_S

    # -- for the engine -------------------------------------------------------------------------------------------

    async def claim(self, kinds: Collection[str], limit: int) -> Taken:
        """Take what is due, by pushing its lease: soonest first, only these kinds."""
        return await self._database.write(lambda store: self._claim(store, kinds, limit))

    async def run(self, batch: Sequence[tuple[DueWork, Run]]) -> Sequence[Outcome]:
        """Carry out claimed work: together where nothing goes wrong, else each in a transaction of its own.

        A savepoint for each would cost two round trips for each; whatever goes wrong together is rolled back together,
        so nothing an unlucky job has written or enqueued can slip through.
        """
        if len(batch) > 1:
            try:
                await self._database.write(lambda store: self._carry_out(store, batch))
            except Exception as error:  # noqa: BLE001 - whatever it was shows again below, where it belongs to one
                logger.debug("%s pieces of work are run one by one: %s", len(batch), type(error).__name__)
            else:
                return [Outcome.DONE] * len(batch)
        return [await self._alone(due, run, again=len(batch) > 1) for due, run in batch]

    async def release(self, work: Sequence[DueWork]) -> None:
        """Give up claimed work that was not begun; others may take it at once."""
        await self._database.write(lambda store: self._execute(store, self._sql.release, **self._context.held(work)))

    async def standing(self, kinds: Collection[str]) -> Standing:
        """Tell how work of these kinds stands, all at one moment."""
        values = {"kinds": self._context.array([*kinds]), "lease": self._times.lease_ms + _BETWEEN_MS}
        row = await self._database.read(lambda store: self._execute(store, self._sql.standing, **values).one())
        return Standing(not row.unsettled, None if row.next_ms is None else from_ms(row.next_ms))

    async def health(self) -> WorkHealth:
        """Tell the state of all work."""
        return await self._database.read(self._health)

    async def sweep(self) -> int:
        """Forget a batch of work that was done long ago. Return how many rows went."""
        kept = self._times.kept_ms
        return await self._database.write(
            lambda store: self._execute(store, self._sql.forget, kept=kept, most=SWEEP_ROWS).rowcount
        )

    def attach(self, foreman: Foreman) -> None:
        """Name who is woken in this process when something was planned. Call it on the event loop."""
        self._foreman = foreman
        self._database.planner = self
        if self._database.listener is not None:
            self._database.listener.subscribe(CHANNEL, foreman.wake)

    def detach(self) -> None:
        """Stop waking."""
        self._foreman = None
        self._database.planner = None
        if self._database.listener is not None:
            self._database.listener.unsubscribe(CHANNEL)

    # -- for the database -----------------------------------------------------------------------------------------

    def near_ms(self) -> int:
        """Tell until when work is so near that other processes are told of it; later work is found by their polls."""
        return self._now_ms() + int(self.poll_s * 1000)

    def announce(self, due_ms: int) -> None:
        """Hear that work was planned."""
        if self._foreman is not None:
            self._foreman.wake(max(due_ms - self._now_ms(), 0) / 1000)

    def _now_ms(self) -> int:
        return self._database.now_ms() + self._clock.last_offset() // _MS

    # -- inside a transaction -------------------------------------------------------------------------------------

    def _claim(self, store: SqlStore, kinds: Collection[str], limit: int) -> Taken:
        known = self._context.array([*kinds])
        rows = self._execute(store, self._sql.claim, kinds=known, most=limit, lease=self._times.lease_ms).all()
        work = sorted((_due(row) for row in rows), key=lambda due: (due.due_at, due.id))
        if len(work) == limit:
            return Taken(work, 0.0)
        row = self._next(store, kinds)
        return Taken(work, None if row.next_ms is None else max(row.next_ms - row.now_ms, 0) / 1000)

    def _next(self, store: SqlStore, kinds: Collection[str]) -> Any:
        return self._execute(store, self._sql.next, kinds=self._context.array([*kinds])).one()

    def _carry_out(self, store: SqlStore, batch: Sequence[tuple[DueWork, Run]]) -> None:
        """Run jobs and mark them as done. Raise _Lost when one of them is not ours any more."""
        now = self._clock.now(store)
        for due, run in batch:
            store.work.running(due.id)
            run(store, due, max(now, due.due_at))  # the database's clock may be a little ahead of ours
        held = self._context.held([due for due, _ in batch])
        if self._execute(store, self._sql.done, **held).rowcount != len(batch):
            raise _Lost

    async def _alone(self, due: DueWork, run: Run, *, again: bool) -> Outcome:
        """Carry out one piece of work; note its failure where it fails. `again`: a batch with it has come to nothing."""

        def work(store: SqlStore) -> Outcome:
            # What is not ours any more need not run once more; a first run finds that out at its end, which saves a
            # statement. Not locked: whoever cancels work has locked what it is about before, and so will the job.
            if again and self._execute(store, self._sql.mine, id=due.id, fence=due.fence).one_or_none() is None:
                return Outcome.LOST
            self._carry_out(store, [(due, run)])
            return Outcome.DONE

        try:
            return await self._database.write(work)
        except _Lost:
            return Outcome.LOST
        except Exception as error:  # noqa: BLE001 - a job may raise anything
            return await self._failed(due, error)

    async def _failed(self, due: DueWork, error: Exception) -> Outcome:
        """Plan another try, or give up. Raise Unavailable when the database was the trouble and still is."""
        given_up = due.fence >= MAX_ATTEMPTS
        tries = 1 if isinstance(error, Unavailable) else due.fence  # the database's trouble says nothing of the job
        values = {
            "id": due.id,
            "fence": due.fence,
            "state": DEAD if given_up else OPEN,
            "wait": self._times.retry_in_ms(tries),
            "error": _line(error),
        }
        noted = await self._database.write(lambda store: self._execute(store, self._sql.failed, **values).rowcount)
        if not noted:
            return Outcome.LOST
        if given_up:
            logger.error("work %s (%s) is given up after %s tries", due.id, due.kind, due.fence, exc_info=error)
        else:
            logger.warning("work %s (%s) failed at try %s", due.id, due.kind, due.fence, exc_info=error)
        return Outcome.FAILED

    def _health(self, store: SqlStore) -> WorkHealth:
        counts = self._execute(store, self._sql.counts).one()
        late = self._execute(store, self._sql.overdue, longest=self._times.longest_ms).scalar_one()
        steady = self._clock.steady_for(store)
        if steady is not None:
            late = min(late, steady // _MS)
        return WorkHealth(open=counts.open, dead=counts.dead, oldest_overdue_ms=max(late, 0))

    def _execute(self, store: SqlStore, statement: TextClause, **values: Any) -> Any:
        offset = self._clock.offset(store) // _MS
        always = {"now": self._database.now_ms(), "offset": offset, "me": self._context.me}
        return store.connection.execute(statement, always | values)


class _Lost(Exception):  # noqa: N818 - a state of the world
    """A lease ran out, or the work was cancelled: somebody else has decided about it."""


def _due(row: Any) -> DueWork:
    return DueWork(
        id=row.id,
        kind=row.kind,
        due_at=from_ms(row.due_at),
        fence=row.attempts,
        subject=row.subject,
        payload=payload_of(row.payload),
    )


def _line(error: Exception) -> str:
    """Say in one line what went wrong and where, without values: they may be secrets or somebody's words."""
    if isinstance(error, Refused):
        return clean(str(error))[:300]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT) and ".venv" not in frame.filename]
    where = f" in {Path(ours[-1].filename).relative_to(_ROOT)}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"
