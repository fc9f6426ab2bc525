"""How long people worked, estimated: against a second look at every minute."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.effort import IDLE, LEAST, MOST, effort
from tests.support.samples import NOW


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_pauses_are_left_out_and_a_single_thing_takes_five_minutes() -> None:
    assert effort([]) == timedelta()
    assert effort([(1, at(0))]) == timedelta(minutes=5)
    assert effort([(1, at(0)), (1, at(20)), (1, at(50))]) == timedelta(minutes=50)
    assert effort([(1, at(0)), (1, at(31))]) == timedelta(minutes=10)
    assert effort([(1, at(0)), (2, at(1)), (1, at(20)), (2, at(3))]) == timedelta(minutes=25)
    assert effort([(1, at(n * 20)) for n in range(100)]) == MOST


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 600)), max_size=30))
def test_it_is_what_a_look_at_every_burst_gives(activity: list[tuple[int, int]]) -> None:
    expected = timedelta()
    for person in {who for who, _ in activity}:
        bursts: list[list[int]] = []
        for minute in sorted(minute for who, minute in activity if who == person):
            if bursts and minute - bursts[-1][-1] <= IDLE.total_seconds() / 60:
                bursts[-1].append(minute)
            else:
                bursts.append([minute])
        expected += sum((max(timedelta(minutes=b[-1] - b[0]), LEAST) for b in bursts), timedelta())
    assert effort([(who, at(minute)) for who, minute in activity]) == expected
