"""The engine on a running event loop and in real time, with real databases and no waiting for its own sake."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from scheduling.clock import SystemClock
from scheduling.engine import WorkEngine
from storage.database import Database
from storage.work_queue import SqlWorkQueue
from tests.conversation.gate import Gate
from tests.support.work import KIND, new_work, note, plan, rows, runs, state_of
from usecases.ports import Unavailable
from usecases.work import DueWork, Job, Taken

DEADLINE = 30
NEVER = 3600.0


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the engine goes by it


def in_s(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)


class Bench:
    """One process: an engine, what it has done, and when."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.queue = SqlWorkQueue(database, SystemClock())
        self.outcomes: list[tuple[str, str]] = []
        self.done: list[tuple[int, float]] = []
        self.changed = threading.Condition()
        self.act: Callable[..., None] = note

    def job(self, store: Any, due: DueWork, moment: datetime) -> None:
        self.act(store, due, moment)
        with self.changed:
            self.done.append((due.payload["number"], (now() - due.due_at).total_seconds()))
            self.changed.notify_all()

    @asynccontextmanager
    async def working(self, **more: Any) -> AsyncIterator[WorkEngine]:
        engine = WorkEngine(
            self.queue, [Job(KIND, self.job)], on_outcome=lambda *told: self.outcomes.append(told), **more
        )
        await engine.start()
        yield engine
        await engine.stop()

    async def until(self, condition: Callable[[], bool]) -> None:
        def wait() -> bool:
            with self.changed:
                return self.changed.wait_for(condition, DEADLINE)

        assert await asyncio.to_thread(wait)


@pytest.fixture
async def bench(database: Database) -> Bench:
    return Bench(database)


def poll(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    for name in ("POLL_SQLITE_S", "POLL_POSTGRES_S"):
        monkeypatch.setattr(f"storage.work_queue.{name}", seconds)


@pytest.fixture
def no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is woken now was woken by somebody."""
    poll(monkeypatch, NEVER)
    monkeypatch.setattr("storage.work_queue.SqlWorkQueue.near_ms", lambda queue: queue._now_ms() + 5_000)


async def until_states(database: Database, wanted: list[int]) -> None:
    async with asyncio.timeout(DEADLINE):
        while await state_of(database) != wanted:  # noqa: ASYNC110 - a row of the database has no event
            await asyncio.sleep(0.01)


# -- what is due ------------------------------------------------------------------------------------------------------


async def test_what_is_due_at_the_start_and_what_comes_later_is_done_once(bench: Bench):
    early = [new_work(in_s(-5)) for _ in range(3)]
    await plan(bench.db, *early)
    async with bench.working():
        await bench.until(lambda: len(bench.done) == 3)
        late = new_work(now())
        await plan(bench.db, late, new_work(in_s(NEVER)))
        await until_states(bench.db, [2] * 4 + [0])
    assert [await runs(bench.db, work) for work in (*early, late)] == [1] * 4
    assert bench.outcomes == [(KIND, "done")] * 4


async def test_work_planned_for_later_is_done_at_its_moment_without_a_poll(bench: Bench, no_poll: None):
    async with bench.working():
        await plan(bench.db, new_work(in_s(0.4)))
        await plan(bench.db, new_work(in_s(0.2)))
        await plan(bench.db, new_work(in_s(NEVER)))
        await bench.until(lambda: len(bench.done) == 2)
    assert all(0 <= late < 5 for _, late in bench.done)


async def test_a_chain_of_steps_runs_to_its_end(bench: Bench, no_poll: None):
    def step(store, due, moment):
        note(store, due, moment)
        if due.payload["number"] < 5:
            number = due.payload["number"] + 1
            store.work.add(new_work(due.due_at + timedelta(milliseconds=20), payload={"number": number}))

    bench.act = step
    async with bench.working():
        await plan(bench.db, new_work(now(), payload={"number": 1}))
        await until_states(bench.db, [2] * 5)
    found = [row.due_at for row in await rows(bench.db)]
    assert {second - first for first, second in pairwise(found)} == {20}


async def test_work_that_comes_between_the_look_and_the_sleep_is_not_overslept(bench: Bench, no_poll: None):
    claim, planned = bench.queue.claim, []

    async def claim_and_then(kinds, limit) -> Taken:
        taken = await claim(kinds, limit)
        if not planned:
            planned.append(1)
            await plan(bench.db, new_work(now()))
        return taken

    bench.queue.claim = claim_and_then
    async with bench.working():
        await bench.until(lambda: len(bench.done) == 1)


async def test_more_work_than_there_is_room_for_is_done_all(bench: Bench, no_poll: None):
    await plan(bench.db, *(new_work(in_s(-1)) for _ in range(53)))
    async with bench.working(chunk=3, runners=2):
        await until_states(bench.db, [2] * 53)
    assert sorted(number for number, _ in bench.done) == sorted({number for number, _ in bench.done})


async def test_no_more_transactions_at_the_same_time_than_runners(postgres_url: str):
    bench, inside, most, lock = Bench(Database.open(postgres_url)), 0, 0, threading.Lock()
    release = threading.Event()

    def slow(store, due, moment):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        with bench.changed:
            bench.changed.notify_all()
        release.wait(DEADLINE)
        with lock:
            inside -= 1

    bench.act = slow
    await plan(bench.db, *(new_work(in_s(-1)) for _ in range(9)))
    async with bench.working(chunk=1, runners=3):
        await bench.until(lambda: most == 3)
        release.set()
        await until_states(bench.db, [2] * 9)
    assert most == 3
    await bench.db.close()


async def test_two_processes_do_everything_once(bench: Bench, other_database: Database):
    other = Bench(other_database)
    work = [new_work(in_s(-1)) for _ in range(60)]
    await plan(bench.db, *work)
    async with bench.working(chunk=2), other.working(chunk=2):
        await until_states(bench.db, [2] * 60)
    assert [await runs(bench.db, one) for one in work] == [1] * 60
    assert len(bench.outcomes) + len(other.outcomes) == 60


async def test_work_of_an_unknown_kind_neither_runs_nor_keeps_the_engine_awake(bench: Bench, monkeypatch):
    claims, claim = [], bench.queue.claim

    async def counted(kinds, limit) -> Taken:
        claims.append(1)
        return await claim(kinds, limit)

    bench.queue.claim = counted
    await plan(bench.db, new_work(in_s(-1), kind="newer:2"), new_work(in_s(0.3)))
    async with bench.working():
        await bench.until(lambda: len(bench.done) == 1)
        await until_states(bench.db, [0, 2])
    assert len(claims) < 10


async def test_a_failure_is_told_and_others_go_on(bench: Bench):
    def sometimes(store, due, moment):
        if due.payload["number"] < 0:
            raise LookupError

    bench.act = sometimes
    await plan(bench.db, new_work(in_s(-1), payload={"number": -1}), *(new_work(in_s(-1)) for _ in range(3)))
    async with bench.working():
        await until_states(bench.db, [0, 2, 2, 2])
    assert sorted(outcome for _, outcome in bench.outcomes) == ["done", "done", "done", "failed"]


# -- from other processes ---------------------------------------------------------------------------------------------


async def listening(url: str, *, cut: bool = False) -> None:
    """Wait until somebody listens; cut that connection where asked."""
    look = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN work%' AND datname = current_database()"
    async with asyncio.timeout(DEADLINE):
        with psycopg.connect(url, autocommit=True) as operator:
            while not (found := operator.execute(look).fetchone()):  # noqa: ASYNC110 - another process' state
                await asyncio.sleep(0.01)
            if cut:
                operator.execute("SELECT pg_terminate_backend(%s, 5000)", found)


async def test_work_of_another_process_is_heard_of_without_a_poll(postgres_url: str, no_poll: None):
    bench, turns = Bench(Database.open(postgres_url)), Database.open(postgres_url)
    async with bench.working():
        await listening(postgres_url)
        for number in range(1, 4):
            await plan(turns, new_work(now()))
            await bench.until(lambda number=number: len(bench.done) == number)
    await bench.db.close()
    await turns.close()


async def test_without_the_listener_the_poll_finds_it(postgres_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("storage.listener.RECONNECT_S", NEVER)
    bench, turns = Bench(Database.open(postgres_url)), Database.open(postgres_url)
    poll(monkeypatch, 0.2)
    async with bench.working():
        await listening(postgres_url, cut=True)
        await plan(turns, new_work(now()))
        await bench.until(lambda: len(bench.done) == 1)
    await bench.db.close()
    await turns.close()


async def test_one_listener_serves_the_outbox_and_the_work(postgres_url: str):
    class Courier:
        def room(self) -> int:
            return 0

        def wake(self, after_s: float = 0.0) -> None:
            heard.append("outbox")

    heard: list[str] = []
    bench = Bench(Database.open(postgres_url))
    bench.db.lanes.attach(Courier())  # type: ignore[arg-type]
    async with bench.working():
        await listening(postgres_url)
        bench.db.lanes.detach()
        await plan(bench.db, new_work(now()))
        await bench.until(lambda: len(bench.done) == 1)
        look = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        with psycopg.connect(postgres_url, autocommit=True) as operator:
            assert operator.execute(look).fetchone() == (1,)
    await bench.db.close()


# -- when things go wrong ---------------------------------------------------------------------------------------------


async def test_a_look_that_fails_is_repeated(bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog):
    monkeypatch.setattr("scheduling.engine.BACKOFF_S", (0.01,))
    claim, faults = bench.queue.claim, [Unavailable("away"), LookupError("a fault of ours")]

    async def failing(kinds, limit) -> Taken:
        if faults:
            raise faults.pop()
        return await claim(kinds, limit)

    bench.queue.claim = failing
    await plan(bench.db, new_work(now()))
    async with bench.working():
        await bench.until(lambda: len(bench.done) == 1)
    assert caplog.text.count("looking for due work failed") == 1


async def test_a_database_that_goes_away_in_the_middle_loses_nothing_and_doubles_nothing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scheduling.engine.BACKOFF_S", (0.05,))
    gate = Gate(postgres_url)
    bench, turns = Bench(Database.open(gate.url)), Database.open(postgres_url)
    work = [new_work(in_s(-1)) for _ in range(12)]
    await plan(turns, *work)
    shut = threading.Event()

    def while_it_goes(store, due, moment):
        note(store, due, moment)
        if due.payload["number"] == work[4].payload["number"] and not shut.is_set():
            shut.set()
            gate.shut()

    bench.act = while_it_goes
    async with bench.working(chunk=4):
        await asyncio.to_thread(shut.wait, DEADLINE)
        assert sum(state == 2 for state in await state_of(turns)) <= 8
        gate.open()
        # A chunk that was cut off is kept and run again; one that noted a failure first comes back in some seconds.
        await until_states(turns, [2] * 12)
    assert [await runs(turns, one) for one in work] == [1] * 12
    await bench.db.close()
    await turns.close()
    gate.close()


async def test_stopping_finishes_what_runs_and_gives_back_what_does_not(
    database: Database, other_database: Database, monkeypatch: pytest.MonkeyPatch
):
    bench, release, claimed = Bench(database), threading.Event(), asyncio.Event()
    bench.act = lambda store, due, moment: release.wait(DEADLINE)
    await plan(bench.db, new_work(in_s(-2)))
    claim = bench.queue.claim
    async with bench.working(chunk=1, runners=2) as engine:
        await until_claimed(other_database, 1)

        async def late(kinds, limit) -> Taken:
            taken = await claim(kinds, limit)
            claimed.set()
            await stopping.wait()
            return taken

        stopping = engine._stopping
        bench.queue.claim = late
        if database.is_sqlite:
            release.set()  # its only writer cannot claim while it runs
            await bench.until(lambda: len(bench.done) == 1)
        await plan(other_database, new_work(in_s(-1)))
        engine.wake()
        await claimed.wait()
        ended = asyncio.create_task(engine.stop())
        await stopping.wait()
        release.set()
        await ended
    assert len(bench.done) == 1
    first, second = await rows(other_database)
    assert (first.state, second.state, second.lease_owner) == (2, 0, None)
    assert [due.id for due in (await SqlWorkQueue(other_database, SystemClock()).claim([KIND], 5)).work] == [second.id]


async def until_claimed(database: Database, many: int) -> None:
    async with asyncio.timeout(DEADLINE):
        while sum(row.attempts for row in await rows(database)) < many:  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0.01)


async def test_stopping_does_not_wait_for_ever(postgres_url: str):
    bench, release = Bench(Database.open(postgres_url)), threading.Event()
    bench.act = lambda store, due, moment: release.wait(DEADLINE)
    await plan(bench.db, new_work(in_s(-2)))
    engine = WorkEngine(bench.queue, [Job(KIND, bench.job)])
    await engine.start()
    await until_claimed(bench.db, 1)
    began = time.monotonic()
    await engine.stop(patience_s=0.05)
    assert time.monotonic() - began < DEADLINE / 2
    engine.wake()  # harmless
    release.set()
    await bench.db.close()
