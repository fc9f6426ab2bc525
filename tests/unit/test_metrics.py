from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import metrics
from domain.metrics import Measured, Share, Spread

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def incident(number: int, minutes: float = 0, **more: Any) -> Measured:
    given_: dict[str, Any] = {
        "id": number,
        "title": "Checkout is down",
        "severity": 2,
        "services": ("checkout",),
        "declared_at": START + minutes * MINUTE,
        "paged_at": None,
        "acknowledged_at": None,
        "mitigated_at": None,
        "resolved_at": None,
    }
    return Measured(**{**given_, **more})


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([], Spread(None, None, 0)),
        ([7], Spread(420, 420, 1)),
        ([1, 2], Spread(90, 114, 2)),
        ([9, 8, 7, 6, 5, 4, 3, 2, 1], Spread(300, 492, 9)),
    ],
)
def test_median_and_p90_as_computed_by_hand(minutes: list[int], expected: Spread) -> None:
    assert metrics.spread(m * MINUTE for m in minutes) == expected


@given(st.lists(st.integers(0, 10**7), max_size=40))
def test_half_lie_below_the_median_and_nine_tenths_below_p90(seconds: list[int]) -> None:
    found = metrics.spread(timedelta(seconds=s) for s in seconds)
    assert found.n == len(seconds)
    if found.median is None or found.p90 is None:
        assert not seconds
        return
    assert min(seconds) <= found.median <= found.p90 <= max(seconds)
    assert sum(s <= found.median for s in seconds) * 2 >= len(seconds)
    assert sum(s <= found.p90 + 0.001 for s in seconds) >= 0.9 * (len(seconds) - 1)


def test_what_is_missing_leaves_an_incident_out_and_is_never_guessed() -> None:
    at = START
    rows = [
        incident(1, paged_at=at, acknowledged_at=at + 3 * MINUTE, resolved_at=at + 60 * MINUTE),
        incident(2, acknowledged_at=at + MINUTE),
        incident(3, paged_at=at),
        incident(4, paged_at=at + 2 * MINUTE, acknowledged_at=at + MINUTE, mitigated_at=at + 9 * MINUTE),
    ]
    assert metrics.time_to_acknowledge(rows) == Spread(180, 180, 1)
    assert metrics.time_to_mitigate(rows) == Spread(540, 540, 1)
    assert metrics.time_to_resolve(rows) == Spread(3_600, 3_600, 1)


def test_over_a_change_of_the_clocks_lengths_are_what_passed() -> None:
    before, after = datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert metrics.time_to_resolve([incident(1, declared_at=before, resolved_at=after)]).median == 3_600


def test_a_repetition_has_the_same_service_and_words_within_ninety_days() -> None:
    day = 24 * 60
    earlier = [incident(1, title="CHECKOUT is down (pod 17)!")]
    rows = [
        incident(2, 89 * day, title="checkout is down: pod 4"),
        incident(3, 90 * day, title="Checkout is slow"),
        incident(4, 91 * day, services=("search",), title="checkout is down pod"),
        incident(5, 92 * day, services=(), title="checkout is down pod"),
        incident(6, 180 * day, title="Checkout is down, pod 9"),
    ]
    assert metrics.repeat_rate(rows, earlier) == Share(25.0, 4)
    assert metrics.repeat_rate([], earlier) == Share(None, 0)


_ROWS = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["Down", "down 7", "Slow"]), st.sets(st.sampled_from("ab"))),
    max_size=12,
)


@given(_ROWS, _ROWS)
def test_repetitions_are_those_a_look_at_every_pair_finds(
    first: list[tuple[int, str, set[str]]], second: list[tuple[int, str, set[str]]]
) -> None:
    def made(rows: list[tuple[int, str, set[str]]], offset: int) -> list[Measured]:
        return [
            incident(offset + n, (offset + d) * 24 * 60, title=t, services=tuple(sorted(s)))
            for n, (d, t, s) in enumerate(rows)
        ]

    earlier, rows = made(first, 0), made(second, 201)
    known = [i for i in rows if i.services]
    repeated = sum(
        any(
            (o.declared_at, o.id) < (i.declared_at, i.id)
            and i.declared_at - o.declared_at <= metrics.REPEATS_WITHIN
            and set(metrics.kinds(o.title, o.services)) & set(metrics.kinds(i.title, i.services))
            for o in [*earlier, *known]
        )
        for i in known
    )
    assert metrics.repeat_rate(rows, earlier) == metrics.share(repeated, len(known))
