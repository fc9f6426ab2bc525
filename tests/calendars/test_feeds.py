"""An outside feed as a schedule's source: read, kept when it breaks, and its age said."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web

from domain.shifts import ShiftSource, shift_at
from integrations.calendars import apart, reader
from integrations.calendars.fetching import Fetcher
from integrations.calendars.reader import FeedReader
from integrations.calendars.reading import read_calendar
from storage.database import Database
from tests.calendars.conftest import NOW, small
from tests.calendars.test_reading import book
from usecases import feeds, organisation
from usecases.feeds import FeedEvent
from usecases.ports import Unavailable

LINS = "DTSTART:20261123T090000Z\r\nDTEND:20261130T090000Z\r\nSUMMARY:Lin Wei 林薇"
JOS = "DTSTART:20261130T090000Z\r\nDTEND:20261207T090000Z\r\nSUMMARY:On call: jo@example.org"
LUNCH = "DTSTART:20261124T120000Z\r\nDTEND:20261124T130000Z\r\nSUMMARY:Team lunch"


@dataclass
class Source:
    """A calendar server, and a clock for the one who reads it."""

    db: Database
    url: str = ""
    answer: bytes = field(default_factory=lambda: book(LINS, JOS))
    status: int = 200
    asked: int = 0
    now: datetime = NOW

    async def serve(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(body=self.answer, status=self.status)

    async def look(self) -> None:
        clock = cast("Any", SimpleNamespace(now=lambda _: self.now))
        await FeedReader(self.db, clock, Fetcher(loopback=True)).look()

    async def on_call(self, at: datetime | None = None) -> str | None:
        schedule = await self.db.read(lambda store: store.schedules.get("primary"))
        assert schedule is not None
        shift = shift_at(schedule, at or self.now)
        assert shift.source in (ShiftSource.CALENDAR, ShiftSource.NOBODY)
        return shift.person

    async def complaint(self) -> str | None:
        found = await self.db.read(lambda store: feeds.complaint_of(store.feeds.get("primary"), self.now))
        return found and found.said("Europe/Berlin")


@pytest.fixture
async def source(ops: Database) -> AsyncIterator[Source]:
    made = Source(ops)
    app = web.Application()
    app.router.add_get("/team.ics", made.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/team.ics"
    wanted = small(rotations=(), calendar=made.url)
    await ops.write(lambda store: organisation.replace(store, wanted, NOW))
    yield made
    await runner.cleanup()


@pytest.fixture(autouse=True)
def read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process where the one apart is not what a test is about: that one makes way for all others."""
    if "apart" in request.keywords:
        return

    async def read(data: bytes, time_zone: str, now: datetime) -> Sequence[FeedEvent]:
        return read_calendar(data, time_zone, now)

    monkeypatch.setattr(reader, "read_apart", read)


@pytest.mark.apart
async def test_the_feed_decides_who_is_on_call(source: Source) -> None:
    assert await source.complaint() == "Its calendar has not been read yet."
    await source.look()
    assert await source.on_call() == "lin"
    assert await source.on_call(datetime(2026, 11, 30, 9, tzinfo=UTC)) == "jo"
    assert await source.on_call(datetime(2026, 12, 7, 9, tzinfo=UTC)) is None
    assert await source.complaint() is None


async def test_it_is_read_anew_after_a_while_and_not_before(source: Source) -> None:
    await source.look()
    await source.look()
    assert source.asked == 1
    source.now += feeds.EVERY
    source.answer = book(LINS.replace("Lin Wei 林薇", "ada"))
    await source.look()
    assert (source.asked, await source.on_call()) == (2, "ada")


@pytest.mark.parametrize("trouble", ["gone", "a sign-in page", "nothing"])
async def test_a_broken_feed_keeps_the_last_good_copy_and_its_age_is_said(source: Source, trouble: str) -> None:
    await source.look()
    match trouble:
        case "gone":
            source.status = 503
        case "a sign-in page":
            source.answer = b"<html>Sign in</html>"
        case _:
            source.answer = b""
    for pause in (feeds.EVERY, feeds.STALE, feeds.EVERY):
        source.now += pause
        await source.look()
    assert source.asked == 4
    assert await source.on_call() == "lin"
    why = "Its server answered 503." if trouble == "gone" else "It is no calendar that can be read."
    assert await source.complaint() == f"Its calendar was last read Mon 2026-11-23 13:00 Berlin (12:00 UTC). {why}"


async def test_events_that_name_nobody_are_told_and_hide_nothing(source: Source) -> None:
    source.answer = book(LINS, JOS, LUNCH)
    await source.look()
    assert await source.on_call(datetime(2026, 11, 24, 12, 30, tzinfo=UTC)) == "lin"
    assert await source.complaint() == "1 event of its calendar names nobody I know, such as “Team lunch”."


async def test_names_nobody_knows_are_not_why_a_copy_is_old(source: Source) -> None:
    source.answer = book(LUNCH)
    await source.look()
    source.now += feeds.STALE + timedelta(minutes=1)
    assert await source.complaint() == (
        "Its calendar was last read Mon 2026-11-23 13:00 Berlin (12:00 UTC). "
        "1 event of its calendar names nobody I know, such as “Team lunch”."
    )
    source.now += timedelta(days=1)
    source.answer = book(LINS)
    await source.look()
    source.now += feeds.STALE + timedelta(minutes=1)
    assert await source.complaint() == "Its calendar was last read Tue 2026-11-24 14:01 Berlin (13:01 UTC)."


async def test_a_calendar_that_was_never_read_says_why(source: Source) -> None:
    source.status = 404
    await source.look()
    assert await source.complaint() == "Its calendar has not been read yet. Its server answered 404."


@pytest.mark.apart
async def test_a_feed_that_costs_too_much_is_given_up(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    await source.look()
    monkeypatch.setattr(apart, "PATIENCE_S", 0)
    started: list[asyncio.subprocess.Process] = []

    async def start(*words: Any, **streams: Any) -> asyncio.subprocess.Process:
        started.append(await create(*words, **streams))
        return started[-1]

    create = asyncio.create_subprocess_exec
    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    source.now += feeds.EVERY
    await source.look()
    assert await source.on_call() == "lin"
    assert await source.complaint() == "It is too large or too complicated to be read."
    assert [process.returncode for process in started] == [-9]


async def test_a_name_inside_another_word_names_nobody(source: Source) -> None:
    source.answer = book(LINS.replace("Lin Wei 林薇", "Linear jobs and adaptations"))
    await source.look()
    assert await source.on_call() is None


async def test_a_calendar_that_was_taken_out_of_the_file_is_forgotten(source: Source) -> None:
    await source.look()
    await source.db.write(lambda store: organisation.replace(store, small(), source.now))
    assert await source.db.read(lambda store: store.feeds.get("primary")) is None


async def test_a_calendar_that_moved_is_read_at_once_and_until_then_its_old_copy_counts(source: Source) -> None:
    await source.look()
    moved = small(rotations=(), calendar=f"{source.url}?key=new")
    await source.db.write(lambda store: organisation.replace(store, moved, source.now))
    source.status = 503
    await source.look()
    assert (source.asked, await source.on_call()) == (2, "lin")
    source.status, source.now, source.answer = 200, source.now + feeds.EVERY, book(LINS.replace("Lin Wei 林薇", "ada"))
    await source.look()
    assert await source.on_call() == "ada"


async def test_a_changed_feed_plans_the_handoff_and_tells_whose_shifts_change(source: Source) -> None:
    await source.look()
    planned = await source.db.read(lambda store: store.handoffs.open_of("primary"))
    assert [handoff.boundary_at for handoff in planned] == [datetime(2026, 11, 30, 9, tzinfo=UTC)]
    source.now += timedelta(hours=1)
    source.answer = book(LINS, JOS.replace("jo@example.org", "ada@example.org"))
    await source.look()
    ada = await source.db.read(lambda store: store.people.by_handle("ada"))
    assert ada is not None
    planned = await source.db.read(lambda store: store.handoffs.open_of("primary"))
    assert [handoff.incoming for handoff in planned] == [ada.id]


async def test_without_a_database_the_tick_says_so(source: Source) -> None:
    await source.db.close()
    with pytest.raises(Unavailable):
        await source.look()
