"""What the card says."""

from datetime import datetime, timedelta
from typing import Any

from domain.change import Risk
from domain.incident import Role, Status
from domain.maintenance import Plan as MaintenancePlan
from domain.paging import Page, PageReason, PageResult, Way
from domain.recurrence import Recurrence
from domain.timeline import Source
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.handoff_desk import MONDAY, PRIMARY, WEEK, HandoffDesk, weekly
from usecases import handoffs, maintenance
from usecases.care import planning
from usecases.care.planning import Plan as CarePlan
from usecases.changes import recording
from usecases.changes.recording import Draft, Report
from usecases.handoffs import HandoffView
from usecases.handoffs.views import INCIDENTS_SHOWN, ShiftPages
from usecases.incidents import Incidents, Trail

HOUR = timedelta(hours=1)


async def test_the_view_has_the_teams_open_incidents_with_the_worst_first(offered: HandoffDesk) -> None:
    await offered.declare("Gateway slow", services=("gateway",), severity=3)
    worst = await offered.declare("All is down", severity=1)
    await offered.declare("Search slow", services=("search",))

    def lead(store: SqlStore) -> None:
        desk = Incidents(store, offered.now)
        desk.assign(
            offered.people["lin"], worst, Role.COMMANDER, offered.people["zoe"], Trail(Source.MESSAGE, "assigned")
        )
        desk.change_status(offered.people["lin"], worst, Status.IDENTIFIED, Trail(Source.MESSAGE, "identified"))

    await offered.db.write(lead)
    view = await look(offered)
    assert [(row.incident.title, row.commander) for row in view.incidents] == [
        ("All is down", "Zoë Ångström"),
        ("Gateway slow", None),
    ]
    assert view.until == MONDAY + WEEK


async def test_the_view_has_temporary_fixes_of_open_and_of_this_shifts_incidents(offered: HandoffDesk) -> None:
    open_ = await offered.declare()
    over = await offered.declare("Was short")
    elsewhere = await offered.declare("Search slow", services=("search",))

    def write(store: SqlStore) -> None:
        desk, zoe = Incidents(store, offered.now), offered.people["zoe"]
        for n, (number, text) in enumerate(
            [
                (open_, "A TEMPORARY rule lets them through"),
                (open_, "temporarily"),
                (open_, "contemporary art"),
                (over, "Workaround: restart nightly"),
                (elsewhere, "temporary"),
            ]
        ):
            desk.note(zoe, number, text, Trail(Source.MESSAGE, f"note-{n}"))
        desk.resolve(zoe, over, "", Trail(Source.MESSAGE, "resolved"))

    await offered.db.write(write)
    view = await look(offered)
    assert sorted((fix.ref, fix.text, fix.by) for fix in view.fixes) == [
        ("INC-1", "A TEMPORARY rule lets them through", "Zoë Ångström"),
        ("INC-1", "temporarily", "Zoë Ångström"),
        ("INC-2", "Workaround: restart nightly", "Zoë Ångström"),
    ]


async def test_the_view_has_overrides_of_the_next_shift_and_of_no_other(offered: HandoffDesk) -> None:
    inside, later = MONDAY + timedelta(days=2), MONDAY + timedelta(days=9)
    await offered.override("lin", inside, inside + timedelta(hours=8))
    await offered.override("zoe", later, later + timedelta(hours=8))
    view = await look(offered)
    assert [(c.person, c.starts_at) for c in view.covers] == [("Lin Wei 林薇", inside)]
    assert view.until == MONDAY + WEEK, "an override in the middle does not end the shift"


async def until(desk: HandoffDesk) -> datetime | None:
    """Tell until when the next shift is said to last."""
    (handoff, *_) = await desk.all()
    return (await desk.see(lambda store: handoffs.handoff_view(store, handoff, desk.now))).until


async def test_a_next_shift_by_override_lasts_until_the_override_ends(desk: HandoffDesk) -> None:
    await desk.override("lin", MONDAY, MONDAY + 3 * HOUR)
    assert await until(desk) == MONDAY + 3 * HOUR
    await desk.override("lin", MONDAY + 3 * HOUR, MONDAY + 5 * HOUR)
    assert await until(desk) == MONDAY + 5 * HOUR, "the next one follows without a break"
    await desk.override("lin", MONDAY + 8 * HOUR, MONDAY + 9 * HOUR)
    assert await until(desk) == MONDAY + 5 * HOUR, "Ada is on call in between"
    await desk.override("zoe", MONDAY + HOUR, MONDAY + 2 * HOUR)
    assert await until(desk) == MONDAY + 5 * HOUR, "an override in the middle does not end the shift"


async def test_a_next_shift_by_override_that_goes_on_by_rotation_lasts_until_the_shift_change(
    desk: HandoffDesk,
) -> None:
    await desk.override("ada", MONDAY, MONDAY + 3 * HOUR)
    assert await until(desk) == MONDAY + WEEK
    await desk.override("ada", MONDAY + WEEK, MONDAY + WEEK + HOUR)
    assert await until(desk) == MONDAY + WEEK + HOUR, "it goes on over a shift change of others"


async def test_a_next_shift_by_override_does_not_last_beyond_the_shift_change(desk: HandoffDesk) -> None:
    await desk.override("lin", MONDAY, MONDAY + WEEK)
    await desk.override("zoe", MONDAY + WEEK, MONDAY + 2 * WEEK)
    await desk.override("lin", MONDAY + 2 * WEEK, MONDAY + 3 * WEEK)
    assert await until(desk) == MONDAY + WEEK


async def test_an_override_ends_the_next_shift_also_where_no_other_shift_change_is_in_sight(db: Database) -> None:
    desk = await HandoffDesk(db).open(weekly("grace"))
    await desk.override("lin", MONDAY, MONDAY + 3 * HOUR)
    assert await until(desk) == MONDAY + 3 * HOUR


def page(desk: HandoffDesk, incident: int | None, hours: float, **more: Any) -> Page:
    """Make a page to Grace, so many hours after her shift began on 23 November at 09:00 in London."""
    given: dict[str, Any] = {
        "id": 0,
        "reason": PageReason.STEP,
        "way": Way.TEAMS,
        "due_at": MONDAY - WEEK + timedelta(hours=hours),
        "person_id": desk.people["grace"].id,
        "incident_id": incident,
        "target": f"schedule:{PRIMARY}",
        "result": PageResult.SENT,
    }
    return Page(**{**given, **more})


async def shift_pages(desk: HandoffDesk, *pages: Page) -> ShiftPages | None:
    def add(store: SqlStore) -> None:
        for row in pages:
            store.pages.add(row)

    await desk.db.write(add)
    return (await look(desk)).pages


async def look(desk: HandoffDesk) -> HandoffView:
    def view(store: SqlStore) -> HandoffView:
        handoff = store.handoffs.get(1)
        assert handoff is not None
        return handoffs.handoff_view(store, handoff, desk.now)

    return await desk.see(view)


async def test_pages_of_the_shift_are_counted_with_those_at_night_where_the_person_lives(offered: HandoffDesk) -> None:
    checkout = await offered.declare()
    gateway = await offered.declare("Gateway slow", services=("gateway",))
    found = await shift_pages(
        offered,
        page(offered, checkout, 1),  # 05:00 in New York
        page(offered, checkout, 10),
        page(offered, gateway, 18),  # 22:00 in New York
        page(offered, gateway, 26),  # 06:00 in New York
    )
    assert found == ShiftPages(count=4, at_night=2, noisiest="Payment gateway", noisiest_count=2)


async def test_pages_that_are_not_of_this_shift_do_not_count(offered: HandoffDesk) -> None:
    number = await offered.declare()
    found = await shift_pages(
        offered,
        page(offered, number, -1),
        page(offered, number, 24 * 7 + 0.5),
        page(offered, number, 5, person_id=offered.people["ada"].id),
        page(offered, number, 6, target="schedule:another"),
        page(offered, number, 7, result=PageResult.NOT_NEEDED),
        page(offered, number, 8, result=PageResult.FAILED),
    )
    assert found is None


async def test_a_second_way_is_not_a_second_page(offered: HandoffDesk) -> None:
    number, other = await offered.declare(), await offered.declare("Gateway slow", services=())
    found = await shift_pages(
        offered,
        page(offered, number, 5),
        page(offered, number, 5.05, way=Way.EMAIL),
        page(offered, other, 6, way=Way.EMAIL, target=""),
    )
    assert found == ShiftPages(count=2, at_night=0, noisiest="Checkout", noisiest_count=1)


async def test_the_view_has_what_awaits_the_next_shift_on_the_teams_services(offered: HandoffDesk) -> None:
    lin, boundary = offered.people["lin"], MONDAY

    def prepare(store: SqlStore) -> None:
        for title, service, day in (("Upgrade", "gateway", 2), ("Later", "checkout", 8), ("Not ours", "search", 2)):
            starts_at = boundary + timedelta(days=day)
            maintenance.schedule(
                store,
                lin,
                MaintenancePlan(
                    title=title,
                    services=(service,),
                    starts_at=starts_at,
                    ends_at=starts_at + HOUR,
                    zone="Europe/London",
                    owner=lin.id,
                ),
                offered.now,
            )
        for title, risk, hours in (("Deploy", Risk.MEDIUM, 3), ("Typo", Risk.LOW, 2), ("Old", Risk.HIGH, 30)):
            draft = Draft(title=title, service="checkout", risk=risk, at=boundary - hours * HOUR)
            recording.report(store, draft, Report(source="deploys"), None, offered.now)
        for title, days in (("Rotate keys", 3), ("Audit", 20)):
            starts = (boundary + timedelta(days=days)).replace(tzinfo=None)
            rhythm = Recurrence.from_words(1, "month", starts, "Europe/London")
            planning.add(
                store,
                lin,
                CarePlan(title=title, team="payments", service="", owner=lin, rhythm=rhythm),
                offered.now,
            )

    await offered.db.write(prepare)
    seen = await look(offered)
    assert [(w.title, w.span[0]) for w in seen.windows] == [("Upgrade", boundary + timedelta(days=2))]
    assert [(c.title, c.risk) for c in seen.changes] == [("Deploy", Risk.MEDIUM)]
    assert [(c.title, c.owner, c.is_overdue) for c in seen.care] == [("Rotate keys", "Lin Wei 林薇", False)]


async def test_nothing_to_say_leaves_every_section_out(offered: HandoffDesk) -> None:
    seen = await look(offered)
    assert (seen.incidents, seen.more_incidents, seen.pages, seen.fixes, seen.covers) == ((), 0, None, (), ())
    assert (seen.windows, seen.changes, seen.care) == ((), (), ())


async def test_more_incidents_than_fit_are_counted(offered: HandoffDesk) -> None:
    for n in range(INCIDENTS_SHOWN + 2):
        await offered.declare(f"Trouble {n}")
    seen = await look(offered)
    assert (len(seen.incidents), seen.more_incidents) == (INCIDENTS_SHOWN, 2)


async def test_the_card_of_one_that_is_off_or_whose_schedule_is_gone_says_only_that(offered: HandoffDesk) -> None:
    await offered.declare()
    await offered.imports(weekly(id="other"))
    seen = await look(offered)
    assert (seen.handoff.is_off, seen.incidents, seen.until) == (True, (), None)


async def test_my_handoffs_are_those_that_wait_for_an_answer_first(offered: HandoffDesk) -> None:
    mine = await offered.see(lambda store: handoffs.of_person(store, offered.people["ada"].id))
    assert [offered.names(h) for h in mine] == ["grace→ada offered", "ada→grace prepared"]
    assert await offered.see(lambda store: handoffs.of_person(store, offered.people["lin"].id)) == []


async def test_an_override_that_is_the_next_shift_itself_is_not_listed_again(desk: HandoffDesk) -> None:
    await desk.override("lin", MONDAY, MONDAY + timedelta(days=2))
    (handoff,) = await desk.all()
    seen = await desk.see(lambda store: handoffs.handoff_view(store, handoff, desk.now))
    assert (desk.names(handoff), seen.covers) == ("grace→lin prepared", ())


async def test_a_note_that_was_deleted_is_no_fix(offered: HandoffDesk) -> None:
    number, zoe = await offered.declare(), offered.people["zoe"]
    await offered.db.write(
        lambda store: Incidents(store, offered.now).note(zoe, number, "temporary", Trail(Source.MESSAGE, "note"))
    )
    assert len((await look(offered)).fixes) == 1
    await offered.db.write(lambda store: Incidents(store, offered.now).erase_words(zoe, "note"))
    assert (await look(offered)).fixes == ()
