"""Maintenance that runs holds pages back, says so, and lets them go when it ends: the whole bot with its timed work."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.catalog import Service
from domain.maintenance import MaintenanceState
from domain.paging import PageResult
from domain.timeline import EntryKind
from tests.support.rota import texts
from tests.support.samples import ADA, GRACE, LIN
from tests.usecases.conftest import Desk
from tests.usecases.pager import ORGANISATION, Pager
from usecases import escalations
from usecases.ports import Store

HELD, SENT = PageResult.HELD, PageResult.SENT


@pytest.fixture
async def pager(desk: Desk) -> Pager:
    made = Pager(desk)
    await made.organise()
    return made


async def maintain(
    pager: Pager, services: str = "service:checkout", *, to: str = "today 16:18", at: str = "now"
) -> None:
    """Let Ada plan a window until then, by default from now on, and Lin approve it."""
    await pager.bot.say(f"maintenance schedule Upgrade *the* database {services} from {at} to {to}")
    await pager.settle()
    cards = [m["attachments"][0]["content"] for m in pager.teams.of(LIN) if m.get("attachments")]
    asked = next(c for c in reversed(cards) if "Approve" in [a["title"] for a in c.get("actions", ())])
    await pager.press(LIN, "Approve", asked)


async def results(pager: Pager, number: int = 1) -> list[tuple[int | None, PageResult]]:
    names = {GRACE.id: GRACE.id, LIN.id: LIN.id, ADA.id: ADA.id, None: None}
    return [(names[page.person_id], page.result) for page in await pager.pages(number)]


async def told(pager: Pager, number: int = 1) -> Sequence[str]:
    """Read what the timeline says about holding."""
    return [entry.text for entry in await pager.desk.story(number) if entry.kind is EntryKind.HELD]


async def shown(pager: Pager, number: int = 1) -> str:
    """Read the status card."""
    answer = await pager.bot.press("incident.view", {"incident": number})
    return texts(answer["value"])


async def test_severity_3_waits_for_the_end_and_everybody_can_see_it(pager: Pager) -> None:
    await maintain(pager)
    await pager.declare(severity=3)
    assert await results(pager) == [(GRACE.id, HELD)]
    (said,) = await told(pager)
    assert said == (
        "Step 1 of critical would have paged Grace Hopper (payments-primary). "
        "It is held back by maintenance 1 “Upgrade *the* database”."
    )
    assert (
        "◷ **Pages are held back** by maintenance 1 “Upgrade \\*the\\* database” (planned end 16:18 UTC). "
        "Then it pages Grace Hopper. Press Escalate to page now."
    ) in await shown(pager)
    await pager.passes(hours=1)
    assert await results(pager) == [(GRACE.id, HELD)]
    await pager.bot.say("maintenance done 1 all fine")
    await pager.settle()
    assert await results(pager) == [(GRACE.id, HELD), (GRACE.id, SENT)]
    assert (await told(pager))[-1] == "Maintenance 1 is over: paging by critical goes on."
    assert "held back" not in await shown(pager)
    await pager.passes(minutes=5)
    assert (await results(pager))[-1] == (LIN.id, SENT)


async def test_while_it_overruns_pages_are_still_held_and_nothing_is_said_twice(pager: Pager) -> None:
    await maintain(pager)
    await pager.declare(severity=3)
    await pager.passes(hours=4)
    window = await pager.desk.see(lambda store: store.maintenance.get(1))
    assert window is not None
    assert window.state is MaintenanceState.OVERRUN
    assert await results(pager) == [(GRACE.id, HELD)]
    assert len(await told(pager)) == 1
    await pager.bot.say("maintenance cancel 1 gave up")
    await pager.settle()
    assert (await results(pager))[-1] == (GRACE.id, SENT)


@pytest.mark.parametrize("severity", [1, 2])
async def test_a_major_incident_pages_at_once_and_the_owner_hears_of_it(pager: Pager, severity: int) -> None:
    await maintain(pager)
    await pager.declare(severity=severity)
    assert await results(pager) == [(GRACE.id, SENT)]
    said = [text for text in pager.sentences(ADA) if "Its pages go out at once" in text]
    assert len(said) == 1
    assert f"INC-1 “Checkout is down”, severity {severity}, on checkout" in said[0]


async def test_raised_in_the_window_it_pages_at_once(pager: Pager) -> None:
    await maintain(pager)
    await pager.declare(severity=3)
    await pager.bot.say("severity INC-1 2")
    await pager.settle()
    assert await results(pager) == [(GRACE.id, HELD), (GRACE.id, SENT)]
    assert any("raised INC-1" in text for text in pager.sentences(ADA))


async def test_whoever_escalates_by_hand_pages_at_once_and_the_steps_go_on(pager: Pager) -> None:
    await maintain(pager)
    await pager.declare(severity=3)
    await pager.bot.say("escalate INC-1")
    await pager.settle()
    assert await results(pager) == [(GRACE.id, HELD), (GRACE.id, SENT)]
    await pager.passes(minutes=5)
    assert (await results(pager))[-1] == (LIN.id, SENT)


async def test_acknowledged_or_resolved_meanwhile_nobody_is_paged_at_the_end(pager: Pager) -> None:
    await maintain(pager)
    for number in (1, 2):
        await pager.declare(f"Trouble {number}", severity=3)
    await pager.bot.say("ack INC-1")
    await pager.bot.say("resolve INC-2 by itself")
    await pager.bot.say("maintenance done 1 fine")
    await pager.passes(hours=1)
    assert [await results(pager, number) for number in (1, 2)] == [[(GRACE.id, HELD)]] * 2


async def test_what_began_before_the_window_stops_at_its_next_step(pager: Pager) -> None:
    await maintain(pager, at="today 14:20")
    await pager.declare(severity=3)
    await pager.passes(minutes=30)
    assert await results(pager) == [(GRACE.id, SENT), (LIN.id, HELD)]
    await pager.bot.say("maintenance done 1 fine")
    await pager.settle()
    assert (await results(pager))[-1] == (LIN.id, SENT)


async def test_another_service_that_is_broken_too_is_paged_for(pager: Pager) -> None:
    twin = Service(id="gateway", name="Gateway", owner="payments", operations="it-ops", escalation_policy="critical")
    await pager.organise(replace(ORGANISATION, services=(*ORGANISATION.services, twin)))
    await maintain(pager)
    await pager.bot.say("declare Both are down sev3 service:checkout service:gateway")
    await pager.settle()
    assert await results(pager) == [(GRACE.id, SENT)]


async def test_a_second_window_holds_on_until_it_ends_too(pager: Pager) -> None:
    await maintain(pager)
    await pager.passes(minutes=1)  # the rates of Lin's chat
    await maintain(pager, to="today 18:00")
    await pager.declare(severity=3)
    await pager.bot.say("maintenance done 1 fine")
    await pager.passes(hours=1)
    assert await results(pager) == [(GRACE.id, HELD)]
    await pager.bot.say("maintenance done 2 fine")
    await pager.settle()
    assert (await results(pager))[-1] == (GRACE.id, SENT)


async def test_a_window_that_waits_for_its_approval_holds_nothing(pager: Pager) -> None:
    await pager.bot.say("maintenance schedule Upgrade service:checkout from now to today 16:18")
    await pager.settle()
    await pager.declare(severity=3)
    assert await results(pager) == [(GRACE.id, SENT)]


async def test_severity_4_is_let_go_into_working_hours_only(pager: Pager) -> None:
    await maintain(pager, to="today 17:30")
    await pager.declare(severity=4)
    assert await results(pager) == [(GRACE.id, HELD)]
    await pager.passes(hours=4)
    await pager.bot.say("maintenance done 1 fine")
    await pager.passes(hours=1)
    assert await results(pager) == [(GRACE.id, HELD)]
    assert "waits for working hours" in await shown(pager)
    await pager.passes(hours=24)
    assert (GRACE.id, SENT) in await results(pager)


async def test_a_window_that_vanished_without_a_word_lets_go_by_itself(pager: Pager) -> None:
    await maintain(pager, to="today 14:25")
    await pager.declare(severity=3)

    def vanish(store: Store) -> None:
        window = store.maintenance.get(1)
        assert window is not None
        store.maintenance.save(
            replace(window, state=MaintenanceState.DONE, version=window.version + 1), seen=window.version
        )

    await pager.desk.db.write(vanish)
    await pager.passes(minutes=16)
    assert (GRACE.id, SENT) in await results(pager)


async def test_let_go_twice_it_pages_once(pager: Pager) -> None:
    await maintain(pager)
    await pager.declare(severity=3)
    await pager.bot.say("maintenance done 1 fine")

    def again(store: Any) -> None:
        window = store.maintenance.get(1)
        escalations.plan_release(store, replace(window, version=99), pager.desk.now)

    await pager.desk.db.write(again)
    await pager.settle()
    assert await results(pager) == [(GRACE.id, HELD), (GRACE.id, SENT)]
