"""From a turn straight to the courier, without a look at the lanes between."""

import pytest

from storage.database import Database
from storage.rates import Bucket, Rates
from storage.types import FAR_MS
from tests.support.lanes import CollectingCourier, HandClock, card, claim, drain, lane_row, new, put, states
from usecases.outbox import Delivered, Later, MessageClass

CHATTER, PAGE = MessageClass.CHATTER, MessageClass.PAGE


async def test_a_message_to_an_idle_lane_is_handed_over_and_the_next_one_waits(lanes: Database):
    lanes.lanes.courier = courier = CollectingCourier()
    await put(lanes, new("a"), new("a"), new("b"))
    assert [(m.lane, m.seq, m.attempts) for m in courier.handed] == [("a", 1, 1), ("b", 1, 1)]
    await put(lanes, new("a"))
    assert len(courier.handed) == 2
    assert courier.wakes == []  # who holds the lane looks again before letting go
    assert await claim(lanes) == []
    following = await lanes.lanes.finish(courier.handed[0], Delivered())
    assert following.seq == 2
    assert await lanes.lanes.finish(courier.handed[1], Delivered()) is None
    await put(lanes, new("b"))
    assert courier.handed[2].lane == "b"


async def test_a_turn_that_fails_hands_nothing_over(lanes: Database):
    lanes.lanes.courier = courier = CollectingCourier()

    def work(store):
        store.outbox.enqueue(new())
        store.outbox.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await lanes.write(work)
    assert (courier.handed, courier.wakes, await states(lanes)) == ([], [], [])


async def test_without_room_or_before_its_time_a_message_is_only_written(lanes: Database, clock: HandClock):
    lanes.lanes.courier = courier = CollectingCourier(places=1)
    await put(lanes, card("z", not_before_ms=clock.now + 3000), new("a"), new("b"))
    assert [m.lane for m in courier.handed] == ["a"]
    await put(lanes, card("y", not_before_ms=clock.now + 3000))
    assert courier.wakes == [0, 3]
    assert [m.lane for m in await claim(lanes)] == ["b"]


async def test_a_key_that_was_there_leaves_the_lane_free(lanes: Database):
    await put(lanes, new(dedupe_key="once"))
    await drain(lanes)
    lanes.lanes.courier = courier = CollectingCourier()
    await put(lanes, new(dedupe_key="once"))
    assert courier.handed == []
    row = await lane_row(lanes)
    assert (row.next_at, row.lease_until) == (FAR_MS, None)


async def test_a_tenant_without_tokens_gets_nothing_handed_over(database_url: str, clock: HandClock):
    database = Database.open(database_url, rates=Rates(tenant=Bucket(2, 1000)), now_ms=clock)
    database.lanes.courier = courier = CollectingCourier()
    await put(database, *(new(f"lane-{n}") for n in range(5)))
    assert len(courier.handed) == 2
    assert await claim(database) == []
    assert (await database.lanes.claim(1)).next_in_s == pytest.approx(1, abs=0.01)
    clock.advance(1)
    assert [m.attempts for m in await claim(database)] == [1]
    assert sorted(attempts for _, _, attempts in await states(database)) == [0, 0, 1, 1, 1]
    await database.close()


async def test_of_few_tokens_pages_have_them(database_url: str, clock: HandClock):
    database = Database.open(database_url, rates=Rates(tenant=Bucket(2, 1000)), now_ms=clock)
    await put(database, *(card(f"card-{n}", key=f"card:{n}") for n in range(4)))
    await put(database, new("page-1"), new("page-2"))
    clock.advance(1)
    assert sorted(message.lane for message in await claim(database)) == ["page-1", "page-2"]
    database.lanes.courier = courier = CollectingCourier()
    clock.advance(1)
    await put(database, card("a-card", key="card:5"), new("page-3"))
    assert [message.lane for message in courier.handed] == ["page-3"]
    await database.close()


async def test_a_backlog_of_other_messages_leaves_tokens_for_pages(database_url: str, clock: HandClock):
    database = Database.open(database_url, rates=Rates(tenant=Bucket(8, 50)), now_ms=clock)
    database.lanes.courier = courier = CollectingCourier(places=100)
    await put(database, *(new(f"talk-{n}", CHATTER) for n in range(50)))
    assert len(courier.handed) == 6
    talked = 0
    for n in range(20):  # whoever comes first: here the others do, again and again
        clock.advance(0.05)
        talked += len(await claim(database, 1))
        if n % 5 == 4:
            await put(database, new(f"page-{n}"))
    assert talked > 10
    assert [m.lane for m in courier.handed if m.message_class is PAGE] == [f"page-{n}" for n in (4, 9, 14, 19)]
    await database.close()


async def test_of_little_room_pages_have_it(lanes: Database):
    lanes.lanes.courier = courier = CollectingCourier(places=2)
    await put(lanes, card("a"), new("b", CHATTER), new("c"), new("d"))
    assert [message.lane for message in courier.handed] == ["c", "d"]
    assert sorted(message.lane for message in await claim(lanes)) == ["a", "b"]


async def test_the_courier_is_told_when_a_lane_it_let_go_is_due(lanes: Database, clock: HandClock):
    lanes.lanes.courier = courier = CollectingCourier()
    await put(lanes, new("a"))
    assert await lanes.lanes.finish(courier.handed[0], Later("429", after_s=1.5, slow_down=True)) is None
    assert courier.wakes == [pytest.approx(1.5, abs=0.01)]
    await put(lanes, new("a"))
    assert courier.wakes[1:] == [pytest.approx(1.5, abs=0.01)]
