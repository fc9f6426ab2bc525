"""Two processes on one database."""

import asyncio
from datetime import timedelta

from domain.handoff import HandoffState
from domain.timeline import EntryKind
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.handoff_desk import HALF, MINUTE, MONDAY, PRIMARY, WEEK, HandoffDesk
from usecases import handoffs


async def test_two_replicas_plan_it_once(database: Database, other_database: Database) -> None:
    desk = await HandoffDesk(database, now=MONDAY - WEEK).open()

    def forget(store: SqlStore) -> None:
        for handoff in store.handoffs.open_of(PRIMARY):
            store.work.cancel(f"handoff:{handoff.id}")
            store.handoffs.remove(handoff.id)

    for _ in range(5):
        await database.write(forget)
        await asyncio.gather(
            *(db.write(lambda store: handoffs.plan_all(store, desk.now)) for db in (database, other_database) * 3)
        )
        (handoff,) = await desk.all()
        assert len(await desk.see(lambda store, n=handoff.id: store.work.planned(f"handoff:{n}"))) == 4


async def test_two_replicas_offer_it_once(database: Database, other_database: Database) -> None:
    desk = await HandoffDesk(database, now=MONDAY - WEEK).open()
    twin = HandoffDesk(other_database, now=MONDAY - HALF, people=desk.people)
    desk.now = MONDAY - HALF
    await asyncio.gather(desk.work(), twin.work(), desk.work(), twin.work())
    assert await desk.story() == ["grace→ada offered", "ada→grace prepared"]
    assert len(await desk.sent()) == 2


async def test_accepting_and_expiring_at_the_same_moment_is_one_of_both(
    database: Database, other_database: Database
) -> None:
    desk = await HandoffDesk(database, now=MONDAY - WEEK).open()
    twin = HandoffDesk(other_database, now=MONDAY + HALF, people=desk.people)
    await desk.at(MONDAY + HALF - timedelta(seconds=1))
    await desk.declare()
    desk.now = MONDAY + HALF
    await asyncio.gather(desk.accept("ada", 1), twin.work())
    after = await desk.one(1)
    assert after.state is HandoffState.ACCEPTED, "accepted before, or after it expired"
    told = [t for t in await desk.sent("grace") if t.text.startswith("Ada Lovelace accepted")]
    assert len(told) == 1


async def test_a_whole_shift_change_on_every_database(database: Database) -> None:
    desk = await HandoffDesk(database).open()
    number = await desk.declare(details="A temporary fix is in place")
    await desk.at(MONDAY - HALF)
    for n, told in enumerate(await desk.sent()):
        if told.payload["letter"] == handoffs.CARD:
            await desk.arrives(told, f"card-{n}")
    await desk.note("grace", 1, "Watch the pool")
    await desk.decline("ada", 1, "On a train")
    await desk.at(MONDAY + 3 * MINUTE)
    assert await desk.paged() == "grace"
    await desk.accept("ada", 1)
    assert await desk.paged() is None
    await desk.at(MONDAY + WEEK)
    assert await desk.story() == ["grace→ada accepted", "ada→grace offered", "grace→ada prepared"]
    kinds = [e.kind for e in await desk.see(lambda store: store.timeline.page(number))]
    assert kinds.count(EntryKind.HANDED_OVER) == 1
