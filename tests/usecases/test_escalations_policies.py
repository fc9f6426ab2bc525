"""Which policies an incident runs, when severity 4 may page, and what happens when the organisation changes meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.catalog import Service
from domain.oncall import parse_weekly_window
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


async def test_severity_4_that_nobody_has_taken_before_the_evening_goes_on_in_the_morning(desk: PagingDesk) -> None:
    desk.sleeps(hours=2, minutes=38)  # Monday 16:56
    n = await desk.declare("A typo", 4)
    await desk.later(hours=16, minutes=3)
    assert desk.paged() == [("grace", "16:56:00")], "the next step at 17:01 is after work"
    assert await desk.escalations(n) == ["critical waiting 0"]
    assert (await desk.story(n))[-1] == "Severity 4 waits for working hours: critical begins at 2026-11-24 09:00 UTC."
    await desk.later(minutes=6)
    assert desk.paged()[1:] == [("grace", "09:00:00"), ("zoe", "09:05:00")]


async def test_severity_4_ends_in_the_evening_when_there_is_nobody_left_to_page(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada"), repeat=0, last_resort=None))
    desk.sleeps(hours=2, minutes=38)
    n = await desk.declare("A typo", 4)
    await desk.later(hours=1)
    assert (await desk.story(n))[-1] == "Nobody has acknowledged after all rounds of critical."


async def test_severity_4_that_somebody_escalates_in_the_evening_goes_on_at_once(desk: PagingDesk) -> None:
    desk.sleeps(hours=4)
    n = await desk.declare("A typo", 4)
    assert await desk.escalate(n) == "I paged Grace Hopper (step 1)."
    await desk.later(minutes=5)
    assert desk.paged() == [("grace", "18:18:00"), ("zoe", "18:23:00")]


# -- lowering to severity 4 ---------------------------------------------------------------------------------------------


async def severity(desk: PagingDesk, number: int, wanted: int) -> None:
    await desk.change("lin", lambda i, p, t: i.change_severity(p, number, wanted, t))


async def test_lowering_to_severity_4_at_night_wakes_nobody_else_and_says_until_when(desk: PagingDesk) -> None:
    desk.sleeps(hours=8)  # Monday 22:18
    n = await desk.declare()
    await desk.later(minutes=6)
    await severity(desk, n, 4)
    assert await desk.escalations(n) == ["critical waiting 0"]
    assert (await desk.story(n))[-1] == "Severity 4 waits for working hours: critical begins at 2026-11-24 09:00 UTC."
    assert len(await desk.planned(n)) == 1
    await desk.later(hours=10, minutes=35)
    assert desk.paged() == [("grace", "22:18:00"), ("zoe", "22:23:00")]
    await desk.later(minutes=6)
    assert desk.paged()[2:] == [("grace", "09:00:00"), ("zoe", "09:05:00")]


async def test_lowering_before_the_first_page_has_gone_out_stops_that_one_too(desk: PagingDesk) -> None:
    desk.sleeps(hours=8)
    unpaged = await desk.declared("Nothing has happened yet")
    desk.down = True
    n = await desk.declare("On its way")
    await severity(desk, unpaged, 4)
    await severity(desk, n, 4)
    desk.down = False
    await desk.later(hours=10)
    assert desk.paged() == []
    assert await desk.ledger(n) == ["grace teams 1/1 not_needed"]


async def test_lowering_keeps_back_the_mail_of_a_step_but_not_of_somebody_who_was_asked_for(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    desk.sleeps(hours=8)
    n = await desk.declare()
    await desk.escalate(n, "person:ada")
    await severity(desk, n, 4)
    await desk.later(hours=10)
    assert [sent.to for sent in desk.sent if sent.to.startswith("@")] == ["@ada@example.org"]
    await desk.later(minutes=46)
    assert [sent.to for sent in desk.sent if sent.to.startswith("@")][1:] == ["@grace@example.org"]


async def test_lowering_in_working_hours_or_to_severity_3_changes_nothing(desk: PagingDesk) -> None:
    n = await desk.declare()
    await severity(desk, n, 4)
    await desk.later(minutes=5)
    assert await desk.escalations(n) == ["critical running 2"]
    desk.sleeps(hours=8)
    other = await desk.declare("Another", 2)
    await severity(desk, other, 3)
    assert await desk.escalations(other) == ["critical running 1"]


async def test_raising_it_again_pages_now_and_lowering_it_again_is_said_again(desk: PagingDesk) -> None:
    desk.sleeps(hours=8)
    n = await desk.declare()
    await severity(desk, n, 4)
    await desk.later(minutes=3)
    await severity(desk, n, 1)
    assert desk.paged()[1:] == [("grace", "22:21:00")]
    await desk.later(minutes=5)
    assert desk.paged()[2:] == [("zoe", "22:26:00")]
    await severity(desk, n, 4)
    waits = "Severity 4 waits for working hours: critical begins at 2026-11-24 09:00 UTC."
    assert (await desk.story(n)).count(waits) == 2


async def test_what_was_put_off_can_be_escalated_and_acknowledged(desk: PagingDesk) -> None:
    desk.sleeps(hours=8)
    n = await desk.declare("First")
    await desk.later(minutes=1)
    await severity(desk, n, 4)
    assert await desk.escalate(n) == "I paged Grace Hopper (step 1)."
    await desk.later(minutes=5)
    assert desk.paged()[1:] == [("grace", "22:19:00"), ("zoe", "22:24:00")]
    await severity(desk, n, 3)
    await severity(desk, n, 4)
    page = (await desk.pages(n))[0]
    assert await desk.press("grace", page.id) == "You acknowledged INC-1."
    await desk.later(hours=24)
    assert len(desk.paged()) == 3


async def test_who_has_acknowledged_before_it_was_lowered_is_not_asked_again(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada", "person:grace", acknowledgements=2)))
    desk.sleeps(hours=8)
    n = await desk.declare()
    await desk.ack("grace", n)
    await severity(desk, n, 4)
    await desk.later(hours=11)
    assert desk.paged()[2:] == [("ada", "09:00:00")]


async def test_each_policy_waits_for_the_team_whose_service_named_it(opened: OpenDesk) -> None:
    services = (
        Service(id="checkout", name="Checkout", owner="payments", escalation_policy="critical"),
        Service(id="gateway", name="Gateway", owner="it-ops", escalation_policy="second"),
    )
    teams = tuple(
        replace(team, working_hours=(parse_weekly_window("mon-sun 20:00-23:00"),)) if team.id == "it-ops" else team
        for team in organisation().teams
    )
    desk = await opened(**with_policies(*services), teams=teams)
    desk.sleeps(hours=8)
    n = await desk.declare("Both", 2, "checkout", "gateway")
    await severity(desk, n, 4)
    assert await desk.escalations(n) == ["critical waiting 0", "second running 1"]


async def test_silence_on_what_was_lowered_meanwhile_wakes_nobody(opened: OpenDesk) -> None:
    desk = await opened(policy(ack_timeout=timedelta(minutes=30)))
    desk.sleeps(hours=8)
    n = await desk.declare()
    await desk.ack("grace", n)
    await severity(desk, n, 4)
    await desk.later(hours=10)
    assert len(desk.paged()) == 1
    await desk.later(minutes=42)
    assert desk.paged()[1:] == [("grace", "09:00:00")]


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
