"""Which handoffs are planned, and when a plan is taken back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.handoff import HandoffState
from domain.oncall import HandoffRule, parse_weekly_window
from domain.zones import parse_wall_time
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.handoff_desk import HALF, MINUTE, MONDAY, PRIMARY, WEEK, HandoffDesk, organisation, rotation, weekly
from usecases import handoffs


async def test_the_next_shift_change_is_prepared_with_everything_that_follows(desk: HandoffDesk) -> None:
    (handoff,) = await desk.all()
    assert desk.names(handoff) == "grace→ada prepared"
    assert (handoff.boundary_at, handoff.holds) == (MONDAY, True)
    planned = await desk.see(lambda store: store.work.planned(f"handoff:{handoff.id}"))
    assert [(w.kind, w.due_at) for w in planned] == [
        (handoffs.OFFER, MONDAY - HALF),
        (handoffs.REMIND, MONDAY),
        (handoffs.REMIND, MONDAY + 15 * MINUTE),
        (handoffs.EXPIRE, MONDAY + HALF),
    ]


async def test_planning_again_adds_nothing(desk: HandoffDesk) -> None:
    for _ in range(3):
        await desk.db.write(lambda store: handoffs.plan_all(store, desk.now))
        await desk.db.write(lambda store: handoffs.replan(store, PRIMARY, desk.now))
    assert await desk.story() == ["grace→ada prepared"]
    assert len(await desk.see(lambda store: store.work.planned("handoff:1"))) == 4


async def test_a_chain_of_weeks_goes_on_by_itself(desk: HandoffDesk) -> None:
    await desk.at(MONDAY + 3 * WEEK)
    assert await desk.story() == [
        "grace→ada expired",
        "ada→grace expired",
        "grace→ada expired",
        "ada→grace offered",
        "grace→ada prepared",
    ]
    assert [h.boundary_at for h in await desk.all()] == [MONDAY + n * WEEK for n in range(5)]


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York"])
async def test_the_chain_keeps_the_hour_on_the_wall_clock_over_both_clock_changes(db: Database, zone: str) -> None:
    starts = parse_wall_time("2026-03-01T09:00")
    schedule = weekly(time_zone=zone, rotations=(rotation("ada", "grace", starts=starts),))
    desk = await HandoffDesk(db, now=datetime(2026, 3, 2, tzinfo=UTC)).open(schedule)
    await desk.at(datetime(2026, 11, 20, tzinfo=UTC))
    local = [h.boundary_at.astimezone(ZoneInfo(zone)) for h in await desk.all()]
    assert len(local) == 38
    assert {(at.weekday(), at.hour, at.minute) for at in local} == {(6, 9, 0)}
    assert len({h.boundary_at.hour for h in await desk.all()}) == 2, "the UTC hour follows the clock changes"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # 01:30 is left out on 29 March: 02:30 in summer time.
        (datetime(2026, 3, 28, 12, tzinfo=UTC), ["03-29 01:30", "03-30 00:30"]),
        # 01:30 comes twice on 25 October: the first one.
        (datetime(2026, 10, 24, 12, tzinfo=UTC), ["10-25 00:30", "10-26 01:30"]),
    ],
)
async def test_an_hour_that_is_left_out_or_comes_twice_has_one_handoff(
    db: Database, start: datetime, expected: list[str]
) -> None:
    nights = rotation("ada", "grace", starts=parse_wall_time("2026-03-01T01:30"), shift="P1D")
    desk = await HandoffDesk(db, now=start).open(weekly(rotations=(nights,)))
    await desk.at(start + timedelta(days=1))
    assert [f"{h.boundary_at:%m-%d %H:%M}" for h in await desk.all()] == expected
    await desk.at(start + timedelta(days=2))
    assert len(await desk.all()) == 3


async def test_an_override_in_the_middle_of_a_shift_makes_no_handoff(desk: HandoffDesk) -> None:
    await desk.override("lin", desk.now + timedelta(days=1), desk.now + timedelta(days=2))
    assert await desk.story() == ["grace→ada prepared"]
    assert [h.boundary_at for h in await desk.all()] == [MONDAY]


async def test_an_override_from_the_shift_change_on_is_handed_over_to(desk: HandoffDesk) -> None:
    await desk.override("lin", MONDAY, MONDAY + timedelta(days=2))
    assert await desk.story() == ["grace→lin prepared"]
    assert await desk.see(lambda store: store.work.planned("handoff:1")) == []


async def test_an_override_until_the_shift_change_hands_over_itself(desk: HandoffDesk) -> None:
    await desk.override("zoe", MONDAY - timedelta(days=2), MONDAY)
    assert await desk.story() == ["zoe→ada prepared"]


async def test_an_override_taken_back_brings_the_first_plan_back(desk: HandoffDesk) -> None:
    number = await desk.override("lin", MONDAY, MONDAY + WEEK)
    await desk.without_override(number)
    assert await desk.story() == ["grace→ada prepared"]
    await desk.at(MONDAY - HALF)
    assert await desk.story() == ["grace→ada offered", "ada→grace prepared"]


async def test_an_import_that_changes_the_people_plans_anew(desk: HandoffDesk) -> None:
    await desk.imports(weekly("ada", "grace", "lin", "zoe"))
    assert await desk.story() == ["zoe→ada prepared"]


async def test_an_import_that_changes_nothing_about_it_keeps_it(desk: HandoffDesk) -> None:
    before = await desk.all()
    await desk.imports(weekly(), lead="zoe")
    assert await desk.all() == before


async def test_what_the_outgoing_person_wrote_goes_along_to_a_new_plan(desk: HandoffDesk) -> None:
    await desk.note("grace", 1, "Watch the pool")
    await desk.override("lin", MONDAY, MONDAY + WEEK)
    assert [(desk.names(h), h.notes) for h in await desk.all()] == [("grace→lin prepared", "Watch the pool")]


async def test_a_schedule_without_handoffs_has_none(db: Database) -> None:
    desk = await HandoffDesk(db).open(weekly(handoff=HandoffRule.OFF))
    await desk.at(MONDAY + WEEK)
    assert await desk.story() == []


async def test_switching_handoffs_off_takes_the_plan_away(desk: HandoffDesk) -> None:
    await desk.imports(weekly(handoff=HandoffRule.OFF))
    assert await desk.story() == []
    await desk.at(MONDAY + HALF)
    assert await desk.sent() == []


async def test_the_boundary_rule_asks_but_holds_nobody(db: Database) -> None:
    desk = await HandoffDesk(db).open(weekly(handoff=HandoffRule.BOUNDARY))
    await desk.at(MONDAY)
    assert [h.holds for h in await desk.all()] == [False, False]
    assert await desk.paged(MONDAY) is None
    assert len(await desk.sent("ada")) == 2, "the card and a reminder"


async def test_a_rule_that_changes_is_followed_by_what_is_planned(desk: HandoffDesk) -> None:
    await desk.imports(weekly(handoff=HandoffRule.BOUNDARY))
    (handoff,) = await desk.all()
    assert (handoff.id, handoff.holds) == (1, False)


async def test_nobody_stays_responsible_over_hours_in_which_nobody_is_on_call(db: Database) -> None:
    days = rotation("ada", "grace", shift="P1D", only=(parse_weekly_window("mon-fri 09:00-17:00"),))
    desk = await HandoffDesk(db, now=datetime(2026, 11, 24, 12, tzinfo=UTC)).open(weekly(rotations=(days,)))
    await desk.at(datetime(2026, 11, 25, 9, 5, tzinfo=UTC))
    first = (await desk.all())[0]
    assert (first.boundary_at, first.holds) == (datetime(2026, 11, 25, 9, tzinfo=UTC), False)
    assert first.state is HandoffState.OFFERED
    assert await desk.paged() is None


async def test_somebody_who_is_not_known_is_passed_over_and_said_in_the_log(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "usecases.handoffs")
    desk = await HandoffDesk(db).open(weekly("ada", "grace", "nobody", "zoe"))
    assert await desk.story() == ["zoe→ada prepared"]
    desk = await HandoffDesk(db).open(weekly("ada", "nobody", "grace", "nobody"))
    assert await desk.story() == ["zoe→ada prepared"] or await desk.story() == []
    assert "somebody is not known" in caplog.text


async def test_a_near_shift_change_is_offered_at_once(db: Database) -> None:
    desk = await HandoffDesk(db, now=MONDAY - 10 * MINUTE).open()
    assert await desk.story() == ["grace→ada prepared", "ada→grace prepared"]
    await desk.work()
    assert await desk.story() == ["grace→ada offered", "ada→grace prepared"]


async def test_a_shift_change_that_has_passed_is_not_planned(db: Database) -> None:
    desk = await HandoffDesk(db, now=MONDAY).open()
    assert [(desk.names(h), h.boundary_at) for h in await desk.all()] == [("ada→grace prepared", MONDAY + WEEK)]


async def test_shifts_shorter_than_the_notice_are_offered_when_the_shift_before_begins(db: Database) -> None:
    quick = weekly(rotations=(rotation("ada", "grace", shift="PT10M"),))
    desk = await HandoffDesk(db, now=MONDAY).open(quick)
    await desk.at(MONDAY + timedelta(hours=1, minutes=5))
    open_ = [h for h in await desk.all() if h.is_open]
    assert len(open_) <= 4
    over = next(h for h in await desk.all() if h.state is HandoffState.EXPIRED)
    assert over.reason == "That shift is over."
    assert [t for t in await desk.texts("lin") if "Nobody" in t] == [], "the lead is not called for each of them"


async def test_planning_heals_itself(desk: HandoffDesk) -> None:
    def lose(store: SqlStore) -> None:
        store.work.cancel("handoff:1")
        store.handoffs.remove(1)

    await desk.db.write(lose)
    assert await desk.story() == []
    await desk.db.write(lambda store: handoffs.plan_all(store, desk.now))
    assert await desk.story() == ["grace→ada prepared"]


async def test_a_schedule_that_is_gone_is_not_handed_over(desk: HandoffDesk) -> None:
    await desk.imports(weekly(id="other"))
    assert await desk.story() == []
    assert await desk.story("other") == ["grace→ada prepared"]


async def test_planning_finds_a_schedule_that_went_without_telling(offered: HandoffDesk) -> None:
    def swap(store: SqlStore) -> None:
        store.organisations.replace(organisation(weekly(id="other")))
        handoffs.plan_all(store, offered.now)

    await offered.db.write(swap)
    assert await offered.story() == ["grace→ada expired"]
    assert ["is off" in t for t in await offered.texts("ada")].count(True) == 1
