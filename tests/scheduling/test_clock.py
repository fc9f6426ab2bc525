import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Refused
from scheduling.clock import DevelopmentClock, SystemClock
from storage.database import Database


def real() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - to compare with


async def test_the_system_clock_tells_the_time_in_utc(database: Database):
    before = real()
    told = await database.read(SystemClock().now)
    assert before <= told <= real()
    assert told.tzinfo is UTC


async def test_the_development_clock_moves_forward_for_every_replica(database: Database, other_database: Database):
    clock = DevelopmentClock()
    moved = await database.write(lambda store: clock.advance(store, timedelta(minutes=15)))
    told = await other_database.read(DevelopmentClock().now)
    assert timedelta(0) <= told - moved < timedelta(minutes=1)
    assert timedelta(minutes=14) < told - real() <= timedelta(minutes=15)
    later = await database.write(lambda store: clock.advance(store, timedelta(days=7, microseconds=5)))
    assert later - moved >= timedelta(days=7, microseconds=5)


async def test_it_can_be_set_to_a_moment(database: Database):
    clock = DevelopmentClock()
    wanted = (real() + timedelta(days=30)).replace(microsecond=0)
    told = await database.write(lambda store: clock.move_to(store, wanted))
    assert timedelta(0) <= told - wanted < timedelta(minutes=1)


async def test_it_never_goes_back(database: Database):
    clock = DevelopmentClock()
    for step in (
        lambda store: clock.advance(store, timedelta(seconds=-1)),
        lambda store: clock.move_to(store, real() - timedelta(hours=1)),
        lambda store: clock.move_to(store, datetime(2030, 1, 1)),  # noqa: DTZ001 - the fault
        lambda store: clock.advance(store, timedelta(days=3_000_000)),
    ):
        with pytest.raises(Refused):
            await database.write(step)
    assert await database.read(lambda store: store.key_value.get("development_clock.offset_us")) is None


async def test_it_reaches_a_moment_and_stays_where_it_has_passed_already(database: Database, other_database: Database):
    clock = DevelopmentClock()
    wanted = real() + timedelta(days=3)
    for _ in range(2):
        told = await database.write(lambda store: clock.reach(store, wanted))
        assert timedelta(0) <= told - wanted < timedelta(minutes=1)
    back = await other_database.write(lambda store: DevelopmentClock().reach(store, wanted - timedelta(days=2)))
    assert back >= told


async def test_movers_at_the_same_time_never_move_it_back(database: Database, other_database: Database):
    wanted = [real() + timedelta(days=n) for n in range(1, 11)]
    await asyncio.gather(
        *(
            (database, other_database)[n % 2].write(lambda store, to=to: DevelopmentClock().reach(store, to))
            for n, to in enumerate(reversed(wanted))
        )
    )
    assert await database.read(DevelopmentClock().now) >= max(wanted)


async def test_the_offset_is_what_lies_between_it_and_the_machine(database: Database):
    clock = DevelopmentClock()
    assert await database.read(clock.offset) == clock.last_offset() == timedelta(0)
    await database.write(lambda store: clock.advance(store, timedelta(hours=2)))
    assert await database.read(clock.offset) == clock.last_offset() == timedelta(hours=2)
    assert await database.read(DevelopmentClock().offset) == timedelta(hours=2)
    assert timedelta(hours=2) - timedelta(minutes=1) < clock.last_seen() - real() <= timedelta(hours=2)


async def test_it_knows_for_how_long_it_has_not_been_moved(database: Database, other_database: Database):
    clock = DevelopmentClock()
    assert await database.read(clock.steady_for) is None
    await database.write(lambda store: clock.advance(store, timedelta(hours=2)))
    for who in (database, other_database):
        steady = await who.read(DevelopmentClock().steady_for)
        assert timedelta(0) <= steady < timedelta(minutes=1)


async def test_the_system_clock_is_the_machines_and_never_moved(database: Database):
    clock = SystemClock()
    assert await database.read(clock.offset) == clock.last_offset() == timedelta(0)
    assert await database.read(clock.steady_for) is None
