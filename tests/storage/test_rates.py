"""Teams' documented windows against our buckets: by formula, by simulation, and through the real statements."""

import random
from bisect import bisect_left
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.rates import Bucket, Rates
from tests.support.lanes import CollectingCourier, HandClock, new, put
from usecases.outbox import Delivered

LANE_WINDOWS = {1: 7, 2: 8, 30: 60, 3600: 1800}
TENANT_WINDOWS = {1: 30}
TWO_HOURS_MS = 7_300_000


def most_in_any_window(moments: Sequence[int], window_ms: int) -> int:
    return max(n + 1 - bisect_left(moments, moment - window_ms + 1) for n, moment in enumerate(moments))


def hungry(buckets: Sequence[Bucket], pauses: Sequence[int], until_ms: int) -> list[int]:
    """Moments at which a sender that always has something to say may speak; between two it may take a pause."""
    tats, now, moments = [0] * len(buckets), 10**6, []
    turn = 0
    while now < 10**6 + until_ms:
        now = max(now, *(b.ready_at(tat) for b, tat in zip(buckets, tats, strict=True)))
        moments.append(now)
        tats = [b.after(tat, now) for b, tat in zip(buckets, tats, strict=True)]
        now += pauses[turn % len(pauses)] if pauses else 0
        turn += 1
    return moments


@given(st.lists(st.integers(0, 5_000) | st.just(0) | st.integers(30_000, 90_000), max_size=20))
@settings(max_examples=60)
def test_no_pattern_of_pauses_breaks_a_window(pauses):
    rates = Rates()
    moments = hungry((rates.short, rates.hour), pauses, 120_000)
    for window, limit in LANE_WINDOWS.items():
        assert most_in_any_window(moments, window * 1000) <= limit
    assert most_in_any_window(hungry((rates.tenant,), pauses, 5_000), 1000) <= TENANT_WINDOWS[1]


def test_two_hours_at_full_speed_stay_inside_every_window_and_use_most_of_it():
    rates = Rates()
    moments = hungry((rates.short, rates.hour), (), TWO_HOURS_MS)
    found = {window: most_in_any_window(moments, window * 1000) for window in LANE_WINDOWS}
    assert all(found[window] <= limit for window, limit in LANE_WINDOWS.items()), found
    assert found[3600] > 1790
    assert moments[29] - moments[0] < 15_000  # thirty queued messages do not take a minute


def test_one_bucket_as_large_as_the_window_would_break_it():
    """Why the capacity is not simply Teams' limit."""
    assert most_in_any_window(hungry((Bucket(7, 143),), (), 10_000), 1000) > LANE_WINDOWS[1]


def test_a_pause_grants_nothing_and_then_one_at_a_time():
    bucket = Bucket(4, 540)
    tat = bucket.paused(0, 10_000)
    assert bucket.ready_at(tat) == 10_000
    tat = bucket.after(tat, 10_000)
    assert bucket.ready_at(tat) == 10_540
    assert bucket.paused(tat, 3_000) == tat


@pytest.mark.parametrize("handing", [False, True], ids=["claimed", "handed over"])
async def test_the_statements_keep_the_windows_too(database_url: str, handing: bool):
    """Ten minutes of a busy lane, with pauses in which it runs empty, on a clock that moves by hand."""
    clock, dice = HandClock(), random.Random(7)
    database = Database.open(database_url, now_ms=clock)
    courier = CollectingCourier()
    if handing:
        database.lanes.courier = courier
    moments: list[int] = []
    until = clock.now + 600_000
    while clock.now < until:
        await put(database, *(new() for _ in range(dice.choice((1, 1, 2, 7, 30)))))
        while True:
            claim = await database.lanes.claim(5)
            due = courier.handed.pop() if courier.handed else next(iter(claim.messages), None)
            while due is not None:
                moments.append(clock.now)
                clock.advance(dice.choice((0.001, 0.05)))
                due = await database.lanes.finish(due, Delivered())
            wait = (await database.lanes.claim(0)).next_in_s
            if wait is None:
                break
            clock.advance(wait)
        clock.advance(dice.choice((0.2, 3, 40)))
    await database.close()
    assert len(moments) > 100
    for window, limit in LANE_WINDOWS.items():
        assert most_in_any_window(moments, window * 1000) <= limit, window


async def test_the_tenants_window_holds_over_all_lanes(database_url: str):
    clock = HandClock()
    database = Database.open(database_url, now_ms=clock)
    await put(database, *(new(f"lane-{n}") for n in range(90)))
    moments: list[int] = []
    while len(moments) < 90:
        claim = await database.lanes.claim(16)
        for due in claim.messages:
            moments.append(clock.now)
            assert await database.lanes.finish(due, Delivered()) is None
        clock.advance(max((await database.lanes.claim(0)).next_in_s or 0, 0.001))
    await database.close()
    assert most_in_any_window(moments, 1000) <= TENANT_WINDOWS[1]
    assert moments[-1] - moments[0] < 6_000  # 90 at 20 a second
