import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import pytest

from scheduling.delivery import DeliveryLoop
from storage.database import Database
from storage.engines import normalised
from storage.lanes import SqlLanes
from storage.rates import Bucket, Rates
from tests.support.lanes import new, put, states
from usecases.outbox import Ambiguous, Delivered, Delivery, DueMessage, Failed, Later, MessageClass

DEADLINE = 30
QUICK = Rates(short=Bucket(1000, 1), hour=Bucket(1000, 1), tenant=Bucket(1000, 1), retry_ms=10)


class Channel:
    """Takes messages and remembers them; `answer` may be replaced."""

    def __init__(self) -> None:
        self.got: list[DueMessage] = []
        self.outcomes: list[str] = []
        self.changed = asyncio.Condition()
        self.answer: Callable[[DueMessage], Awaitable[Delivery]] = self.accept

    async def accept(self, due: DueMessage) -> Delivery:
        return Delivered(f"act-{due.id}")

    async def deliver(self, due: DueMessage) -> Delivery:
        async with self.changed:
            self.got.append(due)
            self.changed.notify_all()
        return await self.answer(due)

    async def until(self, many: int) -> None:
        """Wait until so many messages have come."""
        async with asyncio.timeout(DEADLINE), self.changed:
            await self.changed.wait_for(lambda: len(self.got) >= many)


@pytest.fixture
async def channel() -> Channel:
    return Channel()


@pytest.fixture
async def quick(database_url: str) -> AsyncIterator[Database]:
    opened = Database.open(database_url, rates=QUICK)
    yield opened
    await opened.close()


@asynccontextmanager
async def delivering(database: Database, channel: Channel, **more) -> AsyncIterator[DeliveryLoop]:
    loop = DeliveryLoop(database.lanes, channel.deliver, on_outcome=channel.outcomes.append, **more)
    await loop.start()
    yield loop
    await loop.stop()


async def until_states(database: Database, wanted: list[str]) -> None:
    async with asyncio.timeout(DEADLINE):
        while [state for _, state, _ in await states(database)] != wanted:  # noqa: ASYNC110 - a row of the database has no event
            await asyncio.sleep(0)


async def test_what_waits_at_the_start_and_what_comes_later_is_delivered_in_order(quick: Database, channel: Channel):
    await put(quick, new("a"), new("a"), new("b"))
    async with delivering(quick, channel):
        await channel.until(3)
        await put(quick, new("a"), new("a"))
        await channel.until(5)
        await until_states(quick, ["sent"] * 5)
    assert [due.seq for due in channel.got if due.lane == "a"] == [1, 2, 3, 4]
    assert channel.outcomes == ["delivered"] * 5


async def test_a_message_of_this_process_needs_no_claim(quick: Database, channel: Channel, monkeypatch):
    async with delivering(quick, channel):
        await put(quick, new())
        await channel.until(1)

        async def no_claim(limit: int):
            raise AssertionError("claimed")

        await until_states(quick, ["sent"])
        monkeypatch.setattr(quick.lanes, "claim", no_claim)
        await put(quick, new())
        await until_states(quick, ["sent", "sent"])


async def test_lanes_are_sent_side_by_side_up_to_a_bound(quick: Database, channel: Channel):
    release, running, most = asyncio.Event(), 0, 0

    async def slow(due: DueMessage) -> Delivery:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1
        return Delivered()

    channel.answer = slow
    await put(quick, *(new(f"lane-{n}") for n in range(9)))
    async with delivering(quick, channel, sends=4) as loop:
        await channel.until(4)
        assert loop.room() == 0
        release.set()
        await channel.until(9)
        await until_states(quick, ["sent"] * 9)
        assert most == 4


async def test_every_end_of_a_send_is_recorded_and_the_loop_goes_on(quick: Database, channel: Channel, caplog):
    async def answer(due: DueMessage) -> Delivery:
        if due.lane == "raises":
            raise LookupError("a fault in the bot")
        if due.lane == "hangs":
            await asyncio.Event().wait()
        if due.lane == "later" and due.attempts == 1:
            return Later("429", after_s=0.01, slow_down=True)
        return {"refused": Failed("403"), "unclear": Ambiguous("502")}.get(due.lane, Delivered())

    channel.answer = answer
    names = ("raises", "hangs", "later", "refused", "unclear", "fine")
    async with delivering(quick, channel, send_s=0.05):
        await put(quick, *(new(name, MessageClass.CHATTER) for name in names))  # written by name
        await until_states(quick, ["sent", "unknown", "sent", "unknown", "dead", "unknown"])
    by_lane = {lane: state for lane, state, _ in await states(quick)}
    assert by_lane == {
        "raises": "unknown",
        "hangs": "unknown",
        "later": "sent",
        "refused": "dead",
        "unclear": "unknown",
        "fine": "sent",
    }
    assert next(r.message for r in caplog.records if r.levelno >= logging.ERROR).startswith("sending message")
    assert sorted(set(channel.outcomes)) == ["ambiguous", "delivered", "failed", "later"]


async def test_a_then_that_fails_does_not_send_the_message_again(quick: Database, channel: Channel, caplog):
    def broken(store) -> None:
        raise LookupError("a fault in the bot")

    async def answer(due: DueMessage) -> Delivery:
        return Delivered(then=broken)

    channel.answer = answer
    async with delivering(quick, channel):
        await put(quick, new())
        await until_states(quick, ["sent"])
    assert len(channel.got) == 1
    assert "recording message" in caplog.text


async def test_stop_waits_for_sends_and_leaves_the_rest_to_others(quick: Database, channel: Channel):
    release = asyncio.Event()

    async def slow(due: DueMessage) -> Delivery:
        await release.wait()
        return Delivered()

    channel.answer = slow
    await put(quick, new(), new())
    loop = DeliveryLoop(quick.lanes, channel.deliver)
    await loop.start()
    await channel.until(1)
    stopping = asyncio.create_task(loop.stop())
    await asyncio.sleep(0)
    await put(quick, new("b"))
    release.set()
    await stopping
    assert [state for _, state, _ in await states(quick)] == ["sent", "open", "open"]
    assert {m.lane for m in (await quick.lanes.claim(5)).messages} == {"a", "b"}


async def test_stop_does_not_wait_for_ever(quick: Database, channel: Channel):
    async def hangs(due: DueMessage) -> Delivery:
        await asyncio.Event().wait()
        raise AssertionError

    channel.answer = hangs
    await put(quick, new())
    loop = DeliveryLoop(quick.lanes, channel.deliver)
    await loop.start()
    await channel.until(1)
    await asyncio.wait_for(loop.stop(patience_s=0.01), DEADLINE)


async def test_what_is_handed_over_after_the_stop_is_put_back(quick: Database, channel: Channel):
    async with delivering(quick, channel) as loop:
        pass
    await put(quick, new("a", MessageClass.CHATTER))
    claimed = (await quick.lanes.claim(1)).messages
    loop.hand_over(claimed)
    async with asyncio.timeout(DEADLINE):
        while (await states(quick)) != [("a", "open", 0)]:  # noqa: ASYNC110 - a row of the database has no event
            await asyncio.sleep(0)
    assert channel.got == []


async def test_a_turn_during_the_empty_look_is_not_overslept(quick: Database, channel: Channel, monkeypatch):
    """The turn commits after the claim saw nothing and before the loop sleeps."""
    monkeypatch.setattr(SqlLanes, "poll_s", 3600.0)
    plain = quick.lanes.claim
    looked = []

    async def claim(limit: int):
        found = await plain(limit)
        if not looked:
            looked.append(1)
            quick.lanes.courier = None  # as another process would: no hand-over
            await put(quick, new())
            quick.lanes.courier = loop
            loop.wake()
        return found

    monkeypatch.setattr(quick.lanes, "claim", claim)
    loop = DeliveryLoop(quick.lanes, channel.deliver)
    await loop.start()
    await channel.until(1)
    await loop.stop()


async def test_another_process_is_heard_at_once_on_postgres(postgres_url: str, channel: Channel, monkeypatch):
    monkeypatch.setattr(SqlLanes, "poll_s", 3600.0)
    mine, theirs = Database.open(postgres_url, rates=QUICK), Database.open(postgres_url)
    async with delivering(mine, channel):
        await listening(postgres_url)
        await put(theirs, new())
        await channel.until(1)
    await mine.close()
    await theirs.close()


async def test_without_the_listener_the_poll_delivers(postgres_url: str, channel: Channel, monkeypatch):
    monkeypatch.setattr(SqlLanes, "poll_s", 0.2)
    monkeypatch.setattr("storage.listener.RECONNECT_S", 3600.0)
    mine, theirs = Database.open(postgres_url, rates=QUICK), Database.open(postgres_url)
    async with delivering(mine, channel):
        await listening(postgres_url, cut=True)
        await put(theirs, new())
        await channel.until(1)
    await mine.close()
    await theirs.close()


async def test_the_listener_comes_back(postgres_url: str, channel: Channel, monkeypatch):
    monkeypatch.setattr(SqlLanes, "poll_s", 3600.0)
    monkeypatch.setattr("storage.listener.RECONNECT_S", 0.01)
    mine, theirs = Database.open(postgres_url, rates=QUICK), Database.open(postgres_url)
    async with delivering(mine, channel):
        await listening(postgres_url, cut=True)
        await listening(postgres_url)
        await put(theirs, new())
        await channel.until(1)
    await mine.close()
    await theirs.close()


async def listening(url: str, *, cut: bool = False) -> None:
    """Wait until somebody listens; cut that connection where asked."""
    look = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    with psycopg.connect(url, autocommit=True) as operator:
        for _ in range(5000):
            found = operator.execute(look).fetchall()
            if found:
                if cut:
                    operator.execute("SELECT pg_terminate_backend(%s, 5000)", found[0])
                return
            await asyncio.to_thread(threading.Event().wait, 0.002)
    raise AssertionError("nobody listens")


async def test_a_database_that_goes_away_during_a_send_is_waited_for(
    postgres_server, postgres_url: str, channel: Channel, monkeypatch
):
    monkeypatch.setattr("scheduling.delivery.BACKOFF_S", (0.05,))
    name = normalised(postgres_url).database
    database = Database.open(postgres_url, rates=QUICK)
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as operator:

        async def answer(due: DueMessage) -> Delivery:
            if len(channel.got) == 1:
                operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            return Delivered()

        channel.answer = answer
        away = asyncio.Event()
        plain = database.lanes.finish

        async def finish(*args, **more):
            try:
                return await plain(*args, **more)
            except Exception:
                away.set()
                raise

        monkeypatch.setattr(database.lanes, "finish", finish)
        await put(database, new(), new())
        async with delivering(database, channel):
            await asyncio.wait_for(away.wait(), DEADLINE)
            operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await channel.until(2)
            await until_states(database, ["sent", "sent"])
    assert [due.seq for due in channel.got] == [1, 2]
    await database.close()
