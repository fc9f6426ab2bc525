"""Every step of a maintenance window, and what holds whatever happens to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import maintenance as steps
from domain.errors import Refused
from domain.maintenance import EXTENSION, LONGEST, Maintenance, Plan
from domain.maintenance import MaintenanceState as State
from domain.recurrence import Recurrence

NOW = datetime(2026, 11, 23, 14, 18, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONDON = "Europe/London"
OWNER, DOER, SIGNER = 1, 2, 3


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001 - a wall clock has no zone


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def plan(**more: Any) -> Plan:
    given: dict[str, Any] = {
        "title": "Database upgrade",
        "services": ("checkout",),
        "starts_at": NOW + DAY,
        "ends_at": NOW + DAY + 4 * HOUR,
        "zone": LONDON,
        "owner": OWNER,
    }
    return Plan(**{**given, **more})


def awaiting(**more: Any) -> Maintenance:
    return replace(steps.schedule(plan(**more), by=OWNER, at=NOW), id=7)


def planned(**more: Any) -> Maintenance:
    found = steps.approve(awaiting(**more))
    assert found is not None
    return found


def running(**more: Any) -> Maintenance:
    found = steps.begin(planned(**more))
    assert found is not None
    return found


def weekly(starts: datetime, count: int = 1, rule: str = "") -> Recurrence:
    return Recurrence.parse(rule, starts, LONDON) if rule else Recurrence.from_words(count, "weeks", starts, LONDON)


def nightly(**more: Any) -> dict[str, Any]:
    """Every Saturday from 22:00 to 02:00 in London; the clocks go back on 25 October and forward on 28 March."""
    starts = wall(2027, 3, 20, 22)
    return {
        "starts_at": utc(2027, 3, 20, 22),
        "ends_at": utc(2027, 3, 21, 2),
        "recurrence": weekly(starts),
        **more,
    }


# -- planning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"title": " \x00 "}, "needs a title|title is empty"),
        ({"title": "x" * 201}, "200 is the most"),
        ({"services": ()}, "at least one service"),
        ({"services": tuple(map(str, range(51)))}, "50 is the most"),
        ({"ends_at": NOW + DAY}, "ends after it begins"),
        ({"ends_at": NOW + DAY + LONGEST + HOUR}, "at most 30 days"),
        ({"starts_at": NOW - HOUR}, "That start has passed"),
        ({"starts_at": NOW - timedelta(minutes=9), "ends_at": NOW}, "That start has passed"),
        ({"impact": "x" * 2_001}, "2000 is the most"),
        (
            {
                "ends_at": NOW + 3 * DAY,
                "recurrence": Recurrence.from_words(1, "days", wall(2026, 11, 24, 14, 18), LONDON),
            },
            "begin again before it has ended",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_with_a_sentence(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        awaiting(**more)


def test_a_window_may_begin_now_though_the_form_took_a_while() -> None:
    assert awaiting(starts_at=NOW - timedelta(minutes=9)).starts_at == NOW - timedelta(minutes=9)


def test_a_start_that_does_not_fit_the_rule_moves_to_the_first_that_does() -> None:
    window = awaiting(recurrence=weekly(wall(2026, 11, 24, 14, 18), rule="FREQ=WEEKLY;BYDAY=SA"))
    assert (window.starts_at, window.ends_at) == (utc(2026, 11, 28, 14, 18), utc(2026, 11, 28, 18, 18))


def test_the_wall_clock_rules_through_a_change_of_the_clocks() -> None:
    times = steps.next_times(planned(**nightly()), 4)
    assert times == [
        (utc(2027, 3, 20, 22), utc(2027, 3, 21, 2)),
        (utc(2027, 3, 27, 22), utc(2027, 3, 28, 1)),  # ends at 02:00 summer time
        (utc(2027, 4, 3, 21), utc(2027, 4, 4, 1)),
        (utc(2027, 4, 10, 21), utc(2027, 4, 11, 1)),
    ]


def test_a_window_that_the_clocks_swallow_lasts_as_long_all_the_same() -> None:
    swallowed = nightly(
        starts_at=utc(2027, 3, 21, 1, 15), ends_at=utc(2027, 3, 21, 1, 45), recurrence=weekly(wall(2027, 3, 21, 1, 15))
    )
    second = steps.next_times(planned(**swallowed), 2)[1]
    assert second[1] - second[0] == timedelta(minutes=30)


# -- the way of a window ----------------------------------------------------------------------------------------------


def test_what_was_not_approved_does_not_begin() -> None:
    assert steps.begin(awaiting()) is None
    off = steps.disapprove(awaiting(), "Nobody approved it in time.", None)
    assert off is not None
    assert (off.state, off.unapproved, off.is_final) == (State.CANCELLED, True, False)
    assert steps.begin(off) is None


def test_it_overruns_only_after_its_end_and_an_extension_takes_it_back() -> None:
    window = running()
    assert steps.overrun(window, window.ends_at - HOUR) is None
    over = steps.overrun(window, window.ends_at)
    assert over is not None
    longer = steps.extend(over, over.ends_at + EXTENSION, over.ends_at)
    assert longer is not None
    assert (longer.state, longer.ends_at) == (State.IN_PROGRESS, window.ends_at + EXTENSION)
    assert longer.plan > over.plan, "what was planned for the earlier end counts no more"


def test_of_a_running_window_only_the_end_moves_and_not_into_the_past() -> None:
    window, now = running(), NOW + DAY + HOUR
    moved = steps.move(window, NOW, NOW + DAY + 6 * HOUR, now)
    assert moved is not None
    assert (moved.starts_at, moved.ends_at, moved.state) == (
        window.starts_at,
        NOW + DAY + 6 * HOUR,
        State.IN_PROGRESS,
    )
    with pytest.raises(Refused, match="That end has passed"):
        steps.move(window, window.starts_at, now - timedelta(minutes=1), now)
    with pytest.raises(Refused, match="only its end moves"):
        steps.move(window, now + DAY, now + DAY + HOUR, now)
    with pytest.raises(Refused, match="at most 30 days"):
        steps.extend(window, now + LONGEST, now)


def test_moving_asks_again_and_revives_what_nobody_approved_but_nothing_a_person_cancelled() -> None:
    window = planned()
    moved = steps.move(window, NOW + 2 * DAY, NOW + 2 * DAY + HOUR, NOW)
    assert moved is not None
    assert (moved.state, moved.plan, moved.lasts) == (State.AWAITING_APPROVAL, window.plan + 1, HOUR)
    assert steps.move(window, window.starts_at, window.ends_at, NOW) is None
    off = steps.disapprove(moved, "Nobody approved it in time.", None)
    assert off is not None
    again = steps.move(off, moved.starts_at, moved.ends_at, NOW)
    assert again is not None
    assert (again.state, again.reason, again.unapproved) == (State.AWAITING_APPROVAL, "", False)
    gone = steps.cancel(window, "no longer needed", by=OWNER)
    assert gone is not None
    assert steps.cancel(gone, "", by=OWNER) is None
    for step in (lambda: steps.move(gone, NOW + 3 * DAY, NOW + 4 * DAY, NOW), lambda: steps.skip(gone, "", at=NOW)):
        with pytest.raises(Refused):
            step()


def test_one_that_was_not_approved_can_be_cancelled_for_good() -> None:
    off = steps.disapprove(awaiting(), "Nobody approved it in time.", None)
    assert off is not None
    gone = steps.cancel(off, "", by=OWNER)
    assert gone is not None
    assert gone.is_final


def test_it_is_done_with_evidence_once_and_signed_off_by_somebody_else() -> None:
    with pytest.raises(Refused, match="has not begun yet"):
        steps.finish(planned(), "12 min", by=DOER, at=NOW)
    with pytest.raises(Refused, match="evidence is empty"):
        steps.finish(running(), " ", by=DOER, at=NOW)
    done = steps.finish(running(), "12 min", by=DOER, at=NOW)
    assert done is not None
    assert done.state is State.DONE
    assert done.done is not None
    assert done.done.evidence == "12 min"
    assert steps.finish(done, "again", by=DOER, at=NOW) is None
    with pytest.raises(Refused, match="somebody of the other side"):
        steps.sign_off(done, DOER)
    signed = steps.sign_off(done, SIGNER)
    assert signed is not None
    assert steps.sign_off(signed, SIGNER) is None
    with pytest.raises(Refused, match="signed off already"):
        steps.sign_off(signed, OWNER)
    for step in (lambda: steps.move(done, NOW + 3 * DAY, NOW + 4 * DAY, NOW), lambda: steps.cancel(done, "", by=OWNER)):
        with pytest.raises(Refused, match="is done"):
            step()
    with pytest.raises(Refused, match="not done yet"):
        steps.sign_off(running(), SIGNER)


# -- again and again --------------------------------------------------------------------------------------------------


def test_one_that_comes_again_waits_for_its_next_time_without_another_approval() -> None:
    done = steps.finish(running(**nightly()), "ok", by=DOER, at=utc(2027, 3, 21, 1))
    assert done is not None
    assert (done.state, done.starts_at, done.ends_at) == (
        State.PLANNED,
        utc(2027, 3, 27, 22),
        utc(2027, 3, 28, 1),
    )
    assert done.done is not None


def test_a_moved_occurrence_moves_alone_and_none_that_it_has_overtaken_follows() -> None:
    moved = steps.move(planned(**nightly()), utc(2027, 3, 28, 8), utc(2027, 3, 28, 9), NOW)
    assert moved is not None
    again = steps.skip(replace(moved, state=State.PLANNED), "", at=NOW)
    assert (again.starts_at, again.ends_at) == (utc(2027, 4, 3, 21), utc(2027, 4, 4, 1))


def test_an_extension_does_not_make_the_next_time_longer_and_one_that_overran_it_skips_it() -> None:
    longer = steps.extend(running(**nightly()), utc(2027, 3, 28, 5), utc(2027, 3, 21, 1))
    assert longer is not None
    assert steps.finish(longer, "ok", by=DOER, at=utc(2027, 3, 28, 4)) == replace(
        longer,
        state=State.PLANNED,
        starts_at=utc(2027, 4, 3, 21),
        ends_at=utc(2027, 4, 4, 1),
        slot=utc(2027, 4, 3, 21),
        plan=longer.plan + 1,
        version=longer.version + 1,
        done=steps.Done(by=DOER, at=utc(2027, 3, 28, 4), evidence="ok"),
    )


def test_a_time_that_passed_while_it_overran_is_left_out() -> None:
    late = steps.finish(running(**nightly()), "ok", by=DOER, at=utc(2027, 3, 28, 0))
    assert late is not None
    assert late.starts_at == utc(2027, 4, 3, 21)


def test_after_its_last_time_it_is_done_or_cancelled() -> None:
    twice = nightly(recurrence=weekly(wall(2027, 3, 20, 22), rule="FREQ=WEEKLY;COUNT=2"))
    second = steps.skip(planned(**twice), "release freeze", at=NOW)
    assert (second.state, second.reason) == (State.PLANNED, "")
    over = steps.skip(second, "again", at=NOW)
    assert (over.state, over.reason) == (State.CANCELLED, "again")
    begun = steps.begin(second)
    assert begun is not None
    done = steps.finish(begun, "ok", by=DOER, at=NOW)
    assert done is not None
    assert done.state is State.DONE
    with pytest.raises(Refused, match="happens once"):
        steps.skip(planned(), "", at=NOW)
    with pytest.raises(Refused, match="not approved"):
        steps.skip(awaiting(**nightly()), "", at=NOW)


def test_it_is_found_where_it_happens_however_far_ahead() -> None:
    window = planned(**nightly())
    far = utc(2029, 6, 30, 21)
    assert steps.happens_in(window, far, far + HOUR) == (far, far + 4 * HOUR)
    assert steps.happens_in(window, far + 4 * HOUR, far + 5 * HOUR) is None
    assert steps.happens_in(window, far - HOUR, far) is None
    assert steps.happens_in(window, utc(2027, 3, 13, 22), utc(2027, 3, 13, 23)) is None, "before its first time"
    moved = steps.move(window, utc(2027, 3, 23, 8), utc(2027, 3, 23, 9), NOW)
    assert moved is not None
    assert steps.happens_in(moved, utc(2027, 3, 20, 22), utc(2027, 3, 20, 23)) is None
    assert steps.happens_in(moved, utc(2027, 3, 23, 8), utc(2027, 3, 24, 8)) == (moved.starts_at, moved.ends_at)


# -- whatever happens -------------------------------------------------------------------------------------------------

STEPS = st.sampled_from(
    ["approve", "disapprove", "begin", "overrun", "move", "extend", "finish", "cancel", "skip", "sign"]
)


@given(walk=st.lists(st.tuples(STEPS, st.integers(0, 400)), max_size=25), again=st.booleans())
def test_whatever_happens_versions_and_plans_grow_and_the_final_stays_final(
    walk: list[tuple[str, int]], again: bool
) -> None:
    window, now = awaiting(**(nightly() if again else {})), NOW
    for step, hours in walk:
        now += timedelta(hours=hours)
        try:
            after = taken(step, window, now)
        except Refused as refused:
            assert str(refused).endswith(".")
            continue
        if after is None:
            continue
        assert after.version == window.version + 1
        assert after.plan >= window.plan
        assert after.starts_at < after.ends_at
        moments = (after.starts_at, after.ends_at)
        assert after.plan > window.plan or moments == (window.starts_at, window.ends_at)
        if window.is_final:
            assert step == "sign"
            assert after.state is window.state
        assert after.state is not State.DONE or after.done is not None
        window = after


def taken(step: str, window: Maintenance, now: datetime) -> Maintenance | None:
    known: dict[str, Callable[[], Maintenance | None]] = {
        "approve": lambda: steps.approve(window),
        "disapprove": lambda: steps.disapprove(window, "no", None),
        "begin": lambda: steps.begin(window),
        "overrun": lambda: steps.overrun(window, now),
        "move": lambda: steps.move(window, now + DAY, now + DAY + HOUR, now),
        "extend": lambda: steps.extend(window, max(window.ends_at, now) + EXTENSION, now),
        "finish": lambda: steps.finish(window, "ok", by=DOER, at=now),
        "cancel": lambda: steps.cancel(window, "", by=OWNER),
        "skip": lambda: steps.skip(window, "", at=now),
        "sign": lambda: steps.sign_off(window, SIGNER),
    }
    return known[step]()
