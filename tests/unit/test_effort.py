"""How long people worked, estimated."""

from datetime import timedelta

from domain.effort import MOST, Burst, effort
from tests.support.samples import NOW


def burst(incident: int, person: int, begins: int, ends: int) -> Burst:
    return Burst(incident, person, NOW + timedelta(minutes=begins), NOW + timedelta(minutes=ends))


def test_it_adds_up_what_everybody_did_in_each_incident() -> None:
    assert effort([]) == timedelta()
    assert effort([burst(1, 1, 0, 0)]) == timedelta(minutes=5), "a single thing takes five minutes"
    assert effort([burst(1, 1, 0, 50), burst(1, 1, 90, 92)]) == timedelta(minutes=55)
    assert effort([burst(1, 1, 0, 20), burst(1, 2, 1, 3), burst(2, 1, 0, 20)]) == timedelta(minutes=45)
    assert effort([burst(1, 1, 0, 600), burst(1, 1, 700, 1_000)]) == MOST
