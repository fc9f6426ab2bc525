"""Planning: what a turn or a job writes down for later."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest

from storage.database import Database
from tests.support.work import KIND, Desk, HandWorkClock, new_work, plan, rows
from usecases.work import NewWork


@pytest.fixture
def clock() -> HandWorkClock:
    return HandWorkClock()


@pytest.fixture
async def desk(database_url: str, clock: HandWorkClock) -> AsyncIterator[Desk]:
    opened = Database.open(database_url, now_ms=clock.machine)
    yield Desk(opened, clock)
    await opened.close()


@pytest.fixture
def soon(clock: HandWorkClock) -> datetime:
    return clock.now() + timedelta(minutes=5)


async def planned(desk: Desk, subject: str = "incident:1") -> list[NewWork]:
    return list(await desk.db.read(lambda store: store.work.planned(subject)))


async def test_what_is_planned_comes_back_as_it_was(desk: Desk, soon: datetime):
    first = NewWork(
        kind=KIND,
        dedupe_key="a\0\ud800",
        due_at=soon.astimezone(timezone(timedelta(hours=5))),
        subject="incident:1",
        payload={"text": "a\0\ud800ü", "list": [1, None, {"x": 1.5}]},
    )
    assert await plan(desk.db, first) == [True]
    (found,) = await planned(desk)
    assert (found.kind, found.subject, found.payload) == (first.kind, first.subject, first.payload)
    assert (found.due_at, found.due_at.tzinfo) == (soon, UTC)
    assert found.dedupe_key == "a\ufffd\ufffd"
    (row,) = await rows(desk.db)
    assert (row.state, row.attempts, row.lease_owner, row.created_at) == (0, 0, None, desk.clock.machine.now)


async def test_a_moment_is_kept_in_whole_milliseconds_and_never_earlier(desk: Desk, soon: datetime):
    await plan(desk.db, new_work(soon + timedelta(microseconds=1001), subject="incident:1"))
    assert (await planned(desk))[0].due_at == soon + timedelta(milliseconds=2)


async def test_a_moment_needs_a_zone(desk: Desk):
    with pytest.raises(ValueError, match="zone"):
        await plan(desk.db, new_work(datetime(2030, 1, 1)))  # noqa: DTZ001 - the fault


async def test_the_same_key_is_planned_once_open_or_done(desk: Desk):
    work = new_work(desk.now)
    assert await plan(desk.db, work, work) == [True, False]
    assert await plan(desk.db, work) == [False]
    await desk.run(await desk.claim())
    assert await plan(desk.db, work) == [False]
    assert len(await rows(desk.db)) == 1


async def test_what_a_failed_turn_has_planned_is_not_planned(desk: Desk, soon: datetime):
    def turn(store) -> None:
        store.work.add(new_work(soon))
        raise LookupError

    with pytest.raises(LookupError):
        await desk.db.write(turn)
    assert await rows(desk.db) == []


async def test_open_work_of_a_subject_is_cancelled_all_or_by_kind(desk: Desk, soon: datetime):
    mine = [new_work(soon, subject="incident:1", kind=kind) for kind in (KIND, "other:1", "third:1")]
    theirs = new_work(soon, subject="incident:10")
    await plan(desk.db, *mine, theirs, new_work(soon))
    assert await desk.db.write(lambda store: store.work.cancel("incident:1", kinds=["other:1", "fourth:1"])) == 1
    assert [work.kind for work in await planned(desk)] == [KIND, "third:1"]
    assert await desk.db.write(lambda store: store.work.cancel("incident:1")) == 2
    assert await desk.db.write(lambda store: store.work.cancel("incident:1")) == 0
    assert len(await rows(desk.db)) == 2
    assert await plan(desk.db, *mine) == [True] * 3  # their keys are free again


async def test_done_work_is_not_cancelled(desk: Desk):
    await plan(desk.db, new_work(desk.now, subject="incident:1"))
    await desk.run(await desk.claim())
    assert await desk.db.write(lambda store: store.work.cancel("incident:1")) == 0


async def test_work_is_moved_to_another_moment_early_or_late(desk: Desk, soon: datetime):
    work = new_work(soon, subject="incident:1")
    await plan(desk.db, work)
    for moment in (soon + timedelta(days=1), desk.now):
        assert await desk.db.write(lambda store, to=moment: store.work.move(work.dedupe_key, to))
        assert (await planned(desk))[0].due_at == moment
    assert [due.due_at for due in await desk.claim()] == [desk.now]


async def test_only_open_work_can_be_moved(desk: Desk, soon: datetime):
    work = new_work(desk.now)
    await plan(desk.db, work)
    await desk.run(await desk.claim())
    assert not await desk.db.write(lambda store: store.work.move(work.dedupe_key, soon))
    assert not await desk.db.write(lambda store: store.work.move("unheard of", soon))


async def test_planned_work_is_listed_soonest_first(desk: Desk, soon: datetime):
    moments = [soon + timedelta(minutes=m) for m in (3, 1, 2)]
    await plan(desk.db, *(new_work(at, subject="incident:1") for at in moments))
    assert [work.due_at for work in await planned(desk)] == sorted(moments)


@pytest.mark.postgres
async def test_other_processes_are_told_of_near_work_only(postgres_url: str, clock: HandWorkClock):
    database = Database.open(postgres_url, now_ms=clock.machine)
    desk = Desk(database, clock)
    clock.ahead = timedelta(days=3)

    class Idle:
        def wake(self, after_s: float = 0.0) -> None:
            pass

    desk.queue.attach(Idle())
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("LISTEN work_due")
        far, near = (new_work(desk.now + timedelta(seconds=s)) for s in (60, 4))
        await plan(database, far)
        await plan(database, near, near)
        await database.write(lambda store: store.work.move(far.dedupe_key, desk.now))
        heard = [call.payload for call in other.notifies(timeout=5, stop_after=2)]
        assert heard == [database.work_context.me] * 2
        assert list(other.notifies(timeout=0)) == []
        desk.queue.detach()
        await plan(database, new_work(desk.now + timedelta(days=1)))  # without an engine nobody knows what is near
        assert len(list(other.notifies(timeout=5, stop_after=1))) == 1
    await database.close()
