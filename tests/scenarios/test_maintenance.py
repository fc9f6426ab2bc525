"""Maintenance windows on a moving clock: planned, approved, reminded of, begun, overrun, done and signed off."""

from datetime import datetime, timedelta

from server.local_teams.client import Seen
from tests.scenarios.cast import Cast, Json
from tests.scenarios.world import Scene, World, eventually

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
CAST = Cast(
    people="ada grace tom", members="ada grace", lead="ada", channel=True, ops={"members": "tom", "lead": "tom"}
)
"""Ada and Grace own checkout and have a channel; Tom operates it, and his team has none."""


def typed(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


async def window(play: Scene, number: int) -> Json:
    return await play.world.api(f"/maintenance/{number}")


async def newest(play: Scene) -> int:
    return (await play.world.api("/maintenance?limit=1"))["items"][0]["id"]


async def plan(
    play: Scene, *, ahead: timedelta = timedelta(hours=30), more: str = ""
) -> tuple[int, datetime, datetime]:
    """Let Tom plan something, and tell its number and times."""
    starts_at = (await play.world.now() + ahead).replace(second=0, microsecond=0)
    ends_at = starts_at + 2 * HOUR
    words = (
        f"maintenance schedule Upgrade the database service:checkout from {typed(starts_at)} to {typed(ends_at)}{more}"
    )
    await play.ask("tom", words, "Waiting for approval", where=await play.chat("tom"))
    return await newest(play), starts_at, ends_at


async def approve(play: Scene, number: int, who: str = "ada") -> None:
    card = await play.hears(who, f"Maintenance {number}:", "Approve")
    await play.teams.press(play.id(who), card, "Approve")
    await becomes(play, number, "planned")


async def becomes(play: Scene, number: int, state: str) -> None:
    async def now() -> str:
        return (await window(play, number))["state"]

    await eventually(now, state)


async def thread(play: Scene, root: Seen) -> list[str]:
    """List what the bot has said in the thread of a post."""
    messages = await play.teams.messages(play.id("ada"), play.channel)
    return [m.text for m in messages if m.from_bot and m.root == root.id]


async def posts(play: Scene) -> list[Seen]:
    """List what the bot has posted in the channel outside threads."""
    messages = await play.teams.messages(play.id("ada"), play.channel)
    return [m for m in messages if m.from_bot and m.root is None]


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
