"""Steps that want several people: who is left to page after the first ones have answered, and what is said of it."""

import pytest

from domain.paging import PageReason
from tests.support.paged_organisation import PLATFORM_CHANNEL, policy, step
from tests.support.paging_desk import PagingDesk
from tests.usecases.conftest import OpenDesk
from usecases import ledger
from usecases.targets import Audience, Found


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Two of Ada, Grace and Zoë, after 5 minutes Noor; once more."""
    three = step("person:ada", "person:grace", "person:zoe", acknowledgements=2)
    return await opened(policy(three, step("person:noor"), repeat=1))


# -- who is left to page --------------------------------------------------------------------------------------------------


async def test_who_has_acknowledged_is_not_paged_in_the_next_round(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=14)
    assert desk.got("grace", again=False) == ["PAGE INC-1 SEV2 Major: Checkout is down"]
    assert [to for to, at in desk.paged() if at == "14:28:00"] == ["ada", "zoe"]
    assert (await desk.story(n))[-1] == "Step 1 of critical (round 2 of 2) paged Ada Lovelace and Zoë Ångström."
    assert not any(sent.to == "@grace@example.org" for sent in desk.sent)
    await desk.ack("zoe", n)
    assert await desk.escalations(n) == ["critical acknowledged 3"]


async def test_a_step_whose_people_have_all_acknowledged_is_passed_over_and_said(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada", "person:grace", acknowledgements=2), step("person:ada"), repeat=1))
    n = await desk.declare()
    await desk.ack("ada", n)
    await desk.later(minutes=5)
    assert desk.paged()[2:] == [("grace", "14:23:00")]
    assert (await desk.story(n))[-2:] == [
        "Step 2 of critical reached nobody: Ada Lovelace has acknowledged already. Passed over.",
        "Step 1 of critical (round 2 of 2) paged Grace Hopper.",
    ]


async def test_several_who_have_acknowledged_are_named_beside_the_other_reasons(opened: OpenDesk) -> None:
    first = step("person:ada", "person:grace", "person:zoe", acknowledgements=3)
    desk = await opened(policy(first, step("person:ada", "person:grace", "schedule:payments-secondary")))
    n = await desk.declare()
    await desk.ack("ada", n)
    await desk.ack("grace", n)
    await desk.later(minutes=5)
    assert (
        "Step 2 of critical reached nobody: schedule payments-secondary has nobody on call until "
        "2026-11-24 09:00 UTC; Ada Lovelace and Grace Hopper have acknowledged already. Passed over."
    ) in await desk.story(n)


async def test_the_last_resort_is_not_somebody_who_has_acknowledged(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada", "person:noor", acknowledgements=2), last_resort="team:platform"))
    n = await desk.declare()
    await desk.ack("noor", n)
    await desk.later(minutes=5)
    assert desk.paged()[2:] == [(f"#{PLATFORM_CHANNEL}", "14:23:00")]


async def test_escalating_by_hand_pages_the_missing_people_too(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=1)
    assert await desk.escalate(n) == "I paged Noor Haddad (step 2)."
    assert await desk.escalate(n) == "I paged Ada Lovelace and Zoë Ångström (step 1)."


async def test_what_begins_anew_by_hand_asks_everybody_again(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=30)
    assert await desk.escalations(n) == ["critical exhausted 5"]
    assert await desk.escalate(n) == "I paged Ada Lovelace, Grace Hopper and Zoë Ångström (step 1)."
    assert (await desk.ack("grace", n)).notice == "1 of 2 people have acknowledged INC-1."


async def test_a_page_of_somebody_who_has_acknowledged_is_settled_by_a_press_all_the_same(desk: PagingDesk) -> None:
    """It was written by a version that paged everybody again."""
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=1)
    running = (await desk.running(n))[0]
    incident = await desk.incident(n)
    asked = ledger.Asked(reason=PageReason.STEP, due_at=desk.now, wait=running.policy.steps[0].wait, escalation_id=1)
    grace = Audience(people=(Found(desk.people["grace"], "person:grace"),))
    page = (await desk.do(lambda store: ledger.page_all(store, incident, grace, asked)))[0]
    await desk.runs()
    assert await desk.press("grace", page.id) == "1 of 2 people have acknowledged INC-1."
    assert await desk.escalations(n) == ["critical running 1"]
    assert [row for row in await desk.ledger(n) if row.startswith("grace") and not row.endswith("acked")] == []
    last = [sent for sent in desk.sent if sent.to == "grace"][-1]
    assert last.again
    assert "Acknowledge" not in last.buttons
    assert await desk.press("grace", page.id) == (
        "Grace Hopper acknowledged INC-1 at 14:18 UTC. 1 of 2 people have acknowledged INC-1."
    )


# -- what is said of it -----------------------------------------------------------------------------------------------------


async def test_after_all_rounds_it_is_said_how_many_have_acknowledged(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=30)
    said = "Only 1 of 2 people have acknowledged after all rounds of critical."
    assert (await desk.story(n))[-1] == said
    assert desk.got("#19:ops@thread.tacv2")[-1] == (f"⚠ INC-1: {said} Write `escalate INC-1 @person` to page somebody.")


async def test_the_last_resort_hears_how_many_have_acknowledged(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada", "person:grace", acknowledgements=2), last_resort="person:noor"))
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.later(minutes=5)
    assert (await desk.story(n))[-1] == ("Only 1 of 2 people acknowledged: the last resort, Noor Haddad, was paged.")
    page = next(sent for sent in desk.sent if sent.to == "noor")
    assert "Only 1 of 2 people have answered so far: you are the last resort." in str(page.activity)


async def test_where_nobody_of_several_has_acknowledged_nobody_has(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=30)
    assert (await desk.story(n))[-1] == "Nobody has acknowledged after all rounds of critical."
