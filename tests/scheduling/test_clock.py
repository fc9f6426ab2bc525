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
