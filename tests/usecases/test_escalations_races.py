"""Two connections at the same incident, on PostgreSQL and on SQLite: one of them is first, and never both page."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.paging import PageResult
from storage.database import Database
from storage.work_queue import SqlWorkQueue
from tests.support.paged_organisation import policy, step
from tests.support.paging_desk import JOBS, PagingDesk
from tests.support.samples import thread
from usecases import escalations, paging
from usecases.incidents import Incidents
from usecases.work import DueWork

ROUNDS = 8


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[PagingDesk]:
    opened = await PagingDesk.opened(database_url)
    yield opened
    await opened.db.close()


@pytest.fixture
async def other(database_url: str, desk: PagingDesk) -> AsyncIterator[Database]:
    """The same database as a second replica has it open."""
    opened = Database.open(database_url, now_ms=desk.hand.now_ms)
    yield opened
    await opened.close()


async def run_due(desk: PagingDesk, database: Database) -> None:
    """Carry out what is due once, as one replica does."""
    queue = SqlWorkQueue(database, desk.hand)
    for due in (await queue.claim(tuple(JOBS), 50)).work:
        await queue.run([(due, JOBS[due.kind])])


async def acknowledge(desk: PagingDesk, database: Database, number: int, who: str = "ada") -> None:
    trail = desk.trail()
    await database.write(lambda store: Incidents(store, desk.now).acknowledge(desk.people[who], number, trail))


async def test_an_acknowledgement_meets_the_time_out_and_nobody_is_paged_after_it(
    desk: PagingDesk, other: Database
) -> None:
    for round_ in range(ROUNDS):
        n = await desk.declare(f"Round {round_}")
        desk.sleeps(minutes=5)
        both = [run_due(desk, other), acknowledge(desk, desk.db, n)]
        await asyncio.gather(*(both if round_ % 2 else both[::-1]))
        entries = await desk.see(lambda store, n=n: store.timeline.page(n))
        kinds = [str(entry.kind) for entry in entries]
        assert kinds.index("acknowledged") == len(kinds) - 1, kinds
        running = (await desk.running(n))[0]
        assert str(running.state) == "acknowledged"
        assert all(page.result is not PageResult.PENDING for page in await desk.pages(n))
        assert await desk.planned(n) == []
        desk.sleeps(hours=1)
        await run_due(desk, other)
        assert len(await desk.pages(n)) == kinds.count("paged")


async def test_two_people_acknowledge_at_once_and_one_is_first(desk: PagingDesk, other: Database) -> None:
    for round_ in range(ROUNDS):
        n = await desk.declare(f"Round {round_}")
        await asyncio.gather(
            acknowledge(desk, desk.db, n, "grace"), acknowledge(desk, other, n, "zoe"), acknowledge(desk, other, n)
        )
        entries = await desk.see(lambda store, n=n: store.timeline.page(n))
        assert [str(entry.kind) for entry in entries].count("acknowledged") == 1


async def test_two_replicas_carry_out_a_step_once(desk: PagingDesk, other: Database) -> None:
    n = await desk.declared()
    await asyncio.gather(run_due(desk, desk.db), run_due(desk, other), run_due(desk, other))
    assert len(await desk.pages(n)) == 1


async def test_two_people_escalate_at_once_and_each_press_is_one_step(desk: PagingDesk, other: Database) -> None:
    n = await desk.declare()

    async def press(database: Database, who: str) -> str:
        trail = desk.trail()
        return await database.write(
            lambda store: escalations.escalate(store, desk.people[who], n, None, trail, desk.now)
        )

    desk.sleeps(seconds=30)
    said = await asyncio.gather(press(desk.db, "lin"), press(other, "noor"))
    assert sorted(said) == ["I paged Ada Lovelace (step 3).", "I paged Zoë Ångström (step 2)."]
    assert await desk.escalations(n) == ["critical running 3"]
    assert len(await desk.planned(n)) == 1


async def test_a_burst_on_two_replicas_is_still_one_message(desk: PagingDesk, other: Database) -> None:
    for k in range(10):
        await desk.declared(f"Symptom {k}")
    await asyncio.gather(*(run_due(desk, database) for database in (desk.db, other, desk.db, other)))
    pages = [page for n in range(1, 11) for page in await desk.pages(n)]
    assert len(pages) == 10
    assert len([page for page in pages if page.bundled_into is None]) == 1


async def test_a_send_that_ends_while_somebody_acknowledges_loses_nothing(desk: PagingDesk, other: Database) -> None:
    """Either the acknowledgement sees where the message stands, or the send sees that it was answered: it is redrawn."""
    for round_ in range(ROUNDS):
        desk.down = True
        n = await desk.declare(f"Round {round_}", 2, "checkout")
        page = (await desk.pages(n))[0]
        where = replace(thread("1"), conversation_id=f"a:{round_}")
        activity = f"act-r{round_}"
        both = [
            other.write(lambda store, p=page, w=where, a=activity: paging.delivered(store, p.id, w, a, 1, desk.now)),
            acknowledge(desk, desk.db, n),
        ]
        await asyncio.gather(*(both if round_ % 2 else both[::-1]))
        after = (await desk.pages(n))[0]
        assert (after.activity_id, after.result) == (activity, PageResult.SENT)
        waiting = await desk.see(
            lambda store: store.outbox._connection.exec_driver_sql(  # what is to be sent
                "SELECT payload FROM outbox_message WHERE state = 'open'"
            ).all()
        )
        assert any(f'"{activity}"' in str(row[0]) for row in waiting)
        desk.sleeps(minutes=5)


async def test_n_of_m_at_once_counts_both(database_url: str, other: Database, desk: PagingDesk) -> None:
    first = step("schedule:payments-primary", "schedule:it-ops-primary", acknowledgements=2)
    await desk.imports(policy(first, step("person:noor")))
    for round_ in range(ROUNDS):
        n = await desk.declare(f"Round {round_}")
        await asyncio.gather(acknowledge(desk, desk.db, n, "grace"), acknowledge(desk, other, n, "zoe"))
        assert await desk.escalations(n) == ["critical acknowledged 1"]
        desk.sleeps(minutes=3)


# -- at exactly the wrong moment: only PostgreSQL lets two transactions be open at once ---------------------------------


@pytest.fixture
async def held(postgres_url: str) -> AsyncIterator[tuple[PagingDesk, Database]]:
    """A desk and a second replica on PostgreSQL."""
    desk = await PagingDesk.opened(postgres_url)
    other = Database.open(postgres_url, now_ms=desk.hand.now_ms)
    yield desk, other
    await other.close()
    await desk.db.close()


async def one_waits_for_the_other(
    desk: PagingDesk, first: Callable[[Any], None], other: Database, second: Callable[[Any], None]
) -> None:
    """Let the second transaction come while the first has done everything and has not committed yet."""
    done, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(store: Any) -> None:
        first(store)
        loop.call_soon_threadsafe(done.set)
        assert go.wait(20)

    one = asyncio.create_task(desk.db.write(slow))
    await done.wait()
    two = asyncio.create_task(other.write(second))
    while not (two.done() or await desk.see(_somebody_waits)):
        pass
    go.set()
    await asyncio.gather(one, two)


def _somebody_waits(store: Any) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    return bool(store.connection.exec_driver_sql(query).scalar_one())


async def steps(desk: PagingDesk) -> dict[int, DueWork]:
    """Claim the first steps of all incidents, by incident."""
    taken = (await desk.queue.claim((escalations.STEP,), 50)).work
    return {int(str(due.subject).removeprefix("incident:")): due for due in taken}


@pytest.mark.postgres
async def test_two_incidents_of_one_moment_see_each_others_page(held: tuple[PagingDesk, Database]) -> None:
    desk, other = held
    one, two = await desk.declared("First"), await desk.declared("Second")
    due = await steps(desk)
    await one_waits_for_the_other(
        desk,
        lambda store: escalations.run_step(store, due[one], desk.now),
        other,
        lambda store: escalations.run_step(store, due[two], desk.now),
    )
    assert [page.bundled_into for page in await desk.pages(two)] == [(await desk.pages(one))[0].id]


@pytest.mark.postgres
async def test_a_page_that_joins_while_the_message_arrives_is_not_forgotten(
    held: tuple[PagingDesk, Database],
) -> None:
    desk, other = held
    desk.down = True
    await desk.declare("First")
    two = await desk.declared("Second")
    due = await steps(desk)
    await one_waits_for_the_other(
        desk,
        lambda store: escalations.run_step(store, due[two], desk.now),
        other,
        lambda store: paging.delivered(store, 1, thread("1"), "act-1", 1, desk.now),
    )
    assert await desk.ledger(two) == ["grace teams 1/1 sent"]
    desk.down = False
    await desk.later(minutes=1)
    assert any("Second" in str(sent.activity) for sent in desk.sent if sent.again)


@pytest.mark.postgres
async def test_a_page_that_joins_just_after_the_message_has_arrived_is_drawn(
    held: tuple[PagingDesk, Database],
) -> None:
    desk, other = held
    desk.down = True
    await desk.declare("First")
    two = await desk.declared("Second")
    due = await steps(desk)
    await one_waits_for_the_other(
        desk,
        lambda store: paging.delivered(store, 1, thread("1"), "act-1", 1, desk.now),
        other,
        lambda store: escalations.run_step(store, due[two], desk.now),
    )
    desk.down = False
    await desk.later(minutes=1)
    assert any("Second" in str(sent.activity) for sent in desk.sent if sent.again)
    assert await desk.ledger(two) == ["grace teams 1/1 sent"]
