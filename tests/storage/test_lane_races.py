"""What happens when a turn and a worker meet in one lane, made to happen and not left to luck."""

import asyncio
import random
import threading
from collections import Counter

import psycopg
import pytest

from storage.database import Database
from storage.rates import Bucket, Rates
from tests.support.lanes import card, lane_row, new, put
from usecases.outbox import Ambiguous, Delivered, Delivery, DueMessage, MessageClass
from usecases.ports import Unavailable

DEADLINE = 30
QUICK = Rates(short=Bucket(1000, 1), hour=Bucket(1000, 1), tenant=Bucket(1000, 1))


async def blocked_backend(url: str) -> None:
    """Return once somebody waits for a lock: only then the race is set up."""
    with psycopg.connect(url, autocommit=True) as watcher:
        for _ in range(5000):
            row = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchone()
            if row[0]:
                return
            await asyncio.to_thread(threading.Event().wait, 0.002)
    raise AssertionError("nobody had to wait")


async def while_writing(database: Database, url: str, message, task):
    """Start `task` while a turn has enqueued `message` and not committed; commit when the task waits for the lane."""
    written, release = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def turn(store):
        store.outbox.enqueue(message)
        store.outbox.flush()
        loop.call_soon_threadsafe(written.set)
        release.wait(DEADLINE)

    turning = asyncio.create_task(database.write(turn))
    await asyncio.wait_for(written.wait(), DEADLINE)
    other = asyncio.create_task(task)
    await blocked_backend(url)
    release.set()
    await turning
    return await other


@pytest.mark.postgres
@pytest.mark.parametrize("alone", [True, False])
async def test_a_message_that_comes_while_the_lane_is_closed_is_not_forgotten(postgres_url: str, alone: bool):
    database = Database.open(postgres_url, rates=QUICK)
    await put(database, *(new() for _ in range(1 if alone else 2)))
    (due,) = (await database.lanes.claim(1)).messages
    if not alone:
        due = await database.lanes.finish(due, Delivered())
    following = await while_writing(database, postgres_url, new(), database.lanes.finish(due, Delivered()))
    assert following is not None
    assert following.seq == due.seq + 1
    await database.close()


@pytest.mark.postgres
async def test_a_lane_given_back_while_a_message_comes_is_due_at_once(postgres_url: str):
    database = Database.open(postgres_url, rates=QUICK)
    await put(database, new())
    (due,) = (await database.lanes.claim(1)).messages
    await while_writing(database, postgres_url, new(), database.lanes.finish(due, Delivered(), more=False))
    (following,) = (await database.lanes.claim(1)).messages
    assert following.seq == 2
    await database.close()


@pytest.mark.postgres
async def test_a_card_raised_while_its_sending_is_recorded_is_sent_again(postgres_url: str):
    database = Database.open(postgres_url, rates=QUICK)
    await put(database, card(version=1))
    (due,) = (await database.lanes.claim(1)).messages
    again = await while_writing(database, postgres_url, card(version=2), database.lanes.finish(due, Delivered("act")))
    assert (again.id, again.version) == (due.id, 2)
    await database.close()


@pytest.mark.postgres
async def test_two_turns_raise_one_card_at_the_same_moment(postgres_url: str):
    database = Database.open(postgres_url, rates=QUICK)
    await while_writing(database, postgres_url, card(version=1), put(database, card(version=2)))
    (due,) = (await database.lanes.claim(1)).messages
    assert due.version == 2
    assert await database.lanes.finish(due, Delivered()) is None
    await database.close()


@pytest.mark.postgres
async def test_a_claim_does_not_wait_for_a_lane_that_is_being_written(postgres_url: str):
    database = Database.open(postgres_url, rates=QUICK)
    await put(database, new("a"), new("b"))
    written, release = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def turn(store):
        store.outbox.enqueue(new("a"))
        store.outbox.flush()
        loop.call_soon_threadsafe(written.set)
        release.wait(DEADLINE)

    turning = asyncio.create_task(database.write(turn))
    await written.wait()
    claim = await asyncio.wait_for(database.lanes.claim(5), DEADLINE)
    assert [m.lane for m in claim.messages] == ["b"]
    release.set()
    await turning
    await database.close()


class Channel:
    """Where messages arrive: in which order, how often. Now and then it gives no clear answer."""

    def __init__(self) -> None:
        self.arrived: dict[str, list[int]] = {}
        self.dice = random.Random(3)

    def take(self, due: DueMessage) -> Delivery:
        self.arrived.setdefault(due.lane, []).append(due.seq)
        return Ambiguous("502") if self.dice.random() < 0.02 else Delivered()


async def work(database: Database, channel: Channel, done: asyncio.Event) -> None:
    while not done.is_set():
        try:
            claim = await database.lanes.claim(3)
            for due in claim.messages:
                following: DueMessage | None = due
                while following is not None:
                    following = await database.lanes.finish(following, channel.take(following))
            await asyncio.sleep(0)
        except Unavailable:
            continue


async def test_two_workers_and_many_turns_lose_double_and_reorder_nothing(
    database_url: str, database: Database, other_database: Database
):
    one, two = Database.open(database_url, rates=QUICK), Database.open(database_url, rates=QUICK)
    channel, done = Channel(), asyncio.Event()
    workers = [asyncio.create_task(work(side, channel, done)) for side in (one, two)]

    async def turns(side: Database, dice: random.Random) -> None:
        for _ in range(40):
            lanes = dice.sample(range(6), 2)
            await put(side, *(new(f"lane-{n}", MessageClass.CHATTER) for n in lanes))

    await asyncio.gather(*(turns((database, other_database)[n % 2], random.Random(n)) for n in range(4)))
    async with asyncio.timeout(DEADLINE):
        while (await database.lanes.health()).open:  # noqa: ASYNC110 - a row of the database has no event
            await asyncio.sleep(0)
    done.set()
    await asyncio.gather(*workers)
    for lane, numbers in channel.arrived.items():
        assert numbers == list(range(1, (await lane_row(database, lane)).enq_seq + 1))
    assert Counter(map(len, channel.arrived.values())).total() == 6
    assert sum(map(len, channel.arrived.values())) == 320
    await one.close()
    await two.close()
