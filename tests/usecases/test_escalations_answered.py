"""What an acknowledgement does: by anybody, anywhere, once; by several where a step wants several; and then silence."""

from datetime import timedelta

import pytest

from domain.catalog import Service
from domain.incident import Status
from domain.timeline import EntryKind
from tests.support.paged_organisation import at, policy, step, without
from tests.support.paging_desk import PagingDesk
from tests.usecases.conftest import OpenDesk


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace, after 5 minutes Zoë, after 5 more Ada, for 10."""
    return await opened()


# -- one is enough ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["grace", "noor"])
async def test_anybody_can_acknowledge_and_it_stops(desk: PagingDesk, who: str) -> None:
    n = await desk.declare()
    result = await desk.ack(who, n)
    assert result.notice is None
    assert await desk.escalations(n) == ["critical acknowledged 1"]
    assert await desk.planned(n) == []
    await desk.later(hours=2)
    assert desk.paged() == [("grace", "14:18:00")]


async def test_the_others_are_told_once_and_the_one_who_took_it_is_not(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=11)  # Grace, Zoë and Ada are paged
    await desk.ack("zoe", n)
    said = "Zoë Ångström acknowledged INC-1. You need not do anything."
    assert desk.got("grace")[1:] == [said]
    assert desk.got("ada")[1:] == [said]
    assert desk.got("zoe")[1:] == []
    await desk.ack("zoe", n)
    await desk.change("zoe", lambda i, p, t: i.resolve(p, n, "", t))
    await desk.later(minutes=30)
    assert desk.got("grace").count(said) == 1
    assert len(desk.got("grace")) == 2


async def test_the_cards_of_all_pages_lose_their_button(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=6)
    assert all("Acknowledge" in sent.buttons for sent in desk.sent if sent.page)
    await desk.ack("noor", n)
    redrawn = [sent for sent in desk.sent if sent.again]
    assert sorted(sent.to for sent in redrawn) == ["grace", "zoe"]
    assert not any("Acknowledge" in sent.buttons for sent in redrawn)
    assert all("Noor Haddad" in str(sent.activity) for sent in redrawn)


async def test_the_ledger_marks_who_answered(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=5, seconds=7)
    await desk.ack("zoe", n)
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "zoe teams 2/1 sent acked"]
    assert [page.acknowledged_at for page in await desk.pages(n)] == [None, desk.now]


async def test_a_page_that_is_not_sent_yet_never_is(desk: PagingDesk) -> None:
    desk.down = True
    n = await desk.declare()
    assert await desk.ledger(n) == ["grace teams 1/1 pending"]
    await desk.ack("ada", n)
    assert await desk.ledger(n) == ["grace teams 1/1 not_needed"]
    desk.down = False
    await desk.later(minutes=10)
    assert desk.paged() == []
    assert desk.got("grace") == []


async def test_one_who_acknowledges_before_the_page_arrives_is_in_the_ledger(desk: PagingDesk) -> None:
    desk.down = True
    n = await desk.declare()
    await desk.ack("grace", n)
    assert await desk.ledger(n) == ["grace teams 1/1 not_needed acked"]


async def test_acknowledging_before_the_first_step_pages_nobody(desk: PagingDesk) -> None:
    n = await desk.declared()
    await desk.ack("ada", n)
    await desk.later(minutes=30)
    assert await desk.pages(n) == []
    assert await desk.escalations(n) == ["critical acknowledged 0"]


async def test_acknowledging_after_the_last_round_counts_too(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(hours=1)
    await desk.ack("ada", n)
    assert await desk.escalations(n) == ["critical acknowledged 4"]
    assert desk.got("grace")[-1] == "Ada Lovelace acknowledged INC-1. You need not do anything."


async def test_acknowledging_before_working_hours_wakes_nobody_later(desk: PagingDesk) -> None:
    desk.sleeps(hours=8)
    n = await desk.declare("A typo", 4)
    await desk.ack("ada", n)
    await desk.later(hours=48)
    assert await desk.pages(n) == []


async def test_a_second_acknowledgement_hears_who_was_faster(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    result = await desk.ack("zoe", n)
    assert result.notice == "Grace Hopper acknowledged INC-1 at 14:18 UTC."
    assert len(await desk.story(n)) == 3


# -- several people -----------------------------------------------------------------------------------------------------


async def both(opened: OpenDesk) -> PagingDesk:
    first = step("schedule:payments-primary", "schedule:it-ops-primary", acknowledgements=2)
    return await opened(policy(first, step("person:ada"), step("person:noor")))


async def test_a_step_that_wants_two_people_goes_on_after_the_first(opened: OpenDesk) -> None:
    desk = await both(opened)
    n = await desk.declare()
    first = await desk.ack("grace", n)
    assert first.notice == "1 of 2 people have acknowledged INC-1."
    assert await desk.escalations(n) == ["critical running 1"]
    assert desk.got("zoe")[1:] == []
    assert await desk.ledger(n) == ["grace teams 1/1 sent acked", "zoe teams 1/1 sent"]


async def test_the_second_person_ends_it_and_everybody_else_hears_both_names(opened: OpenDesk) -> None:
    desk = await both(opened)
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=5)  # Ada is paged, although the incident is acknowledged
    assert desk.paged()[-1] == ("ada", "14:23:00")
    # The step that runs now wants one: whoever comes next ends it.
    second = await desk.ack("zoe", n)
    assert await desk.escalations(n) == ["critical acknowledged 2"]
    assert second.view.incident.acknowledged_by == desk.people["grace"].id
    assert desk.got("ada")[-1] == "Grace Hopper and Zoë Ångström acknowledged INC-1. You need not do anything."
    await desk.later(hours=1)
    assert len(desk.paged()) == 3


async def test_two_of_two_is_said(opened: OpenDesk) -> None:
    desk = await both(opened)
    n = await desk.declare()
    await desk.ack("grace", n)
    assert (await desk.ack("ada", n)).notice == "2 of 2 people have acknowledged INC-1."
    assert await desk.escalations(n) == ["critical acknowledged 1"]
    kinds = await desk.see(lambda store: [entry.kind for entry in store.timeline.page(n)])
    assert kinds.count(EntryKind.ACKNOWLEDGED) == 2


async def test_the_same_person_twice_is_one_of_two(opened: OpenDesk) -> None:
    desk = await both(opened)
    n = await desk.declare()
    await desk.ack("grace", n)
    again = await desk.ack("grace", n)
    assert again.notice == ("Grace Hopper acknowledged INC-1 at 14:18 UTC. 1 of 2 people have acknowledged INC-1.")
    assert await desk.escalations(n) == ["critical running 1"]
    assert len(await desk.story(n)) == 3


async def test_a_page_that_waits_is_still_sent_while_a_step_wants_more_people(opened: OpenDesk) -> None:
    desk = await both(opened)
    desk.down = True
    n = await desk.declare()
    await desk.ack("grace", n)
    desk.down = False
    await desk.later(minutes=1)
    assert [to for to, _ in desk.paged()] == ["zoe"]


async def test_two_policies_stop_each_when_it_has_enough(opened: OpenDesk) -> None:
    two = (
        Service(id="checkout", name="Checkout", owner="payments", escalation_policy="critical"),
        Service(id="gateway", name="Gateway", owner="payments", escalation_policy="pair"),
    )
    pair = policy(step("person:ada", acknowledgements=2), name="pair")
    desk = await opened(policy(), pair, services=two)
    n = await desk.declare("Both", 2, "checkout", "gateway")
    await desk.ack("grace", n)
    assert await desk.escalations(n) == ["critical acknowledged 1", "pair running 1"]
    assert len(await desk.planned(n)) == 1
    await desk.ack("ada", n)
    assert await desk.escalations(n) == ["critical acknowledged 1", "pair acknowledged 1"]


# -- acknowledged, and then nothing ---------------------------------------------------------------------------------------


async def quiet_desk(opened: OpenDesk, **more: object) -> PagingDesk:
    return await opened(policy(ack_timeout=timedelta(minutes=30), **more))


async def test_silence_after_an_acknowledgement_begins_again(opened: OpenDesk) -> None:
    desk = await quiet_desk(opened)
    n = await desk.declare()
    await desk.later(minutes=2)
    await desk.ack("ada", n)
    await desk.later(minutes=29, seconds=59)
    assert len(desk.paged()) == 1
    await desk.later(seconds=1)
    assert desk.paged()[1:] == [("ada", "14:50:00"), ("grace", "14:50:00")]
    assert (await desk.story(n))[-2:] == [
        (
            "No sign of work in the 30 min after Ada Lovelace acknowledged: "
            "Ada Lovelace is paged again, and critical begins again at step 1."
        ),
        "Step 1 of critical paged Grace Hopper (payments-primary).",
    ]
    assert (await desk.incident(n)).acknowledged_at is None
    await desk.later(minutes=5)
    assert desk.paged()[-1] == ("zoe", "14:55:00")


async def test_after_that_it_can_be_acknowledged_again(opened: OpenDesk) -> None:
    desk = await quiet_desk(opened)
    n = await desk.declare()
    await desk.ack("ada", n)
    await desk.later(minutes=31)
    assert (await desk.ack("ada", n)).notice is None
    assert await desk.escalations(n) == ["critical acknowledged 1"]
    assert desk.got("grace")[-1] == "Ada Lovelace acknowledged INC-1. You need not do anything."
    await desk.later(minutes=30)
    assert desk.paged()[-2:] == [("ada", "15:19:00"), ("grace", "15:19:00")]


async def test_the_one_who_is_also_on_call_gets_one_message(opened: OpenDesk) -> None:
    desk = await quiet_desk(opened)
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=30)
    assert desk.paged() == [("grace", "14:18:00"), ("grace", "14:48:00")]
    assert await desk.ledger(n) == ["grace teams 1/1 sent acked", "grace teams quiet sent", "grace teams 1/1 sent"]


async def test_a_sign_of_work_puts_it_off(opened: OpenDesk) -> None:
    desk = await quiet_desk(opened)
    n = await desk.declare()
    await desk.ack("ada", n)
    await desk.later(minutes=20)
    await desk.change("grace", lambda i, p, t: i.note(p, n, "Rolling back", t))
    await desk.later(minutes=29)
    assert len(desk.paged()) == 1
    await desk.change("ada", lambda i, p, t: i.change_status(p, n, Status.IDENTIFIED, t))
    await desk.later(minutes=29)
    assert len(desk.paged()) == 1
    await desk.later(minutes=1)
    assert desk.paged()[1:] == [("ada", "15:37:00"), ("grace", "15:37:00")]


async def test_what_is_resolved_may_be_silent(opened: OpenDesk) -> None:
    desk = await quiet_desk(opened)
    n = await desk.declare()
    await desk.ack("ada", n)
    await desk.change("ada", lambda i, p, t: i.resolve(p, n, "", t))
    await desk.later(hours=3)
    assert len(desk.paged()) == 1


async def test_without_a_timeout_silence_is_nobodys_business(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("ada", n)
    await desk.later(hours=24)
    assert desk.paged() == [("grace", "14:18:00")]
    assert await desk.planned(n) == []


async def test_silence_on_severity_4_waits_for_working_hours_too(opened: OpenDesk) -> None:
    desk = await opened(policy(ack_timeout=timedelta(hours=4)))
    n = await desk.declare("A typo", 4)
    await desk.ack("ada", n)  # Monday 14:18; four hours later the day is over
    await desk.later(hours=18, minutes=41)
    assert len(desk.paged()) == 1
    await desk.later(minutes=1)
    assert desk.paged()[1:] == [("ada", "09:00:00"), ("grace", "09:00:00")]


async def test_a_person_who_left_is_not_paged_again_and_the_chain_begins_all_the_same(opened: OpenDesk) -> None:
    desk = await quiet_desk(opened)
    n = await desk.declare()
    await desk.ack("noor", n)
    await desk.imports(people=without("noor"), teams=(), services=(), schedules=(), escalation_policies=())
    await desk.later(minutes=30)
    assert "No sign of work in the 30 min after Noor Haddad acknowledged: critical begins again at step 1." in (
        await desk.story(n)
    )
    assert at("14:48") == desk.now


# -- acknowledged, and then nothing, with two policies ------------------------------------------------------------------


async def two_quiet(opened: OpenDesk, first: timedelta, second: timedelta) -> PagingDesk:
    """Grace is paged for checkout, Zoë for the gateway; each policy looks again after a time of its own."""
    services = (
        Service(id="checkout", name="Checkout", owner="payments", escalation_policy="one"),
        Service(id="gateway", name="Gateway", owner="payments", escalation_policy="two"),
    )
    return await opened(
        policy(step("person:grace"), name="one", ack_timeout=first),
        policy(step("person:zoe"), name="two", ack_timeout=second),
        services=services,
    )


async def test_two_policies_begin_again_together_and_one_message_goes_to_whoever_had_it(opened: OpenDesk) -> None:
    desk = await two_quiet(opened, timedelta(minutes=30), timedelta(minutes=30))
    n = await desk.declare("Both", 2, "checkout", "gateway")
    await desk.ack("ada", n)
    await desk.later(minutes=30)
    assert desk.paged()[2:] == [("ada", "14:48:00"), ("grace", "14:48:00"), ("zoe", "14:48:00")]
    assert await desk.escalations(n) == ["one running 1", "two running 1"]
    assert [text for text in await desk.story(n) if text.startswith("No sign")] == [
        (
            "No sign of work in the 30 min after Ada Lovelace acknowledged: "
            "Ada Lovelace is paged again, and one begins again at step 1."
        ),
        "No sign of work for 30 min: two begins again at step 1.",
    ]
    await desk.ack("ada", n)
    assert await desk.escalations(n) == ["one acknowledged 1", "two acknowledged 1"]
    await desk.later(minutes=29)
    assert len(desk.paged()) == 5
    await desk.later(minutes=1)
    assert desk.paged()[5:] == [("ada", "15:18:00"), ("grace", "15:18:00"), ("zoe", "15:18:00")]


async def test_a_policy_with_a_longer_timeout_begins_again_at_its_own_moment(opened: OpenDesk) -> None:
    desk = await two_quiet(opened, timedelta(minutes=30), timedelta(hours=1))
    n = await desk.declare("Both", 2, "checkout", "gateway")
    await desk.ack("ada", n)
    await desk.later(minutes=59)
    assert desk.paged()[2:] == [("ada", "14:48:00"), ("grace", "14:48:00")]
    await desk.later(minutes=1)
    assert desk.paged()[4:] == [("zoe", "15:18:00")]


async def test_an_acknowledgement_in_between_puts_the_longer_timeout_off(opened: OpenDesk) -> None:
    desk = await two_quiet(opened, timedelta(minutes=30), timedelta(hours=1))
    n = await desk.declare("Both", 2, "checkout", "gateway")
    await desk.ack("ada", n)
    await desk.later(minutes=32)
    await desk.ack("noor", n)  # 14:50
    await desk.later(minutes=59)
    assert [when for who, when in desk.paged() if who == "zoe"] == ["14:18:00"]
    await desk.later(minutes=1)
    assert desk.paged()[-1] == ("zoe", "15:50:00")
    await desk.ack("grace", n)
    assert await desk.escalations(n) == ["one acknowledged 2", "two acknowledged 1"]
