"""Secret calendar addresses over HTTP: what they show, that they can be renewed, that nothing else opens them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import icalendar
import pytest
from aiohttp import web

from domain.people import Person
from server.calendars import add_calendars
from storage.database import Database
from tests.calendars.conftest import NOW
from usecases import calendars
from usecases.calendars import PUBLIC_URL

Get = Callable[..., Awaitable[tuple[int, bytes, Any]]]


async def person(db: Database, handle: str) -> Person:
    found = await db.read(lambda store: store.people.by_handle(handle))
    assert found is not None
    return found


@pytest.fixture
async def get(ops: Database) -> AsyncIterator[Get]:
    """Serve the calendars, and fetch an address as the bot has told it."""
    app = web.Application()
    add_calendars(app, ops, cast("Any", SimpleNamespace(now=lambda _: NOW)))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = f"http://127.0.0.1:{runner.addresses[0][1]}"
    await ops.write(lambda store: store.key_value.set(PUBLIC_URL, f"{here}/"))

    async def fetch(address: str, **headers: str) -> tuple[int, bytes, Any]:
        url = address if address.startswith("http") else here + address
        async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers.copy()

    yield fetch
    await runner.cleanup()


def shifts(text: bytes) -> list[tuple[datetime, datetime, str]]:
    """Read a calendar as a program would."""
    book = icalendar.Calendar.from_ical(text)
    events = list(book.walk("VEVENT"))
    return [(e["DTSTART"].dt, e["DTEND"].dt, str(e["SUMMARY"])) for e in events]


async def test_a_schedules_calendar_shows_every_shift_with_its_person(ops: Database, get: Get) -> None:
    address = await ops.write(lambda store: calendars.address_for_schedule(store, "PRIMARY", NOW, renew=False))
    status, text, headers = await get(address)
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    found = shifts(text)
    week = timedelta(days=7)
    first = datetime(2026, 11, 23, 9, tzinfo=UTC)
    names = ("Ada Lovelace", "Lin Wei 林薇", "Jo; \\ , Núñez")
    assert found[:3] == [(first + n * week, first + (n + 1) * week, f"{names[n]} on call (primary)") for n in range(3)]
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


async def test_a_persons_calendar_shows_only_their_own_shifts(ops: Database, get: Get) -> None:
    lin = await person(ops, "lin")
    address = await ops.write(lambda store: calendars.address_for_person(store, lin, NOW, renew=False))
    found = shifts((await get(address))[1])
    assert {title for _, _, title in found} == {"On call: primary"}
    assert found[0][0] == datetime(2026, 11, 30, 9, tzinfo=UTC)


async def test_asking_again_gives_the_same_address_until_it_is_renewed(ops: Database, get: Get) -> None:
    async def ask(*, renew: bool) -> str:
        return await ops.write(lambda store: calendars.address_for_schedule(store, "primary", NOW, renew=renew))

    first = await ask(renew=False)
    assert await ask(renew=False) == first
    second = await ask(renew=True)
    assert (await get(first))[0] == 404
    assert (await get(second))[0] == 200


@pytest.mark.parametrize(
    "path", ["/calendar/x.ics", "/calendar/.ics", f"/calendar/{'a' * 5000}.ics", "/calendar/%00.ics"]
)
async def test_a_guess_opens_nothing(get: Get, path: str) -> None:
    assert (await get(path))[0] == 404


async def test_somebody_who_has_left_has_no_calendar_any_more(ops: Database, get: Get) -> None:
    ada = await person(ops, "ada")
    address = await ops.write(lambda store: calendars.address_for_person(store, ada, NOW, renew=False))
    await ops.write(lambda store: store.people.save(Person(**{**_fields(ada), "active": False})))
    assert (await get(address))[0] == 404


def _fields(who: Person) -> dict[str, Any]:
    return {name: getattr(who, name) for name in Person.__slots__}


async def test_a_program_that_has_the_newest_text_gets_none(ops: Database, get: Get) -> None:
    address = await ops.write(lambda store: calendars.address_for_schedule(store, "primary", NOW, renew=False))
    mark = (await get(address))[2]["ETag"]
    status, text, _ = await get(address, **{"If-None-Match": mark})
    assert (status, text) == (304, b"")
