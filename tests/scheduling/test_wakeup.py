import asyncio
import time

from scheduling.wakeup import Alarm


async def test_it_sleeps_no_longer_than_told():
    began = time.monotonic()
    await Alarm().wait(0.01)
    assert time.monotonic() - began < 5


async def test_a_ring_before_the_sleep_is_not_lost():
    alarm = Alarm()
    alarm.clear()
    alarm.ring()
    await asyncio.wait_for(alarm.wait(60), 5)


async def test_of_several_later_rings_the_earliest_counts():
    alarm = Alarm()
    for after in (50, 0.01, 40):
        alarm.ring(after)
    await asyncio.wait_for(alarm.wait(60), 5)
    alarm.clear()
    alarm.ring(0.01)  # a timer that has rung does not keep a later one away
    await asyncio.wait_for(alarm.wait(60), 5)


async def test_a_cancelled_ring_does_not_ring():
    alarm = Alarm()
    alarm.ring(0.005)
    alarm.cancel()
    began = time.monotonic()
    await alarm.wait(0.05)
    assert time.monotonic() - began >= 0.04
