"""A hand on the clock: time passes while the real queue carries out the reminders that become due."""

from datetime import datetime, timedelta

from scheduling.jobs.reminders import JOBS
from storage.work import to_ms
from storage.work_queue import SqlWorkQueue
from tests.usecases.conftest import Desk
from usecases.ports import Store
from usecases.reminders import KINDS
from usecases.work import Outcome

RUN = {job.kind: job.run for job in JOBS}


class Hand:
    """A clock that shows what the desk's shows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def now(self, store: Store) -> datetime:
        return self._desk.now

    def offset(self, store: Store) -> timedelta:
        return timedelta(0)

    def last_offset(self) -> timedelta:
        return timedelta(0)

    def steady_for(self, store: Store) -> timedelta | None:
        return None


class Watch:
    """Lets time pass. What is due is done at its moment, or late where the bot was down."""

    def __init__(self, desk: Desk) -> None:
        desk.db.now_ms = lambda: to_ms(desk.now)
        self.desk = desk
        self.queue = SqlWorkQueue(desk.db, Hand(desk))

    async def passes(self, **length: float) -> None:
        """Let time pass, with the bot at work."""
        end = self.desk.now + timedelta(**length)
        while (due := (await self.queue.standing(KINDS)).next_due) is not None and due <= end:
            self.desk.now = max(self.desk.now, due)
            await self.catches_up()
        self.desk.now = end

    async def catches_up(self) -> None:
        """Do what is due by now."""
        while taken := (await self.queue.claim(KINDS, 50)).work:
            ended = await self.queue.run([(due, RUN[due.kind]) for due in taken])
            assert Outcome.FAILED not in ended

    async def down(self, **length: float) -> None:
        """Let time pass while nothing runs, and then catch up."""
        self.desk.later(**length)
        await self.catches_up()
