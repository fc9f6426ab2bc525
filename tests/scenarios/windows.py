"""Planning and deciding in a scenario: windows, the questions about them, and what stands in their threads."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from server.local_teams.client import Outcome, Seen
from tests.scenarios.cast import Cast, Json, always, step
from tests.scenarios.world import Scene, eventually

HOUR, QUARTER, MINUTE = timedelta(hours=1), timedelta(minutes=15), timedelta(minutes=1)
CAST = Cast(
    people="ada grace tom", members="ada grace", lead="ada", channel=True, ops={"members": "tom", "lead": "tom"}
)
"""Ada and Grace own checkout and have a channel; Tom operates it, and his team has none."""
PAGED = Cast(
    people="ada grace tom",
    members="ada grace",
    lead="ada",
    channel=True,
    ops={"members": "tom", "lead": "tom"},
    schedules={"primary": always("grace"), "second": always("ada")},
    steps=(step("schedule:primary"), step("schedule:second")),
)
"""The same, with Grace on call and Ada behind her."""


def typed(at: datetime) -> str:
    """Write a moment as people do, in UTC: everybody here lives there."""
    return f"{at:%Y-%m-%d %H:%M}"


async def window(play: Scene, number: int) -> Json:
    """Read a window."""
    return await play.world.api(f"/maintenance/{number}")


async def newest(play: Scene) -> int:
    """Tell the number of the newest window."""
    return (await play.world.api("/maintenance?limit=1"))["items"][0]["id"]


async def plan(
    play: Scene, *, ahead: timedelta = timedelta(hours=30), lasts: timedelta = 2 * HOUR, more: str = ""
) -> tuple[int, datetime, datetime]:
    """Let Tom plan something, and tell its number and times."""
    starts_at = (await play.world.now() + ahead).replace(second=0, microsecond=0)
    ends_at = starts_at + lasts
    words = (
        f"maintenance schedule Upgrade the database service:checkout from {typed(starts_at)} to {typed(ends_at)}{more}"
    )
    await play.ask("tom", words, "Waiting for approval", where=await play.chat("tom"))
    return await newest(play), starts_at, ends_at


async def asked(play: Scene, number: int, who: str = "ada") -> Seen:
    """Wait for the question about a window in somebody's chat."""
    return await play.hears(who, f"Maintenance {number}:", "Approve")


async def approve(play: Scene, number: int, who: str = "ada") -> None:
    """Approve a window."""
    await play.teams.press(play.id(who), await asked(play, number, who), "Approve")
    await becomes(play, number, "planned")


async def becomes(play: Scene, number: int, state: str) -> None:
    """Wait until a window stands like this."""

    async def now() -> str:
        return (await window(play, number))["state"]

    await eventually(now, state)


async def running(play: Scene, *, lasts: timedelta = 2 * HOUR, more: str = "") -> tuple[int, datetime]:
    """Let a window run that began a minute ago; tell its number and its end."""
    number, starts_at, ends_at = await plan(play, ahead=2 * MINUTE, lasts=lasts, more=more)
    await approve(play, number)
    await play.world.to(starts_at + MINUTE)
    await becomes(play, number, "in_progress")
    return number, ends_at


async def says(play: Scene, words: str, *expected: str, who: str = "tom") -> Seen:
    """Write to the bot in one's own chat, and wait for the answer."""
    return await play.ask(who, words, *expected, where=await play.chat(who))


async def approval(play: Scene, number: int) -> Json:
    """Read the newest question about a window."""
    return (await play.world.api(f"/approvals?subject=maintenance:{number}"))["items"][0]


async def presses(play: Scene, who: str, card: Seen, title: str, **typed_: str) -> Outcome:
    """Press a button of a card as it was first seen."""
    return await play.teams.press(play.id(who), card, title, **typed_)


async def thread(play: Scene, root: Seen) -> Sequence[str]:
    """List what the bot has said in the thread of a post."""
    messages = await play.teams.messages(play.id("ada"), play.channel)
    return [m.text for m in messages if m.from_bot and m.root == root.id]


async def posts(play: Scene) -> Sequence[Seen]:
    """List what the bot has posted in the channel outside threads."""
    messages = await play.teams.messages(play.id("ada"), play.channel)
    return [m for m in messages if m.from_bot and m.root is None]
