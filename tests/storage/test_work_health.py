"""What others ask of due work: is it settled, is it late, what can be forgotten, who is to be woken."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage.database import Database
from storage.work_queue import SqlWorkQueue
from tests.support.work import KINDS, LEASE_S, Desk, HandWorkClock, new_work, plan, state_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> HandWorkClock:
    return HandWorkClock()


@pytest.fixture
async def desk(database_url: str, clock: HandWorkClock) -> AsyncIterator[Desk]:
    opened = Database.open(database_url, now_ms=clock.machine)
    yield Desk(opened, clock)
    await opened.close()


async def test_work_is_settled_when_nothing_is_due_and_nobody_is_at_it(desk: Desk):
    async def settled() -> bool:
        return (await desk.queue.standing(KINDS)).settled

    assert await settled()
    await plan(desk.db, new_work(desk.now), new_work(desk.now + timedelta(seconds=5)))
    assert not await settled()
    mine = await desk.claim()
    assert not await settled()
    await desk.run(mine, lambda store, due, now: 1 / 0)
    assert await settled()  # it waits for another try
    assert (await desk.queue.standing(["else:1"])).settled
    desk.later(5)
    assert not await settled()
    await desk.run(await desk.claim())
    assert await settled()


async def late(desk: Desk) -> float:
    return (await desk.queue.health()).oldest_overdue_ms / 1000


async def test_health_counts_and_knows_since_when_work_is_late(desk: Desk):
    await plan(desk.db, new_work(desk.now), new_work(desk.now + MINUTE))
    desk.later(10)
    health = await desk.queue.health()
    assert (health.open, health.dead, health.oldest_overdue_ms) == (2, 0, 10_000)
    mine = await desk.claim()
    assert await late(desk) == 0  # somebody is at it
    await desk.run(mine)
    health = await desk.queue.health()
    assert (health.open, health.oldest_overdue_ms) == (1, 0)


async def test_work_that_fails_again_and_again_is_late_since_its_moment(desk: Desk):
    await plan(desk.db, new_work(desk.now))
    for _ in range(6):
        await desk.run(await desk.claim(), lambda store, due, now: 1 / 0)
        desk.later((await desk.take()).next_in_s + 0.01)
    await desk.run(await desk.claim(), lambda store, due, now: 1 / 0)
    assert await late(desk) > 60


async def test_work_that_is_taken_and_never_finished_is_late_since_its_moment(desk: Desk):
    await plan(desk.db, new_work(desk.now))
    for _ in range(3):
        await desk.claim()
        desk.later(LEASE_S + 1)
    await desk.claim()
    assert await late(desk) == 3 * (LEASE_S + 1)


async def test_work_for_the_far_future_that_was_once_taken_is_not_late(desk: Desk):
    work = new_work(desk.now)
    await plan(desk.db, work)
    for _ in range(2):
        await desk.claim()
        desk.later(LEASE_S + 1)
    await desk.db.write(lambda store: store.work.move(work.dedupe_key, desk.now + MINUTE))
    assert await late(desk) == 0


async def test_a_jump_of_the_development_clock_makes_nothing_late_by_itself(desk: Desk, clock: HandWorkClock):
    await plan(desk.db, new_work(desk.now + MINUTE))
    clock.ahead, clock.steady = timedelta(days=7), timedelta(seconds=2)
    assert await late(desk) == 2
    clock.steady = timedelta(days=8)
    assert await late(desk) == pytest.approx(timedelta(days=7, minutes=-1).total_seconds())


async def test_done_work_is_forgotten_after_two_weeks_and_the_rest_is_kept(desk: Desk, monkeypatch):
    monkeypatch.setattr("storage.work_queue.SWEEP_ROWS", 2)
    await plan(desk.db, *(new_work(desk.now) for _ in range(3)), new_work(desk.now), new_work(desk.now + MINUTE))
    *good, bad = await desk.claim()
    await desk.run(good)
    await desk.run([bad], lambda store, due, now: 1 / 0)
    desk.later(14 * 86_400)
    assert await desk.queue.sweep() == 0
    desk.later(1)
    assert [await desk.queue.sweep() for _ in range(3)] == [2, 1, 0]
    assert await state_of(desk.db) == [0, 0]


async def test_a_turn_wakes_the_engine_of_its_process_in_time(desk: Desk, clock: HandWorkClock):
    class Foreman:
        wakes: list[float] = []  # noqa: RUF012 - one test

        def wake(self, after_s: float = 0.0) -> None:
            self.wakes.append(after_s)

    queue = SqlWorkQueue(desk.db, clock)
    queue.attach(Foreman())
    clock.ahead = timedelta(hours=1)
    await plan(desk.db, new_work(desk.now + MINUTE), new_work(desk.now + timedelta(seconds=5)))
    work = new_work(desk.now - MINUTE)
    await plan(desk.db, work, work)
    await desk.db.write(lambda store: store.work.move(work.dedupe_key, desk.now + MINUTE))
    await desk.db.write(lambda store: store.work.cancel("incident:1"))
    await plan(desk.db, work)  # it was planned before
    assert [wake for wake in Foreman.wakes if wake] == [pytest.approx(5), pytest.approx(60)]
    assert desk.db.planner is queue
    queue.detach()
    await plan(desk.db, new_work(desk.now))
    assert len([wake for wake in Foreman.wakes if wake]) == 2
