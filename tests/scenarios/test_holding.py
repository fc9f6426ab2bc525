"""Pages and maintenance over HTTP: held in the open while it runs, sent when it ends, at once where it cannot wait."""

import asyncio

import pytest

from tests.scenarios.windows import CAST, HOUR, MINUTE, PAGED, approve, becomes, plan, running, says
from tests.scenarios.world import World


async def test_held_while_it_runs_and_sent_when_it_ends(pair: World) -> None:
    play = await pair.scene(PAGED)
    number, _ = await running(play)
    ref = await play.declare(sev=3)
    await play.paged(ref, "grace step 1 +0:00 held")
    await play.told(play.room, "Pages are held back", f"maintenance {number}", "Then it pages Grace")
    assert await play.heard("grace", ref) == []
    await pair.advance("PT30M")
    await play.paged(ref, "grace step 1 +0:00 held")
    await says(play, f"maintenance done {number} 12 min", "Done")
    await play.page("grace", ref)
    await play.paged_at_last(ref, "grace step 1 +30:00 sent")
    assert [text for text in await play.story(ref, "held") if "is over" in text]
    await pair.advance("PT5M")
    await play.paged_at_last(ref, "ada step 2 +35:00 sent")


async def test_what_outlives_the_window_and_its_overrun_is_paged_at_the_end(world: World) -> None:
    play = await world.scene(PAGED)
    number, ends_at = await running(play, lasts=10 * MINUTE)
    ref = await play.declare(sev=3)
    await world.to(ends_at + 2 * HOUR)
    await becomes(play, number, "overrun")
    await play.paged(ref, "grace step 1 +0:00 held")
    await says(play, f"maintenance cancel {number} gave up", "Cancelled")
    await play.page("grace", ref)
    assert len(await play.story(ref, "held")) == 2


async def test_resolved_in_the_window_nobody_is_paged(world: World) -> None:
    play = await world.scene(PAGED)
    number, _ = await running(play)
    ref = await play.declare(sev=3)
    await play.paged(ref, "grace step 1 +0:00 held")
    await says(play, f"resolve {ref} part of the work", "resolved")
    await says(play, f"maintenance done {number} fine", "Done")
    await world.advance("PT1H")
    await play.paged(ref, "grace step 1 +0:00 held")
    assert await play.heard("grace", ref) == []


@pytest.mark.parametrize("severity", [1, 2])
async def test_a_major_incident_pages_at_once_and_its_owner_hears_of_it(world: World, severity: int) -> None:
    play = await world.scene(PAGED)
    await running(play)
    ref = await play.declare(sev=severity)
    await play.page("grace", ref)
    await play.hears("tom", ref, f"severity {severity}", "Its pages go out at once")
    await play.delivered(ref)
    assert await play.ledger(ref) == ["grace step 1 +0:00 sent"]


async def test_raised_in_the_window_it_pages_at_once(world: World) -> None:
    play = await world.scene(PAGED)
    await running(play)
    ref = await play.declare(sev=3)
    await play.paged(ref, "grace step 1 +0:00 held")
    await says(play, f"severity {ref} 2", ref)
    await play.page("grace", ref)
    await play.hears("tom", "raised", ref)


async def test_escalated_by_hand_it_pages_at_once(world: World) -> None:
    play = await world.scene(PAGED)
    await running(play)
    ref = await play.declare(sev=3)
    await play.paged(ref, "grace step 1 +0:00 held")
    card = await play.told(play.room, "Pages are held back", ref)
    assert "Escalate" in card.buttons()
    await says(play, f"escalate {ref}", "I paged Grace")
    await play.page("grace", ref)


async def test_what_was_paged_before_is_held_from_the_next_step_on(world: World) -> None:
    play = await world.scene(PAGED)
    number, starts_at, _ = await plan(play, ahead=3 * MINUTE)
    await approve(play, number)
    ref = await play.declare(sev=3)
    await play.page("grace", ref)
    await world.to(starts_at + 10 * MINUTE)
    await play.paged_at_last(ref, "ada step 2 +5:00 held")
    await says(play, f"maintenance done {number} fine", "Done")
    await play.page("ada", ref)


async def test_windows_of_others_hold_nothing_of_mine(world: World) -> None:
    play = await world.scene(PAGED)
    await running(play)
    other = await world.scene(PAGED)
    ref = await other.declare(sev=3)
    await other.page("grace", ref)


async def test_killed_while_pages_are_held_they_are_sent_all_the_same(world: World) -> None:
    play = await world.scene(PAGED)
    number, _ = await running(play)
    ref = await play.declare(sev=3)
    await play.paged(ref, "grace step 1 +0:00 held")
    await asyncio.to_thread(world.bots[0].kill)
    await asyncio.to_thread(world.restart)
    await says(play, f"maintenance done {number} fine", "Done")
    await play.page("grace", ref)
    await play.delivered(ref)
    assert [line.rpartition(" ")[2] for line in await play.ledger(ref)] == ["held", "sent"]


async def test_a_window_that_nobody_approved_holds_nothing(world: World) -> None:
    play = await world.scene(PAGED)
    _, starts_at, _ = await plan(play, ahead=3 * MINUTE)
    await world.to(starts_at + MINUTE)
    ref = await play.declare(sev=3)
    await play.page("grace", ref)


async def test_without_a_policy_there_is_nothing_to_hold(world: World) -> None:
    play = await world.scene(CAST)
    await running(play)
    ref = await play.declare(sev=3)
    await world.advance("PT10M")
    assert await play.ledger(ref) == []
