"""Short ways to plan work, to look at its rows, and a clock for it that only moves when told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from storage.database import Database
from storage.work_queue import SqlWorkQueue, WorkTimes
from tests.support.lanes import HandClock
from usecases.work import DueWork, NewWork, Outcome, Taken

KIND = "test.note:1"
KINDS = (KIND,)
LEASE_S = 30
_keys = count(1)


class HandWorkClock:
    """The product's time over a machine's time that a test moves; `ahead` is the development clock's offset."""

    def __init__(self, machine: HandClock | None = None) -> None:
        self.machine = machine or HandClock()
        self.ahead = timedelta(0)
        self.steady: timedelta | None = None

    def now(self, store: Any = None) -> datetime:
        return datetime.fromtimestamp(self.machine.now / 1000, UTC) + self.ahead

    def offset(self, store: Any) -> timedelta:
        return self.ahead

    def last_offset(self) -> timedelta:
        return self.ahead

    def steady_for(self, store: Any) -> timedelta | None:
        return self.steady


def new_work(due_at: datetime, **more: Any) -> NewWork:
    """Make a piece of work with a key of its own."""
    number = next(_keys)
    given = {"kind": KIND, "dedupe_key": f"work-{number}", "payload": {"number": number}}
    return NewWork(due_at=due_at, **{**given, **more})


async def plan(database: Database, *work: NewWork) -> list[bool]:
    """Plan in one transaction."""
    return await database.write(lambda store: [store.work.add(one) for one in work])


async def rows(database: Database) -> list[Any]:
    """Read all rows, oldest first."""
    return await database.read(
        lambda store: store.connection.exec_driver_sql("SELECT * FROM work ORDER BY id").all(),
    )


async def state_of(database: Database) -> list[int]:
    """Tell every row's state: 0 open, 2 done, 3 dead."""
    return [row.state for row in await rows(database)]


class Desk:
    """A queue on a database whose time moves by hand."""

    def __init__(self, database: Database, clock: HandWorkClock) -> None:
        self.db, self.clock = database, clock
        self.queue = SqlWorkQueue(database, clock, times=WorkTimes(lease_ms=LEASE_S * 1000))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def later(self, seconds: float) -> None:
        self.clock.machine.advance(seconds)

    async def claim(self, limit: int = 50) -> list[DueWork]:
        return list((await self.take(limit)).work)

    async def take(self, limit: int = 50) -> Taken:
        return await self.queue.claim(KINDS, limit)

    async def run(self, work: list[DueWork], job: Callable[..., None] | None = None) -> list[Outcome]:
        return list(await self.queue.run([(due, job or note) for due in work]))


def note(store: Any, due: DueWork, now: datetime) -> None:
    """The simplest job: it leaves a trace of each of its runs."""
    name = f"ran:{due.payload['number']}"
    store.key_value.set(name, str(int(store.key_value.get(name) or 0) + 1))


async def runs(database: Database, work: NewWork) -> int:
    """Tell how often a piece of work was carried out by `note`."""
    found = await database.read(lambda store: store.key_value.get(f"ran:{work.payload['number']}"))
    return int(found or 0)
