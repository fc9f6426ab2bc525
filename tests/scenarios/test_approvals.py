"""Decisions over HTTP: by whoever may, once, in time; every copy is redrawn, and whoever asked hears how it ended."""

import asyncio
from datetime import timedelta

from tests.scenarios.windows import (
    CAST,
    HOUR,
    MINUTE,
    approval,
    approve,
    asked,
    becomes,
    plan,
    presses,
    running,
    says,
    typed,
    window,
)
from tests.scenarios.world import World, eventually


async def test_one_yes_redraws_every_copy_and_whoever_asked_hears_of_it(world: World) -> None:
    play = await world.scene(CAST)
    number, _, _ = await plan(play)
    await asked(play, number, "grace")
    await presses(play, "ada", await asked(play, number), "Approve", comment="after 20:00")
    graces = await play.hears("grace", f"Maintenance {number}:", "approved it")
    assert graces.buttons() == []
    await play.hears("tom", f"Maintenance {number}:", "approved it", "after 20:00")
    found = await approval(play, number)
    assert (found["state"], found["needed"], len(found["votes"])) == ("approved", 1, 1)
    assert found["votes"][0]["comment"] == "after 20:00"


async def test_both_press_at_the_same_moment_and_one_decides(pair: World) -> None:
    play = await pair.scene(CAST)
    number, _, _ = await plan(play)
    cards = [(who, await asked(play, number, who)) for who in ("ada", "grace")]
    await asyncio.gather(
        presses(play, *cards[0], "Approve"), presses(play, *cards[1], "Reject", comment="Not on a Saturday")
    )
    found = await approval(play, number)
    assert found["state"] in ("approved", "rejected")
    assert len(found["votes"]) == 1
    await becomes(play, number, {"approved": "planned", "rejected": "cancelled"}[found["state"]])


async def test_pressed_twice_it_counts_once(world: World) -> None:
    play = await world.scene(CAST)
    number, _, _ = await plan(play)
    card = await asked(play, number)
    await asyncio.gather(*(presses(play, "ada", card, "Approve") for _ in range(3)))
    assert len((await approval(play, number))["votes"]) == 1
    await play.hears("tom", "approved it")
    assert len(await play.heard("tom", "approved it")) == 1


async def test_a_no_needs_a_word_and_cancels_with_it(world: World) -> None:
    play = await world.scene(CAST)
    number, _, _ = await plan(play)
    card = await asked(play, number)
    silent = await presses(play, "ada", card, "Reject")
    assert (await approval(play, number))["state"] == "pending", silent
    await presses(play, "ada", card, "Reject", comment="The <at>restore</at> test *runs* then")
    await becomes(play, number, "cancelled")
    assert (await window(play, number))["reason"].endswith("rejected it: The <at>restore</at> test *runs* then")


async def test_rejected_it_is_moved_and_asked_again(world: World) -> None:
    play = await world.scene(CAST)
    number, starts_at, ends_at = await plan(play)
    await presses(play, "ada", await asked(play, number), "Reject", comment="Sunday is better")
    await becomes(play, number, "cancelled")
    day = timedelta(days=1)
    await says(play, f"maintenance move {number} from {typed(starts_at + day)} to {typed(ends_at + day)}", "Waiting")
    assert (await approval(play, number))["state"] == "pending"
    card = await play.hears("grace", f"Maintenance {number}:", "Approve", typed(starts_at + day))
    await presses(play, "grace", card, "Approve")
    await becomes(play, number, "planned")


async def test_whoever_asked_cannot_approve_and_may_withdraw(world: World) -> None:
    play = await world.scene(CAST)
    number, _, _ = await plan(play)
    card = await says(play, "approvals", "You asked")
    opened = await world.teams.press(play.id("tom"), card, card.buttons()[0])
    assert opened.kind == "card"
    shown = await play.hears("tom", "Withdraw")
    await presses(play, "tom", shown, "Withdraw")
    await becomes(play, number, "cancelled")
    assert (await approval(play, number))["state"] == "withdrawn"


async def test_reminded_then_the_lead_then_it_expires_at_the_start(world: World) -> None:
    play = await world.scene(CAST)
    number, starts_at, _ = await plan(play, ahead=timedelta(hours=8))
    await asked(play, number, "grace")
    await world.to(starts_at - 4 * HOUR)

    async def cards() -> int:
        return len(await play.heard("grace", f"Maintenance {number}:", "Comment (needed to reject)"))

    await eventually(cards, 2)
    await world.to(starts_at - 2 * HOUR + MINUTE)
    await play.hears("ada", f"Maintenance {number}:", "waits for a decision")
    await world.to(starts_at)
    await becomes(play, number, "cancelled")
    assert (await approval(play, number))["state"] == "expired"
    await play.hears("tom", "Nobody decided it in time")
    assert (await window(play, number))["state"] == "cancelled"


async def test_an_end_that_is_moved_while_it_runs_needs_no_other_yes(world: World) -> None:
    play = await world.scene(CAST)
    number, ends_at = await running(play)
    later = ends_at + HOUR
    await says(play, f"maintenance move {number} from {typed(ends_at - 2 * HOUR)} to {typed(later)}", "running")
    assert (await approval(play, number))["state"] == "approved"
    await world.to(ends_at + MINUTE)
    await becomes(play, number, "in_progress")
    await world.to(later)
    await becomes(play, number, "overrun")


async def test_killed_between_question_and_answer_nothing_is_lost(world: World) -> None:
    play = await world.scene(CAST)
    number, _, _ = await plan(play)
    await asyncio.to_thread(world.bots[0].kill)
    await asyncio.to_thread(world.restart)
    await approve(play, number)

    async def state() -> str:
        return (await approval(play, number))["state"]

    await eventually(state, "approved")
    await play.hears("tom", "approved it")
    assert len(await play.heard("tom", "approved it")) == 1
