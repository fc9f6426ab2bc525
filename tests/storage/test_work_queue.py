"""Claiming, fences, failures: what the engine relies on, on both databases and with a clock that moves by hand."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from domain.errors import Refused, StaleVersion
from storage.database import Database
from tests.support.lanes import new, states
from tests.support.work import KIND, KINDS, LEASE_S, Desk, HandWorkClock, new_work, note, plan, rows, runs, state_of
from usecases.ports import Unavailable
from usecases.work import MAX_ATTEMPTS, Outcome

DONE, FAILED, LOST = Outcome.DONE, Outcome.FAILED, Outcome.LOST
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> HandWorkClock:
    return HandWorkClock()


@pytest.fixture
async def desk(database_url: str, clock: HandWorkClock) -> AsyncIterator[Desk]:
    opened = Database.open(database_url, now_ms=clock.machine)
    yield Desk(opened, clock)
    await opened.close()


@pytest.fixture
async def other(database_url: str, clock: HandWorkClock) -> AsyncIterator[Desk]:
    """Another replica: the same database and time, and a lease of its own."""
    opened = Database.open(database_url, now_ms=clock.machine)
    yield Desk(opened, clock)
    await opened.close()


# -- claiming ---------------------------------------------------------------------------------------------------------


async def test_a_claim_takes_exactly_so_many_soonest_first(desk: Desk):
    moments = [desk.now - timedelta(seconds=s) for s in (1, 4, 2, 5, 3)]
    await plan(desk.db, *(new_work(at) for at in moments), new_work(desk.now + MINUTE))
    taken = await desk.take(3)
    assert [due.due_at for due in taken.work] == sorted(moments)[:3]
    assert taken.next_in_s == 0.0
    assert {due.fence for due in taken.work} == {1}
    rest = await desk.take(3)
    assert [due.due_at for due in rest.work] == sorted(moments)[3:]
    assert rest.next_in_s == pytest.approx(LEASE_S)  # should we die now, they are due again then
    assert await desk.claim() == []


async def test_a_look_says_when_the_next_one_is_worth_it(desk: Desk):
    assert (await desk.take()).next_in_s is None
    assert (await desk.queue.standing(KINDS)).next_due is None
    await plan(desk.db, new_work(desk.now + MINUTE), new_work(desk.now + MINUTE * 2))
    assert (await desk.take()).next_in_s == pytest.approx(60)
    assert (await desk.queue.standing(KINDS)).next_due == desk.now + MINUTE


async def test_claimed_work_is_nobody_elses_until_the_lease_ends(desk: Desk, other: Desk):
    await plan(desk.db, new_work(desk.now))
    (mine,) = await desk.claim()
    desk.later(LEASE_S - 0.1)
    assert await other.claim() == []
    desk.later(0.2)
    (theirs,) = await other.claim()
    assert (theirs.id, theirs.fence, theirs.due_at) == (mine.id, 2, mine.due_at)


async def test_work_of_a_kind_nobody_here_knows_is_left_alone(desk: Desk, other: Desk):
    """An old and a new version of the bot side by side: each takes what it knows."""
    old, newer = new_work(desk.now - MINUTE, kind="step:1"), new_work(desk.now - MINUTE, kind="step:2")
    await plan(desk.db, old, newer)
    taken = await desk.queue.claim(["step:1", "else:1"], 5)
    assert [due.kind for due in taken.work] == ["step:1"]
    assert (await desk.queue.standing(["else:1"])).next_due is None
    assert (await desk.queue.claim(["step:1"], 5)).next_in_s == pytest.approx(LEASE_S)  # not "at once" for step:2
    assert [due.kind for due in (await other.queue.claim(["step:1", "step:2"], 5)).work] == ["step:2"]
    assert (await desk.queue.claim([], 5)).work == []


async def test_workers_at_the_same_time_share_the_work(desk: Desk, other: Desk):
    await plan(desk.db, *(new_work(desk.now) for _ in range(60)))
    taken = await asyncio.gather(*((desk, other)[n % 2].claim(5) for n in range(12)))
    ids = [due.id for part in taken for due in part]
    assert len(ids) == len(set(ids))
    left = [due.id for due in await desk.claim(60)]
    assert sorted(ids + left) == [row.id for row in await rows(desk.db)]


async def test_a_clock_that_is_ahead_counts(desk: Desk, clock: HandWorkClock):
    await plan(desk.db, new_work(desk.now + timedelta(days=7)))
    assert await desk.claim() == []
    clock.ahead = timedelta(days=7)
    (due,) = await desk.claim()
    assert due.due_at == desk.now


@pytest.mark.postgres
async def test_on_postgres_the_servers_clock_counts(postgres_url: str, clock: HandWorkClock):
    """Two replicas whose clocks differ by hours share the work as if they did not; a job is never told a time before
    its own moment."""
    database, told = Database.open(postgres_url), []
    clock.machine.now = database.now_ms() - 3 * 3_600_000
    desk = Desk(database, clock)
    await plan(database, new_work(desk.now + timedelta(hours=3)))
    (due,) = await desk.claim()
    await desk.run([due], lambda store, due, now: told.append(now))
    assert told == [due.due_at]
    await database.close()


@pytest.mark.postgres
async def test_a_claim_takes_no_more_than_it_asked_for_whatever_the_planner_does(postgres_url: str):
    """IN (SELECT ... LIMIT) claims everything under this plan; = ANY(ARRAY(...)) does not."""
    desk = Desk(Database.open(postgres_url), HandWorkClock())
    desk.clock.machine.now = desk.db.now_ms()
    await plan(desk.db, *(new_work(desk.now - MINUTE) for _ in range(1_000)))

    def claim(store):
        for name in ("hashjoin", "hashagg", "mergejoin", "material", "sort"):
            store.connection.execute(text(f"SET LOCAL enable_{name} = off"))
        values = {"kinds": [KIND], "most": 5, "lease": 1, "me": "x", "offset": 0}
        sql = store.work.context.sql.claim
        assert "IN (" not in sql.text.upper()
        return len(store.connection.execute(sql, values).all())

    assert await desk.db.write(claim) == 5
    await desk.db.close()


# -- running ----------------------------------------------------------------------------------------------------------


async def test_effects_messages_next_work_and_done_are_one_transaction(desk: Desk):
    first = new_work(desk.now)

    def step(store, due, now):
        note(store, due, now)
        store.outbox.enqueue(new())
        assert store.work.add(new_work(due.due_at + MINUTE))

    await plan(desk.db, first)
    assert await desk.run(await desk.claim(), step) == [DONE]
    assert await runs(desk.db, first) == 1
    done, following = await rows(desk.db)
    assert (done.state, done.done_at, done.lease_owner) == (2, desk.clock.machine.now, None)
    assert (following.state, following.due_at) == (0, desk.clock.machine.now + 60_000)
    assert len(await states(desk.db)) == 1


async def test_doing_nothing_for_fifty_is_two_statements(desk: Desk):
    await plan(desk.db, *(new_work(desk.now) for _ in range(50)))
    said = []
    event.listen(desk.db._engines.writer, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert await desk.run(await desk.claim(50), lambda store, due, now: None) == [DONE] * 50
    assert [sql.split()[0] for sql in said] == ["UPDATE", "UPDATE"]
    assert await state_of(desk.db) == [2] * 50


async def test_a_job_is_told_the_products_time(desk: Desk, clock: HandWorkClock):
    clock.ahead = timedelta(days=2)
    told = []
    await plan(desk.db, new_work(desk.now - MINUTE))
    await desk.run(await desk.claim(), lambda store, due, now: told.append((due.due_at, now)))
    assert told == [(desk.now - MINUTE, desk.now)]


async def test_a_lost_lease_rolls_everything_back(desk: Desk, other: Desk):
    work = [new_work(desk.now) for _ in range(3)]
    await plan(desk.db, *work)
    mine = await desk.claim()
    desk.later(LEASE_S + 1)
    theirs = await other.claim(1)
    assert await desk.run(mine) == [LOST, DONE, DONE]
    assert [await runs(desk.db, one) for one in work] == [0, 1, 1]
    assert await other.run(theirs) == [DONE]
    assert [await runs(desk.db, one) for one in work] == [1, 1, 1]


async def test_a_lease_that_is_lost_in_the_middle_of_the_job_rolls_it_back(desk: Desk, other: Desk):
    work = new_work(desk.now)
    await plan(desk.db, work)
    (due,) = await desk.claim()

    def slow(store, due, now):
        """Stands for somebody who claims while it runs; SQLite has one writer, so the row is changed from within."""
        note(store, due, now)
        store.connection.execute(text("UPDATE work SET attempts = 2"))

    assert await desk.run([due], slow) == [LOST]
    assert await runs(desk.db, work) == 0
    assert (await rows(desk.db))[0].state == 0


async def test_running_a_batch_again_does_nothing_twice(desk: Desk):
    work = [new_work(desk.now) for _ in range(3)]
    await plan(desk.db, *work)
    mine = await desk.claim()
    assert await desk.run(mine) == [DONE] * 3
    assert await desk.run(mine) == [LOST] * 3
    assert [await runs(desk.db, one) for one in work] == [1, 1, 1]


async def test_what_is_cancelled_after_the_claim_does_not_happen(desk: Desk):
    work = [new_work(desk.now, subject=f"incident:{n}") for n in range(2)]
    await plan(desk.db, *work)
    mine = await desk.claim()
    assert await desk.db.write(lambda store: store.work.cancel("incident:0")) == 1
    assert await desk.run(mine) == [LOST, DONE]
    assert [await runs(desk.db, one) for one in work] == [0, 1]


async def test_what_is_moved_after_the_claim_happens_at_its_new_moment(desk: Desk):
    work = new_work(desk.now)
    await plan(desk.db, work)
    mine = await desk.claim()
    later = desk.now + MINUTE
    assert await desk.db.write(lambda store: store.work.move(work.dedupe_key, later))
    assert await desk.run(mine) == [LOST]
    assert await runs(desk.db, work) == 0
    desk.later(60)
    (again,) = await desk.claim()
    assert again.due_at == later
    assert await desk.run([again]) == [DONE]


async def test_a_job_may_cancel_everything_of_its_subject_and_is_done_itself(desk: Desk):
    own = new_work(desk.now, subject="incident:1")
    mate = new_work(desk.now, subject="incident:1")
    await plan(desk.db, own, mate, new_work(desk.now + MINUTE, subject="incident:1"))
    found = []

    def stop(store, due, now):
        note(store, due, now)
        found.append(len(store.work.planned("incident:1")))
        assert not store.work.move(own.dedupe_key, now + MINUTE)
        store.work.cancel("incident:1")

    assert await desk.run(await desk.claim(), stop) == [DONE, LOST]
    assert await state_of(desk.db) == [2]
    assert (await runs(desk.db, own), await runs(desk.db, mate)) == (1, 0)
    assert found[0] == 2


# -- failures ---------------------------------------------------------------------------------------------------------


async def test_one_that_fails_takes_nothing_with_it_and_leaves_nothing(desk: Desk):
    work = [new_work(desk.now, payload={"number": n}) for n in (71, 72, 73)]
    await plan(desk.db, *work)

    def job(store, due, now):
        note(store, due, now)
        store.outbox.enqueue(new(f"lane-{due.payload['number']}"))
        store.work.add(new_work(now + MINUTE, dedupe_key=f"after-{due.payload['number']}"))
        if due.payload["number"] == 72:
            raise LookupError("secret words")

    assert await desk.run(await desk.claim(), job) == [DONE, FAILED, DONE]
    assert [await runs(desk.db, one) for one in work] == [1, 0, 1]
    assert [lane for lane, _, _ in await states(desk.db)] == ["lane-71", "lane-73"]
    found = {row.dedupe_key: row for row in await rows(desk.db)}
    assert {"after-71", "after-73"} < set(found)
    assert "after-72" not in found
    failed = found[work[1].dedupe_key]
    assert (failed.state, failed.attempts, failed.lease_owner) == (0, 1, None)
    assert failed.last_error.startswith("LookupError in tests/storage/test_work_queue.py:")
    assert "secret" not in failed.last_error


async def test_a_failure_is_tried_again_later_each_time_and_given_up_at_last(
    desk: Desk, caplog: pytest.LogCaptureFixture
):
    work = new_work(desk.now, subject="incident:1")
    await plan(desk.db, work)

    def refuses(store, due, now):
        note(store, due, now)
        raise Refused("Nobody is on call.")

    for expected in (4, 8, 16, 32, 64, 128, 256, 300, 300):
        (due,) = await desk.claim()
        assert due.due_at == work.due_at
        assert await desk.run([due], refuses) == [FAILED]
        wait = (await desk.take()).next_in_s
        assert 0.8 * expected - 0.01 <= wait <= 1.2 * expected + 0.01
        assert "given up" not in caplog.text
        desk.later(wait + 0.01)
    (due,) = await desk.claim()
    assert due.fence == MAX_ATTEMPTS
    assert await desk.run([due], refuses) == [FAILED]
    assert "given up" in caplog.text
    assert (await desk.take()).next_in_s is None
    assert await state_of(desk.db) == [3]
    (dead,) = await desk.db.read(lambda store: store.work.dead(since=work.due_at))
    assert (dead.kind, dead.subject, dead.due_at) == (KIND, "incident:1", work.due_at)
    assert dead.error == "Nobody is on call."
    assert await desk.db.read(lambda store: store.work.dead(since=work.due_at, limit=0)) == []
    much_later = work.due_at + timedelta(days=1)
    assert await desk.db.read(lambda store: store.work.dead(since=much_later)) == []
    assert await runs(desk.db, work) == 0


async def test_a_lost_race_is_run_again_at_once(desk: Desk):
    tries = []

    def races(store, due, now):
        note(store, due, now)
        tries.append(due.id)
        if len(tries) < 4:
            raise StaleVersion

    work = [new_work(desk.now) for _ in range(2)]
    await plan(desk.db, *work)
    assert await desk.run(await desk.claim(), races) == [DONE, DONE]
    assert [await runs(desk.db, one) for one in work] == [1, 1]


async def test_a_race_that_is_always_lost_counts_as_a_failure(desk: Desk):
    def races(store, due, now):
        raise StaleVersion

    await plan(desk.db, new_work(desk.now))
    for _ in range(3):
        await desk.claim()
        desk.later(LEASE_S + 1)
    assert await desk.run(await desk.claim(), races) == [FAILED]
    assert (await rows(desk.db))[0].last_error.startswith("Unavailable")
    assert 3.1 < (await desk.take()).next_in_s < 4.9  # soon, however often it was taken: that was not the job's fault


async def test_an_error_of_the_database_is_a_failure_like_any_other(desk: Desk):
    def wrong(store, due, now):
        store.connection.execute(text("SELECT nonsense((("))

    work = [new_work(desk.now) for _ in range(2)]
    await plan(desk.db, *work)
    first, second = await desk.claim()
    batch = [(first, wrong), (second, note)]
    assert await desk.queue.run(batch) == [FAILED, DONE]
    assert "nonsense" not in (await rows(desk.db))[0].last_error


@pytest.mark.postgres
async def test_a_database_that_goes_away_is_unavailable_and_loses_nothing(postgres_url: str, clock: HandWorkClock):
    desk = Desk(Database.open(postgres_url), clock)
    clock.machine.now = desk.db.now_ms()
    work = [new_work(desk.now) for _ in range(2)]
    await plan(desk.db, *work)
    mine, again = await desk.claim(), []

    def cut(store, due, now):
        note(store, due, now)
        if len(again) < 4:  # the batch, the first of them alone, and each once more on a new connection
            again.append(1)
            store.connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    assert set(await desk.run(mine, cut)) <= {DONE, FAILED}
    assert await desk.run(mine) in ([LOST, DONE], [LOST, LOST])
    await desk.db.close()
    with pytest.raises(Unavailable):
        await desk.run(mine)


async def test_work_that_was_not_begun_is_given_back(desk: Desk, other: Desk):
    await plan(desk.db, *(new_work(desk.now) for _ in range(3)))
    mine = await desk.claim()
    await desk.queue.release(mine[1:])
    assert [due.id for due in await other.claim()] == [due.id for due in mine[1:]]
    await desk.queue.release(mine)  # only the first is still ours
    assert [due.id for due in await other.claim()] == [mine[0].id]
