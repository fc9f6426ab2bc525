"""Jumps of the development clock on real engines: what is due on the way is done in order and at its moment."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.errors import Refused
from scheduling import time_walk
from scheduling.clock import DevelopmentClock
from scheduling.delivery import DeliveryLoop
from scheduling.engine import WorkEngine
from scheduling.time_walk import Unsettled, Walk
from storage.database import Database
from storage.rates import Bucket, Rates
from storage.work_queue import SqlWorkQueue
from tests.support.lanes import new
from tests.support.work import KIND, KINDS, new_work, plan, rows, state_of
from usecases.outbox import Delivered, Delivery, DueMessage
from usecases.work import DueWork, Job

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


class World:
    """One replica in development: its clock, its engine, and what was done when."""

    def __init__(self, database: Database, **patience: float) -> None:
        self.db = database
        self.clock = DevelopmentClock()
        self.queue = SqlWorkQueue(database, self.clock)
        self.engine = WorkEngine(self.queue, [Job(KIND, self._job)])
        self.done: list[tuple[int, datetime, datetime]] = []
        self.act: Callable[[Any, DueWork, datetime], None] = lambda store, due, now: None
        self.walk = Walk(
            database, self.clock, self.queue, self.engine, database.lanes, kinds=self.engine.kinds, **patience
        )

    def _job(self, store: Any, due: DueWork, now: datetime) -> None:
        self.act(store, due, now)
        self.done.append((due.payload["number"], due.due_at, now))

    async def now(self) -> datetime:
        return await self.db.read(self.clock.now)

    async def ahead(self, by: timedelta) -> datetime:
        return await self.walk.go(lambda now: now + by)


@asynccontextmanager
async def working(database: Database, **patience: float) -> AsyncIterator[World]:
    world = World(database, **patience)
    await world.engine.start()
    yield world
    await world.engine.stop()


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with working(database) as running:
        yield running


async def test_a_week_with_chains_is_walked_in_order_and_at_exact_moments(world: World):
    begin = await world.now()

    def chain(store, due, now):
        """Every piece plans the next one; the daily one plans two more in between."""
        number = due.payload["number"]
        if number < 700:
            following = new_work(due.due_at + DAY, payload={"number": number + 100})
            assert store.work.add(following)
            for minutes in (90, 30):
                store.work.add(new_work(due.due_at + timedelta(minutes=minutes), payload={"number": 1000 + minutes}))

    world.act = lambda store, due, now: chain(store, due, now) if due.payload["number"] < 1000 else None
    await plan(world.db, new_work(begin + HOUR, payload={"number": 100}), new_work(begin + 8 * DAY))
    there = await world.ahead(7 * DAY)
    moments = [due_at for _, due_at, _ in world.done]
    assert moments == sorted(moments)
    assert [number for number, _, _ in world.done] == [
        number for day in range(6) for number in (100 * (day + 1), 1030, 1090)
    ] + [700]
    assert all(timedelta(0) <= now - due_at < SECOND for _, due_at, now in world.done)
    assert timedelta(0) <= there - (begin + 7 * DAY) < 30 * SECOND
    assert sorted(await state_of(world.db)) == [0] + [2] * 19


async def test_what_becomes_due_because_of_the_last_moment_is_done_too(world: World):
    target = await world.now() + HOUR

    def until_ten(store, due, now):
        if due.payload["number"] < 10:
            store.work.add(new_work(now, payload={"number": due.payload["number"] + 1}))

    world.act = until_ten
    await plan(world.db, new_work(target, payload={"number": 1}))
    await world.walk.go(lambda now: target)
    assert [number for number, _, _ in world.done] == [*range(1, 11)]


async def test_a_step_of_no_length_waits_for_what_is_due(world: World):
    before = await world.now()
    await plan(world.db, *(new_work(before) for _ in range(5)))
    assert await world.ahead(timedelta(0)) - before < 30 * SECOND
    assert len(world.done) == 5


async def test_the_clock_stays_put_when_the_aim_is_refused(world: World):
    def refuse(now: datetime) -> datetime:
        raise Refused("No.")

    with pytest.raises(Refused):
        await world.walk.go(refuse)
    before = await world.now()
    await world.ahead(HOUR)  # nobody holds the walk
    assert HOUR <= await world.now() - before < HOUR + 30 * SECOND


async def test_jumps_at_the_same_time_are_made_one_after_the_other(world: World):
    begin = await world.now()
    await asyncio.gather(*(world.ahead(HOUR) for _ in range(3)))
    assert 3 * HOUR <= await world.now() - begin < 3 * HOUR + 30 * SECOND


async def test_what_fails_is_tried_again_on_the_way_and_does_not_hold_up_the_jump(world: World):
    def twice(store, due, now):
        if len(tries) < 2:
            tries.append(now)
            raise LookupError

    tries: list[datetime] = []
    world.act = twice
    begin = await world.now()
    await plan(world.db, new_work(begin + HOUR))
    await world.ahead(2 * HOUR)
    assert await state_of(world.db) == [2]
    moments = [*tries, *(now for _, _, now in world.done)]
    assert len(moments) == 3
    assert all(HOUR <= moment - begin < HOUR + timedelta(minutes=1) for moment in moments)
    assert (await world.queue.health()).oldest_overdue_ms == 0


async def test_what_is_late_on_the_way_does_not_count_as_late_after_it(world: World):
    def fail(store, due, now):
        raise LookupError

    world.act = fail
    await plan(world.db, new_work(await world.now() + HOUR))
    await world.ahead(HOUR + 2 * SECOND)
    health = await world.queue.health()
    assert (await rows(world.db))[0].last_error
    assert health.oldest_overdue_ms < 30_000
    assert health.oldest_overdue_ms <= 1000 * (await world.db.read(world.clock.steady_for)).total_seconds()


async def test_another_replica_may_do_the_work(database: Database, other_database: Database, monkeypatch):
    """The one that is asked to jump has no engine running: it waits for the state of the database."""
    monkeypatch.setattr("storage.work_queue.POLL_SQLITE_S", 0.05)
    monkeypatch.setattr("storage.work_queue.POLL_POSTGRES_S", 0.05)
    asked = World(database)
    async with working(other_database) as other:
        begin = await asked.now()
        await plan(database, *(new_work(begin + timedelta(minutes=m)) for m in (5, 10)))
        await asked.ahead(HOUR)
        assert [due_at for _, due_at, _ in other.done] == sorted(due_at for _, due_at, _ in other.done)
        assert len(other.done) == 2
        assert HOUR <= await other.now() - begin < HOUR + 30 * SECOND


async def test_a_walk_that_takes_too_long_goes_straight_to_its_end(database: Database):
    async with working(database, walk_s=0.3) as world:
        begin = await world.now()

        def endless(store, due, now):
            store.work.add(new_work(due.due_at + SECOND, payload={"number": due.payload["number"] + 1}))

        world.act = endless
        await plan(world.db, new_work(begin + SECOND, payload={"number": 1}))
        with pytest.raises(Unsettled) as fault:
            world.walk._patience_s = 1.0
            await world.ahead(1000 * DAY)
        assert timedelta(0) <= fault.value.now - (begin + 1000 * DAY) < 30 * SECOND
        assert len(world.done) > 5


async def test_work_nobody_does_is_told(database: Database):
    world = World(database, walk_s=0.1, patience_s=0.2)
    begin = await world.now()
    await plan(database, new_work(begin + HOUR), new_work(begin + HOUR, kind="nobody.knows:1"))
    with pytest.raises(Unsettled):
        await world.ahead(2 * HOUR)
    assert 2 * HOUR <= await world.now() - begin < 2 * HOUR + 30 * SECOND
    for due in (await world.queue.claim(KINDS, 5)).work:
        await world.queue.run([(due, lambda store, due, now: None)])
    await world.ahead(HOUR)  # what no replica knows is not waited for


async def test_messages_leave_before_the_clock_moves_on(world: World):
    sent: list[tuple[str, datetime]] = []

    async def deliver(due: DueMessage) -> Delivery:
        await asyncio.sleep(0.05)  # Teams takes its time
        return Delivered(None, lambda store: sent.append((due.lane, world.clock.now(store))))

    delivery = DeliveryLoop(world.db.lanes, deliver)
    await delivery.start()
    world.act = lambda store, due, now: store.outbox.enqueue(new(f"lane-{due.payload['number']}"))
    begin = await world.now()
    await plan(world.db, *(new_work(begin + n * DAY, payload={"number": n}) for n in range(1, 4)))
    await world.ahead(5 * DAY)
    await delivery.stop()
    assert [lane for lane, _ in sent] == ["lane-1", "lane-2", "lane-3"]
    assert all(timedelta(0) <= at - (begin + n * DAY) < 10 * SECOND for n, (_, at) in enumerate(sent, 1))


async def test_messages_that_wait_for_a_token_of_the_tenant_leave_before_the_clock_moves_on(database_url: str):
    """Pages, cards and posts of one moment are more than the tenant's bucket holds: the last ones wait 50 ms each."""
    database = Database.open(database_url, rates=Rates(tenant=Bucket(2, 50)))
    async with working(database) as world:
        sent: list[tuple[int, datetime]] = []

        def enqueue(store, due, now):
            for lane in "abcde":
                store.outbox.enqueue(new(lane, payload={"day": due.payload["number"]}))

        async def deliver(due: DueMessage) -> Delivery:
            return Delivered(None, lambda store: sent.append((due.payload["day"], world.clock.now(store))))

        delivery = DeliveryLoop(world.db.lanes, deliver)
        await delivery.start()
        world.act = enqueue
        begin = await world.now()
        await plan(database, *(new_work(begin + n * DAY, payload={"number": n}) for n in range(1, 4)))
        await world.ahead(5 * DAY)
        await delivery.stop()
        assert len(sent) == 15
        assert all(timedelta(0) <= at - (begin + n * DAY) < 10 * SECOND for n, at in sent)
    await database.close()


async def test_what_another_replica_begins_while_messages_leave_sees_the_clock_stand(
    database: Database, other_database: Database
):
    asked, other = World(database), World(other_database)
    begun: list[asyncio.Task[datetime]] = []

    async def carry_out() -> datetime:
        for due in (await other.queue.claim(KINDS, 5)).work:
            await asyncio.sleep(0.1)  # a slow machine
            await other.queue.run([(due, lambda store, due, now: None)])
        return await other.now()

    async def deliver(due: DueMessage) -> Delivery:
        await plan(other_database, new_work(await other.now()))
        begun.append(asyncio.create_task(carry_out()))
        await asyncio.sleep(0.05)
        return Delivered(None)

    delivery = DeliveryLoop(database.lanes, deliver)
    await delivery.start()
    begin = await asked.now()
    await database.write(lambda store: store.outbox.enqueue(new()))
    await asked.ahead(HOUR)
    await delivery.stop()
    assert [await task - begin < 10 * SECOND for task in begun] == [True]


async def test_messages_that_do_not_leave_hold_a_jump_up_for_a_moment_only(world: World, monkeypatch):
    monkeypatch.setattr(time_walk, "SENDS_STEP_S", 0.05)
    monkeypatch.setattr(time_walk, "SENDS_JUMP_S", 0.1)
    world.act = lambda store, due, now: store.outbox.enqueue(new())  # and nobody delivers
    begin = await world.now()
    await plan(world.db, *(new_work(begin + n * DAY) for n in range(1, 20)))
    began = time.monotonic()
    await world.ahead(30 * DAY)
    assert time.monotonic() - began < 15
    assert len(world.done) == 19
