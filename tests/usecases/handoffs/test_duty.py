"""Who is paged around a shift change, and what happens when the schedule changes meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from domain.errors import Refused
from domain.zones import parse_wall_time
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.handoff_desk import HALF, MINUTE, MONDAY, PRIMARY, WEEK, HandoffDesk, rotation, weekly
from usecases import handoffs

# -- who is paged ------------------------------------------------------------------------------------------------------


async def test_the_outgoing_person_is_paged_until_it_is_accepted(offered: HandoffDesk) -> None:
    assert await offered.paged(MONDAY - timedelta(seconds=1)) is None
    assert await offered.paged(MONDAY) == "grace"
    await offered.at(MONDAY + 12 * MINUTE)
    assert await offered.paged() == "grace"
    await offered.accept("ada", 1)
    assert await offered.paged() is None


async def test_the_outgoing_person_is_paged_at_most_until_it_expires(offered: HandoffDesk) -> None:
    assert await offered.paged(MONDAY + HALF - timedelta(seconds=1)) == "grace"
    assert await offered.paged(MONDAY + HALF) is None


async def test_one_that_could_not_be_offered_holds_too(desk: HandoffDesk) -> None:
    desk.now = MONDAY + MINUTE
    assert await desk.paged() == "grace"


async def test_an_override_made_after_the_shift_change_wins(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + 5 * MINUTE)
    await offered.override("zoe", MONDAY + 5 * MINUTE, MONDAY + timedelta(hours=8))
    assert await offered.paged(MONDAY + 6 * MINUTE) is None
    assert await offered.paged(MONDAY + 4 * MINUTE) == "grace"


async def test_an_override_over_the_shift_change_wins(offered: HandoffDesk) -> None:
    await offered.override("zoe", MONDAY - 10 * MINUTE, MONDAY + timedelta(hours=8))
    assert await offered.paged(MONDAY + MINUTE) is None


async def test_an_override_from_the_shift_change_on_waits_for_its_acceptance(desk: HandoffDesk) -> None:
    await desk.override("lin", MONDAY, MONDAY + WEEK)
    await desk.at(MONDAY + MINUTE)
    assert await desk.paged() == "grace"


async def test_somebody_who_has_left_is_not_paged(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + MINUTE)

    def leave(store: SqlStore) -> None:
        store.people.save(replace(offered.people["grace"], active=False))

    await offered.db.write(leave)
    assert await offered.paged() is None


async def test_of_two_handoffs_at_one_shift_change_the_one_that_fits_the_schedule_counts(offered: HandoffDesk) -> None:
    number = await offered.override("lin", MONDAY, MONDAY + WEEK)
    await offered.work()
    assert await offered.paged(MONDAY) == "grace", "Lin has not accepted"
    await offered.decline("lin", await offered.asked("lin"))
    await offered.without_override(number)
    await offered.work()
    await offered.accept("ada", 1)
    assert await offered.paged(MONDAY) is None, "Ada has accepted, whatever Lin said"


async def test_only_the_last_shift_change_counts(db: Database) -> None:
    quick = weekly(rotations=(rotation("ada", "grace", "lin", shift="PT20M"),))
    desk = await HandoffDesk(db, now=MONDAY).open(quick)
    await desk.at(MONDAY + 41 * MINUTE)
    last = max((h for h in await desk.all() if h.boundary_at <= desk.now), key=lambda h: h.boundary_at)
    assert await desk.paged() == next(p.handle for p in desk.people.values() if p.id == last.outgoing)


async def test_one_that_is_off_does_not_hide_the_one_before_it(db: Database) -> None:
    late = weekly(rotations=(rotation("ada", "grace", starts=parse_wall_time("2026-11-02T09:10")),))
    desk = await HandoffDesk(db).open(late)
    await desk.at(MONDAY - 15 * MINUTE)
    await desk.imports(weekly())
    assert [(h.boundary_at, h.is_off) for h in await desk.all()][:2] == [(MONDAY, False), (MONDAY + 10 * MINUTE, True)]
    assert await desk.paged(MONDAY + 15 * MINUTE) == "grace"


async def test_it_takes_one_query_where_nobody_is_held(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)

    def count(store: SqlStore) -> int:
        schedule, asked = store.schedules.get(PRIMARY), []
        assert schedule is not None
        listener = lambda *given: asked.append(given[2])  # noqa: E731
        event.listen(store.connection, "before_cursor_execute", listener)
        handoffs.responsible(store, schedule, MONDAY + MINUTE)
        event.remove(store.connection, "before_cursor_execute", listener)
        return len(asked)

    assert await offered.see(count) == 1


# -- a schedule that changes under an offered one ----------------------------------------------------------------------


async def test_an_offered_one_that_does_not_happen_is_off_and_both_are_told(offered: HandoffDesk) -> None:
    await offered.override("lin", MONDAY, MONDAY + WEEK)
    assert await offered.story() == ["grace→ada expired", "grace→lin prepared", "lin→grace prepared"]
    told = await offered.sent()
    said = [t for t in told if t.payload["letter"] == "sentence"]
    assert [t.lane for t in said] == [offered.lane("ada"), offered.lane("grace")]
    assert said[0].text == (
        "The handoff of payments-primary from Grace Hopper to Ada Lovelace on Mon 2026-11-30 09:00 London (09:00 UTC) "
        "is off: the schedule has changed. You need not do anything."
    )
    redrawn = [t for t in told if t.payload["letter"] == handoffs.CARD]
    assert [t.buttons for t in redrawn] == [[], []]
    await offered.at(MONDAY + HALF)
    assert [t for t in await offered.texts("ada") if "accept" in t.lower()] == []


async def test_a_press_on_the_card_of_one_that_is_off_changes_nothing(offered: HandoffDesk) -> None:
    await offered.override("lin", MONDAY, MONDAY + WEEK)
    for act in (offered.accept, offered.decline):
        with pytest.raises(Refused, match="the schedule has changed"):
            await act("ada", 1)
    with pytest.raises(Refused, match="your note would reach nobody"):
        await offered.note("grace", 1, "Watch the pool")


async def test_one_that_was_off_is_asked_anew_when_the_schedule_is_as_it_was(offered: HandoffDesk) -> None:
    number = await offered.override("lin", MONDAY, MONDAY + WEEK)
    await offered.sent()
    await offered.without_override(number)
    await offered.work()
    assert await offered.story() == ["grace→ada offered", "ada→grace prepared"]
    (card,) = [t for t in await offered.sent("ada") if t.payload["letter"] == handoffs.CARD and t.buttons]
    assert card.buttons == ["Accept handoff", "Decline"]
    await offered.at(MONDAY)
    assert await offered.paged() == "grace"
    await offered.accept("ada", 1)
    assert await offered.paged() is None


async def test_an_accepted_one_is_not_touched_by_a_new_plan(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    await offered.imports(weekly())
    assert await offered.story() == ["grace→ada accepted", "ada→grace prepared"]
