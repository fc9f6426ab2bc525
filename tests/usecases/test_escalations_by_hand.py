"""Somebody asks for more people: the next step now, somebody by name, a policy, the other side."""

from datetime import timedelta

import pytest

from domain.catalog import Service, Side, Team
from domain.errors import Refused, Repeated, Unknown
from domain.timeline import Source
from tests.support.paged_organisation import PLATFORM_CHANNEL, at, policy, schedule, step
from tests.support.paging_desk import PagingDesk
from tests.usecases.conftest import OpenDesk


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace, after 5 minutes Zoë, after 5 more Ada, for 10."""
    return await opened()


# -- the next step --------------------------------------------------------------------------------------------------------


async def test_escalate_pages_the_next_step_now_and_counts_from_then(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=1)
    assert await desk.escalate(n) == "I paged Zoë Ångström (step 2)."
    assert desk.paged() == [("grace", "14:18:00"), ("zoe", "14:19:00")]
    assert [work.due_at for work in await desk.planned(n)] == [at("14:24")]
    entry = (await desk.see(lambda store: store.timeline.page(n)))[-1]
    assert (entry.text, entry.actor, entry.source) == (
        "Step 2 of critical paged Zoë Ångström (it-ops-primary).",
        desk.people["lin"].id,
        Source.MESSAGE,
    )


async def test_escalate_before_the_first_step_pages_the_first(desk: PagingDesk) -> None:
    n = await desk.declared()
    assert await desk.escalate(n) == "I paged Grace Hopper (step 1)."
    assert desk.paged() == [("grace", "14:18:00")]
    assert len(await desk.pages(n)) == 1


async def test_after_an_acknowledgement_it_goes_on_where_it_stopped(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=20)
    assert await desk.escalate(n) == "I paged Zoë Ångström (step 2)."
    assert (await desk.incident(n)).acknowledged_by == desk.people["grace"].id
    await desk.later(minutes=5)
    assert desk.paged()[1:] == [("zoe", "14:38:00"), ("ada", "14:43:00")]
    joined = await desk.ack("zoe", n)
    assert joined.notice is None
    assert await desk.escalations(n) == ["critical acknowledged 3"]
    assert desk.got("ada")[-1] == "Zoë Ångström acknowledged INC-1. You need not do anything."


async def test_after_the_last_round_it_begins_again(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(hours=1)
    assert await desk.escalate(n) == "I paged Grace Hopper (step 1)."
    await desk.later(minutes=5)
    assert desk.paged()[-2:] == [("grace", "15:18:00"), ("zoe", "15:23:00")]


async def test_behind_the_last_step_comes_the_last_resort_and_then_the_first_step_again(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary"), last_resort="team:platform"))
    n = await desk.declare()
    await desk.later(minutes=1)
    assert await desk.escalate(n) == "I paged Noor Haddad and posted in the channel of Platform (last resort)."
    await desk.later(minutes=1)
    assert await desk.escalate(n) == "I paged Grace Hopper (step 1)."
    assert sorted(to for to, _ in desk.paged()) == [f"#{PLATFORM_CHANNEL}", "grace", "grace", "noor"]


async def test_it_passes_over_what_reaches_nobody(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada"), step("schedule:payments-secondary"), step("person:noor")))
    n = await desk.declare()
    assert await desk.escalate(n) == "I paged Noor Haddad (step 3)."
    assert "Step 2 of critical reached nobody" in (await desk.story(n))[-2]


async def test_nobody_left_to_page_is_a_sentence_and_changes_nothing(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada"), step("schedule:payments-secondary")))
    n = await desk.declare()
    before = await desk.incident(n)
    with pytest.raises(
        Refused, match=r"^Nobody can be paged now\. Step 2 of critical reached nobody: .*`escalate INC-1 @p"
    ):
        await desk.escalate(n)
    assert await desk.incident(n) == before
    assert await desk.escalations(n) == ["critical running 1"]


async def test_escalate_wakes_people_for_severity_4(desk: PagingDesk) -> None:
    desk.sleeps(hours=8)
    n = await desk.declare("A typo", 4)
    assert await desk.escalate(n) == "I paged Grace Hopper (step 1)."
    await desk.later(minutes=5)
    assert desk.paged() == [("grace", "22:18:00"), ("zoe", "22:23:00")]


async def test_an_incident_without_a_policy_says_what_to_write(desk: PagingDesk) -> None:
    n = await desk.declare("The build is red", 2, "build")
    with pytest.raises(
        Refused, match=r"No service of INC-1 has an escalation policy\. Name somebody: `escalate INC-1 @"
    ):
        await desk.escalate(n)


async def test_a_policy_that_came_later_is_begun(desk: PagingDesk) -> None:
    await desk.imports(policy(), services=())
    bare = Service(id="checkout", name="Checkout", owner="payments")
    await desk.imports(policy(), services=(bare,))
    n = await desk.declare()
    await desk.imports()
    assert await desk.escalate(n) == "I paged Grace Hopper (step 1)."
    assert await desk.escalations(n) == ["critical running 1"]


async def test_a_resolved_incident_is_refused(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.change("ada", lambda i, p, t: i.resolve(p, n, "", t))
    for target in (None, "person:noor", "policy:critical"):
        with pytest.raises(Refused, match="INC-1 is resolved; to page somebody for it, first write `reopen INC-1`"):
            await desk.escalate(n, target)


async def test_an_incident_that_is_not_there_is_unknown(desk: PagingDesk) -> None:
    with pytest.raises(Unknown, match="There is no INC-77"):
        await desk.escalate(77)


async def test_a_request_that_is_delivered_twice_pages_once(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.escalate(n, key="press-1")
    with pytest.raises(Repeated):
        await desk.escalate(n, key="press-1")
    assert len(desk.paged()) == 2
    assert await desk.escalations(n) == ["critical running 2"]


async def test_two_policies_go_on_together(opened: OpenDesk) -> None:
    two = (
        Service(id="checkout", name="Checkout", owner="payments", escalation_policy="critical"),
        Service(id="gateway", name="Gateway", owner="payments", escalation_policy="other"),
    )
    desk = await opened(policy(), policy(step("person:lin"), step("person:noor"), name="other"), services=two)
    n = await desk.declare("Both", 2, "checkout", "gateway")
    await desk.later(minutes=1)
    assert await desk.escalate(n) == "I paged Zoë Ångström (step 2). I paged Noor Haddad (step 2)."
    assert len(await desk.planned(n)) == 2


# -- somebody by name -------------------------------------------------------------------------------------------------------


async def test_a_person_is_paged_now_and_the_chain_goes_on(desk: PagingDesk) -> None:
    n = await desk.declare()
    assert await desk.escalate(n, "person:noor") == "I paged Noor Haddad."
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "noor teams escalated sent"]
    assert (await desk.story(n))[-1] == "Escalated: paged Noor Haddad."
    await desk.later(minutes=5)
    assert ("zoe", "14:23:00") in desk.paged()


async def test_when_nobody_answers_within_five_minutes_the_thread_is_told(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    await desk.escalate(n, "person:noor")
    await desk.later(minutes=4, seconds=59)
    assert not any("acknowledged" in text for text in desk.got("#19:ops@thread.tacv2"))
    await desk.later(seconds=1)
    assert desk.got("#19:ops@thread.tacv2")[-1] == (
        "⚠ INC-1: Noor Haddad has not acknowledged within 5 min. Write `escalate INC-1` to page the next step."
    )
    await desk.later(hours=1)
    assert len(desk.got("#19:ops@thread.tacv2")) == 1


async def test_when_anybody_acknowledges_the_thread_hears_nothing(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    await desk.escalate(n, "person:noor")
    await desk.ack("lin", n)
    await desk.later(minutes=10)
    assert desk.got("#19:ops@thread.tacv2") == []
    assert desk.got("noor")[-1] == "Lin Wei 林薇 acknowledged INC-1. You need not do anything."


async def test_whoever_is_asked_for_after_an_acknowledgement_joins(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=1)
    await desk.escalate(n, "person:noor", who="grace")
    # Nobody else was asked: for them it is acknowledged already.
    assert (await desk.ack("zoe", n)).notice == "Grace Hopper acknowledged INC-1 at 14:18 UTC."
    assert (await desk.ack("noor", n)).notice is None
    assert (await desk.ledger(n))[-1] == "noor teams escalated sent acked"
    assert (await desk.incident(n)).acknowledged_by == desk.people["grace"].id
    await desk.later(minutes=10)
    assert desk.got("#19:ops@thread.tacv2") == []


async def test_a_team_is_its_lead_and_its_channel(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    assert await desk.escalate(n, "team:platform") == "I paged Noor Haddad and posted in the channel of Platform."
    assert await desk.ledger(n) == ["noor teams escalated sent", "#platform channel escalated sent"]


async def test_a_team_without_lead_and_channel_is_refused_with_what_to_do(opened: OpenDesk) -> None:
    desk = await opened(teams=(Team(id="ghosts", name="Ghosts", side=Side.PLATFORM),), services=(), schedules=())
    n = await desk.declare("Odd", 2, services=())
    with pytest.raises(
        Refused, match=r"team Ghosts has no channel and no lead\. Name somebody else: `escalate INC-1 @person`"
    ):
        await desk.escalate(n, "team:ghosts")
    with pytest.raises(Refused, match="there is no team atlantis any more"):
        await desk.escalate(n, "team:atlantis")


async def test_somebody_without_teams_and_mail_is_refused_and_nothing_is_written(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    with pytest.raises(Refused, match="Ben Azar cannot be paged: there is no Teams account for this person"):
        await desk.escalate(n, "person:ben")
    assert await desk.pages(n) == []
    assert await desk.planned(n) == []


async def test_a_policy_by_name_is_begun(opened: OpenDesk) -> None:
    desk = await opened(policy(), policy(step("person:noor"), step("person:ada"), name="managers"))
    n = await desk.declare()
    assert await desk.escalate(n, "policy:Managers") == "I paged Noor Haddad (step 1)."
    assert await desk.escalations(n) == ["critical running 1", "managers running 1"]
    assert await desk.escalate(n, "policy:managers") == "I paged Ada Lovelace (step 2)."
    assert await desk.escalations(n) == ["critical running 1", "managers running 2"]


async def test_a_policy_that_does_not_exist_is_unknown(desk: PagingDesk) -> None:
    n = await desk.declare()
    with pytest.raises(Unknown, match="There is no escalation policy “nope”"):
        await desk.escalate(n, "policy:nope")


# -- the other side -----------------------------------------------------------------------------------------------------------


async def test_bringing_in_operations_pages_whoever_is_on_call_there(desk: PagingDesk) -> None:
    n = await desk.declare()
    assert await desk.bring_in(n, Side.OPERATIONS) == "I paged Zoë Ångström."
    assert (await desk.ledger(n))[-1] == "zoe teams escalated sent"
    assert (await desk.story(n))[-1] == "Brought in Operations: paged Zoë Ångström (it-ops-primary)."


async def test_bringing_in_a_side_without_anybody_on_call_pages_its_lead(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:noor")), schedules=(schedule("payments-primary", "payments", "grace"),))
    n = await desk.declare()
    assert await desk.bring_in(n, Side.OPERATIONS) == "I paged Lin Wei 林薇."
    assert await desk.bring_in(n, Side.ENGINEERING) == "I paged Grace Hopper."


async def test_a_service_without_the_other_side_is_refused(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    with pytest.raises(Refused, match="no service of INC-1 has a team on the operations side"):
        await desk.bring_in(n, Side.OPERATIONS)


async def test_nobody_who_was_brought_in_answers_and_the_thread_is_told(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=1)
    await desk.bring_in(n, Side.OPERATIONS)
    await desk.later(minutes=5)
    assert desk.got("#19:ops@thread.tacv2")[-1].startswith("⚠ INC-1: Zoë Ångström has not acknowledged within 5 min.")
    assert timedelta(minutes=6) == desk.now - at("14:18")
