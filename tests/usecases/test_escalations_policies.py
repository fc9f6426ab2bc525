"""Which policies an incident runs, when severity 4 may page, and what happens when the organisation changes meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.catalog import Service
from tests.support.paged_organisation import CREW, organisation, policy, schedule, step, without
from tests.support.paging_desk import PagingDesk
from tests.usecases.conftest import OpenDesk


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace, after 5 minutes Zoë, after 5 more Ada, for 10."""
    return await opened()


# -- which policies ---------------------------------------------------------------------------------------------------


async def test_two_services_with_one_policy_run_it_once(desk: PagingDesk) -> None:
    n = await desk.declare("Payments are slow", 2, "checkout", "gateway")
    assert await desk.escalations(n) == ["critical running 1"]
    assert desk.paged() == [("grace", "14:18:00")]


def with_policies(*services: Service) -> dict[str, Any]:
    first, second = policy(), policy(step("schedule:payments-primary"), step("person:noor"), name="second")
    return {"services": services, "escalation_policies": (first, second)}


async def test_two_services_with_two_policies_run_both_and_nobody_gets_two_messages(opened: OpenDesk) -> None:
    services = (
        Service(id="checkout", name="Checkout", owner="payments", escalation_policy="critical"),
        Service(id="gateway", name="Gateway", owner="payments", escalation_policy="second"),
    )
    desk = await opened(**with_policies(*services))
    n = await desk.declare("Both are down", 2, "checkout", "gateway")
    assert await desk.escalations(n) == ["critical running 1", "second running 1"]
    assert desk.paged() == [("grace", "14:18:00")]
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "grace teams 1/1 sent"]
    await desk.later(minutes=5)
    assert desk.paged()[1:] == [("noor", "14:23:00"), ("zoe", "14:23:00")]


async def test_the_severity_chooses_the_policy(opened: OpenDesk) -> None:
    checkout = Service(
        id="checkout",
        name="Checkout",
        owner="payments",
        escalation_policy="critical",
        severity_policies={1: "second"},
    )
    desk = await opened(**with_policies(checkout))
    one, two = await desk.declare("Worst", 1), await desk.declare("Bad", 2)
    assert await desk.escalations(one) == ["second running 1"]
    assert await desk.escalations(two) == ["critical running 1"]


async def test_an_incident_without_a_policy_pages_nobody(desk: PagingDesk) -> None:
    n = await desk.declare("The build is red", 2, "build")
    await desk.later(hours=1)
    assert await desk.pages(n) == []
    assert await desk.planned(n) == []
    assert not (await desk.incident(n)).paged


# -- severity 4 -------------------------------------------------------------------------------------------------------


async def test_severity_4_waits_for_the_owners_working_hours_and_says_so(desk: PagingDesk) -> None:
    desk.sleeps(hours=4)  # Monday 18:18
    n = await desk.declare("A typo", 4)
    assert await desk.escalations(n) == ["critical waiting 0"]
    assert (await desk.story(n))[-1] == ("Severity 4 waits for working hours: critical begins at 2026-11-24 09:00 UTC.")
    assert (await desk.incident(n)).paged  # its card tells
    await desk.later(hours=14, minutes=41, seconds=59)
    assert desk.paged() == []
    await desk.later(seconds=1)
    assert desk.paged() == [("grace", "09:00:00")]
    assert await desk.escalations(n) == ["critical running 1"]


async def test_severity_4_in_working_hours_pages_at_once(desk: PagingDesk) -> None:
    await desk.declare("A typo", 4)
    assert desk.paged() == [("grace", "14:18:00")]


async def test_a_team_says_when_it_works(opened: OpenDesk) -> None:
    base = organisation()
    teams = tuple(
        team
        if team.id != "payments"
        else type(team).from_json({**team.to_json(), "working_hours": ["mon 20:00-21:00"]})
        for team in base.teams
    )
    desk = await opened(teams=teams)
    await desk.declare("A typo", 4)
    await desk.later(hours=7)
    assert desk.paged()[0] == ("grace", "20:00:00")


async def test_raising_the_severity_pages_now(desk: PagingDesk) -> None:
    desk.sleeps(hours=4)
    n = await desk.declare("A typo", 4)
    await desk.later(minutes=3)
    await desk.change("lin", lambda i, p, t: i.change_severity(p, n, 3, t))
    assert desk.paged() == [("grace", "18:21:00")]
    await desk.later(minutes=5)
    assert desk.paged()[1:] == [("zoe", "18:26:00")]
    assert len(await desk.planned(n)) == 1


async def test_raising_the_severity_begins_a_policy_that_has_not_run_and_lowering_none(opened: OpenDesk) -> None:
    checkout = Service(
        id="checkout",
        name="Checkout",
        owner="payments",
        escalation_policy="critical",
        severity_policies={1: "second", 3: "second"},
    )
    desk = await opened(**with_policies(checkout))
    n = await desk.declare("Bad", 2)
    await desk.change("lin", lambda i, p, t: i.change_severity(p, n, 3, t))
    assert await desk.escalations(n) == ["critical running 1"]
    await desk.change("lin", lambda i, p, t: i.change_severity(p, n, 1, t))
    assert await desk.escalations(n) == ["critical running 1", "second running 1"]
    await desk.change("lin", lambda i, p, t: i.change_severity(p, n, 2, t))
    await desk.change("lin", lambda i, p, t: i.change_severity(p, n, 1, t))
    assert len(await desk.running(n)) == 2


async def test_a_raised_severity_pages_its_own_people_also_after_an_acknowledgement(opened: OpenDesk) -> None:
    checkout = Service(
        id="checkout", name="Checkout", owner="payments", escalation_policy="critical", severity_policies={1: "second"}
    )
    desk = await opened(**with_policies(checkout))
    n = await desk.declare("Bad", 2)
    await desk.ack("ada", n)
    await desk.later(minutes=1)
    await desk.change("ada", lambda i, p, t: i.change_severity(p, n, 1, t))
    assert await desk.escalations(n) == ["critical acknowledged 1", "second running 1"]
    await desk.later(minutes=1)
    assert (await desk.ack("grace", n)).notice is None
    assert await desk.escalations(n) == ["critical acknowledged 1", "second acknowledged 1"]


# -- the organisation changes meanwhile ---------------------------------------------------------------------------------


async def test_a_policy_that_is_edited_changes_the_next_incident_only(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.imports(policy(step("person:noor", wait=timedelta(minutes=1))))
    await desk.later(minutes=5)
    assert desk.paged() == [("grace", "14:18:00"), ("zoe", "14:23:00")]
    assert (await desk.running(n))[0].policy == policy()
    await desk.declare("Another")
    assert ("noor", "14:23:00") in desk.paged()


async def test_a_policy_that_is_removed_runs_to_its_end(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.imports(escalation_policies=(), services=())
    await desk.later(minutes=20)
    assert len(await desk.pages(n)) == 3


async def test_somebody_who_leaves_is_passed_over_and_said(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary"), step("person:ada"), step("person:noor")))
    n = await desk.declare()
    base = organisation()
    teams = tuple(
        type(t).from_json({k: v for k, v in {**t.to_json(), "members": []}.items() if k != "lead"}) for t in base.teams
    )
    await desk.imports(
        people=without("ada"), teams=teams, schedules=(schedule("payments-primary", "payments", "grace"),)
    )
    await desk.later(minutes=5)
    assert (await desk.story(n))[-2:] == [
        "Step 2 of critical reached nobody: ada is not in the organisation any more. Passed over.",
        "Step 3 of critical paged Noor Haddad.",
    ]


async def test_a_schedule_that_is_deleted_is_passed_over_and_said(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.imports(policy(step("person:ada")), schedules=(schedule("payments-primary", "payments", "grace"),))
    await desk.later(minutes=5)
    assert (await desk.story(n))[-2:] == [
        "Step 2 of critical reached nobody: there is no schedule it-ops-primary any more. Passed over.",
        "Step 3 of critical paged Ada Lovelace.",
    ]


async def test_a_new_person_on_the_schedule_is_paged_from_the_moment_of_the_page(desk: PagingDesk) -> None:
    await desk.declare()
    others = (schedule("payments-primary", "payments", "grace"), schedule("it-ops-primary", "it-ops", "lin"))
    await desk.imports(schedules=others)
    await desk.later(minutes=5)
    assert desk.paged()[-1] == ("lin", "14:23:00")


async def test_odd_names_stand_on_the_timeline_as_they_are(opened: OpenDesk) -> None:
    odd = [replace(who, name="*Grace* <at>x</at> [l](http://x)") if who.handle == "grace" else who for who in CREW]
    desk = await opened(people=odd)
    n = await desk.declare()
    assert (await desk.story(n))[-1] == "Step 1 of critical paged *Grace* <at>x</at> [l](http://x) (payments-primary)."
