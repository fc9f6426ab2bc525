"""Maintenance windows on a moving clock: planned, approved, reminded of, begun, overrun, done and signed off."""

import asyncio
from datetime import timedelta

from tests.scenarios.windows import CAST, HOUR, QUARTER, approve, becomes, plan, posts, says, thread, typed, window
from tests.scenarios.world import World, moment


async def test_a_window_is_approved_reminded_of_begun_overrun_done_and_signed_off_in_one_thread(
    anywhere: World,
) -> None:
    play = await anywhere.scene(CAST)
    number, starts_at, ends_at = await plan(play)
    root = await play.told(play.channel, "Waiting for approval", "Upgrade the database", by="ada")
    assert (await window(play, number))["approval"] == "pending"
    await approve(play, number)
    await anywhere.to(starts_at - HOUR - timedelta(seconds=1))
    await play.hears("tom", f"Maintenance {number} “Upgrade the database” begins in 24 h")
    await anywhere.to(starts_at + timedelta(minutes=1))
    await becomes(play, number, "in_progress")
    begun = await play.told(play.channel, "has begun and is planned until", by="ada")
    assert begun.root == root.id
    reminders = [text for text in await thread(play, root) if "begins in" in text]
    assert [text.partition("begins in ")[2].partition(":")[0] for text in reminders] == ["24 h", "1 h", "15 min"]
    await anywhere.to(ends_at)
    await becomes(play, number, "overrun")
    card = await play.hears("tom", "Overrun", "Extend 30 min")
    await play.teams.press(play.id("tom"), card, "Extend 30 min")
    await becomes(play, number, "in_progress")
    await anywhere.to(ends_at + 2 * QUARTER)
    await becomes(play, number, "overrun")
    card = await play.hears("tom", "Overrun", "Extend 30 min")
    form = await play.teams.press(play.id("tom"), card, "Done")
    assert form.kind == "card"
    await play.teams.press(play.id("tom"), card, "Done", evidence="12 min, https://wiki.example.org/7")
    found = await window(play, number)
    assert (found["state"], found["evidence"]) == ("done", "12 min, https://wiki.example.org/7")
    signed = await play.told(play.channel, "Done", "Sign off", by="ada")
    assert signed.id == root.id
    await play.teams.press(play.id("ada"), signed, "Sign off")
    assert (await window(play, number))["signed_off_by"] == play.id("ada")
    await play.told(play.channel, "signed off Maintenance", by="ada")
    assert [post.id for post in await posts(play)] == [root.id], "one post, and everything else in its thread"


async def test_moved_after_a_reminder_it_waits_for_another_yes_and_reminds_anew(world: World) -> None:
    play = await world.scene(CAST)
    number, starts_at, _ = await plan(play)
    await approve(play, number)
    await world.to(starts_at - 23 * HOUR)
    await play.hears("tom", "begins in 24 h")
    later = starts_at + timedelta(days=2)
    words = f"maintenance move {number} from {typed(later)} to {typed(later + HOUR)}"
    await play.ask("tom", words, "Waiting for approval", where=await play.chat("tom"))
    await world.to(starts_at + HOUR)
    await becomes(play, number, "awaiting_approval")
    card = await play.hears("grace", f"Maintenance {number}:", "Approve", f"{later:%Y-%m-%d}")
    await play.teams.press(play.id("grace"), card, "Approve")
    await becomes(play, number, "planned")
    await world.to(later)
    await becomes(play, number, "in_progress")
    await play.hears("tom", "has begun", typed(later + HOUR))
    reminders = [message.text for message in await play.heard("tom", "begins in 24 h")]
    assert [typed(starts_at) in reminders[0], typed(later) in reminders[-1], len(reminders)] == [True, True, 2]
    assert len(await play.heard("tom", "begins in 1 h")) == 1


async def test_cancelled_while_it_runs_it_ends_for_everybody(world: World) -> None:
    play = await world.scene(CAST)
    number, starts_at, ends_at = await plan(play, more=" every 2 weeks")
    root = await play.told(play.channel, "Upgrade the database", by="ada")
    await approve(play, number)
    await world.to(starts_at)
    await play.ask("ada", f"maintenance cancel {number} the disk is full", "Planned", where=await play.chat("ada"))
    found = await window(play, number)
    assert moment(found["starts_at"]) == starts_at + timedelta(weeks=2)
    await play.told(play.channel, "cancelled Maintenance", "the disk is full", "It comes again", by="grace")
    await world.to(ends_at + HOUR)
    assert await play.heard("tom", "has overrun") == []
    await play.ask("ada", f"maintenance cancel {number} for good", "Cancelled", where=await play.chat("ada"))
    await becomes(play, number, "cancelled")
    assert [post.id for post in await posts(play)] == [root.id]


async def test_whoever_could_approve_leaves_and_nobody_approves_until_the_start(world: World) -> None:
    play = await world.scene(CAST)
    number, starts_at, _ = await plan(play)
    await world.bring(play.document(without="ada grace", lead=None))
    await play.hears("tom", "Too few people are left who may decide")
    await world.to(starts_at)
    await becomes(play, number, "cancelled")
    assert (await window(play, number))["reason"] == "Nobody approved it in time."
    await world.to(starts_at + HOUR)
    await becomes(play, number, "cancelled")


async def restart(world: World) -> None:
    await asyncio.to_thread(world.bots[0].stop)
    await asyncio.to_thread(world.restart)


async def test_a_restart_at_any_moment_changes_nothing(world: World) -> None:
    play = await world.scene(CAST)
    number, starts_at, ends_at = await plan(play, ahead=timedelta(minutes=30))
    await restart(world)
    await approve(play, number)
    for at, state in (
        (starts_at - timedelta(minutes=14), "planned"),
        (starts_at, "in_progress"),
        (ends_at, "overrun"),
    ):
        await restart(world)
        await world.to(at)
        await becomes(play, number, state)
    await play.ask("tom", f"maintenance done {number} 12 min", "Done", where=await play.chat("tom"))
    assert (await window(play, number))["state"] == "done"
    assert len(await play.heard("tom", "begins in 15 min")) == 1
    assert len(await play.heard("tom", "has begun")) == 1


async def test_what_is_missing_is_asked_for_and_what_was_read_is_kept(world: World) -> None:
    play = await world.scene(CAST)
    form = await says(play, "maintenance schedule Replace the <at>old</at> disks service:checkout", "Check")
    assert "Replace the <at>old</at> disks" in form.inputs().values()
    assert play.id("checkout") in str(form.inputs())


async def test_two_windows_on_one_service_are_told_of_each_other(world: World) -> None:
    play = await world.scene(CAST)
    first, _, _ = await plan(play)
    await plan(play)
    await play.told(play.channel, "Clashes", f"⚠ Maintenance {first} “Upgrade the database”", by="ada")
