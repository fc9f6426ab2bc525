"""Calendars: shifts for people's own programs, and an outside feed as a schedule's source."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import icalendar
import pytest
from aiohttp import web

from tests.scenarios.cast import Cast, rotation, schedule, step
from tests.scenarios.world import Scene, World, coming, eventually
from tests.support.product import free_port


async def fetched(address: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        return answer.status, await answer.read()


async def address_in(play: Scene, who: str, text: str) -> str:
    said = await play.ask(who, text, "/calendar/", where=await play.chat(who))
    found = re.search(r"http://\S+?\.ics", said.texts().replace("\\", ""))
    assert found, said.texts()
    return found[0]


def events(text: bytes) -> list[tuple[str, datetime, datetime]]:
    book = icalendar.Calendar.from_ical(text)
    return [(str(e["SUMMARY"]), e.decoded("DTSTART"), e.decoded("DTEND")) for e in book.walk("VEVENT")]


async def test_the_secret_address_serves_the_shifts_of_a_schedule_and_a_new_one_ends_it(world: World) -> None:
    monday = coming(await world.now(), "mon", "09:00")
    weekly = schedule(rotation("ada grace", starts=monday.replace(tzinfo=None)))
    play = await world.scene(Cast(people="ada grace", schedules={"weekly": weekly}))
    address = await address_in(play, "ada", f"calendar {play.id('weekly')}")
    status, text = await fetched(address)
    assert status == 200
    shown = events(text)[:2]
    assert [(title, starts, ends) for title, starts, ends in shown] == [
        (f"{play.name('ada')} on call ({play.id('weekly')})", monday, monday + timedelta(days=7)),
        (
            f"{play.name('grace')} on call ({play.id('weekly')})",
            monday + timedelta(days=7),
            monday + timedelta(days=14),
        ),
    ]
    assert await address_in(play, "grace", f"calendar {play.id('weekly')}") == address
    renewed = await address_in(play, "ada", f"calendar {play.id('weekly')} new")
    assert renewed != address
    assert [(await fetched(a))[0] for a in (address, renewed)] == [404, 200]


async def test_ones_own_calendar_has_ones_own_shifts_with_overrides(world: World) -> None:
    monday = coming(await world.now() + timedelta(days=1), "mon", "09:00")
    weekly = schedule(rotation("ada grace", starts=monday.replace(tzinfo=None)))
    play = await world.scene(Cast(people="ada grace", schedules={"weekly": weekly}))
    times = f"from {monday:%Y-%m-%d %H:%M}Z to {monday + timedelta(days=1):%Y-%m-%d %H:%M}Z"
    await play.ask("rita", f"override {play.id('weekly')} @grace {times}", "is on call on")
    _, text = await fetched(await address_in(play, "grace", "calendar"))
    assert events(text)[0] == (f"On call: {play.id('weekly')}", monday, monday + timedelta(days=1))
    said = await play.ask("ada", "calendar", "I sent you the address in our chat")
    assert "/calendar/" not in said.texts(), "a secret is not told in a channel"


# -- an outside feed --------------------------------------------------------------------------------------------------


@dataclass
class Feed:
    """A calendar elsewhere, whose answers a scenario chooses."""

    address: str = ""
    text: str = ""
    status: int = 200


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    """A server of calendars on loopback."""
    async with feed_server() as made:
        yield made


@asynccontextmanager
async def feed_server() -> AsyncIterator[Feed]:
    made = Feed()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=made.text, status=made.status, content_type="text/calendar")

    app = web.Application()
    app.router.add_get("/feed.ics", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.address = f"http://127.0.0.1:{port}/feed.ics"
    try:
        yield made
    finally:
        await runner.cleanup()


def calendar(*shifts: tuple[str, datetime, datetime]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//"]
    for n, (title, starts, ends) in enumerate(shifts):
        lines += ["BEGIN:VEVENT", f"UID:{n}@tests", f"DTSTAMP:{starts:%Y%m%dT%H%M%SZ}", f"SUMMARY:{title}"]
        lines += [f"DTSTART:{starts:%Y%m%dT%H%M%SZ}", f"DTEND:{ends:%Y%m%dT%H%M%SZ}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


async def look(world: World) -> None:
    """Let the bot look at its feeds: it does so when it starts, and every minute."""
    await asyncio.to_thread(world.bots[0].stop)
    await asyncio.to_thread(world.restart)


async def test_a_feed_is_a_schedules_source_and_the_last_good_copy_stays_when_it_breaks(
    world: World, feed: Feed
) -> None:
    now = (await world.now()).replace(microsecond=0)
    play = await world.scene(Cast(people="ada grace"))
    starts, ends = now - timedelta(hours=1), now + timedelta(days=2)
    feed.text = calendar((play.name("ada"), starts, ends), ("Somebody unheard of", ends, ends + timedelta(days=1)))
    cast = {
        "steps": (step("schedule:outside"),),
        "schedules": {"outside": {**schedule(), "calendar": feed.address}},
    }
    play.cast = Cast(people="ada grace", **cast)
    await world.bring(play.document())
    await look(world)
    await eventually(lambda: play.on_call("outside"), "ada")
    ref = await play.declare()
    await play.paged(ref, "ada step 1 +0:00 sent")
    card = await play.ask("rita", f"oncall {play.id('outside')}", "from the calendar")
    assert card.has("Somebody unheard of")
    feed.text = "<html>our calendar has moved</html>"
    await world.advance("PT6M")
    await look(world)
    await eventually(lambda: is_broken(play), wanted=True)
    await play.ask("rita", f"oncall {play.id('outside')}", "It is no calendar that can be read")
    assert await play.on_call("outside") == "ada"
    await world.advance("PT1H")
    await play.ask("rita", f"oncall {play.id('outside')}", "Its calendar was last read")


async def is_broken(play: Scene) -> bool:
    known = await play.world.write(lambda store: store.feeds.get(play.id("outside")))
    return known is not None and "no calendar" in known.error
