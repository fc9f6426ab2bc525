"""Secret calendar addresses over HTTP: what they show, that they can be renewed, that nothing else opens them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import aiohttp
import icalendar
import pytest
from aiohttp import web

from domain.durations import parse_shift_length
from domain.oncall import ImportedShift, Override, Rotation
from domain.people import Person
from domain.zones import parse_wall_time
from server.calendars import add_calendars
from storage.database import Database
from tests.calendars.conftest import NOW, small
from usecases import calendars, organisation, shift_windows
from usecases.calendars import PUBLIC_URL
from usecases.oncall_ports import Feed

Get = Callable[..., Awaitable[tuple[int, bytes, Any]]]


async def person(db: Database, handle: str) -> Person:
    found = await db.read(lambda store: store.people.by_handle(handle))
    assert found is not None
    return found


class Clock:
    """A clock that is moved by hand."""

    at = NOW

    def now(self, _: object) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def get(ops: Database, clock: Clock) -> AsyncIterator[Get]:
    """Serve the calendars, and fetch an address as the bot has told it."""
    app = web.Application()
    add_calendars(app, ops, cast("Any", clock))
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


def events(text: bytes) -> dict[str, tuple[datetime, datetime]]:
    """Read when each event begins and ends, by its name."""
    found = list(icalendar.Calendar.from_ical(text).walk("VEVENT"))
    times = {str(e["UID"]): (e["DTSTART"].dt, e["DTEND"].dt) for e in found}
    assert len(times) == len(found)
    return times


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


# -- looked at again --------------------------------------------------------------------------------------------------

LATER = datetime(2027, 3, 1, 12, 20, 7, tzinfo=UTC)
"""When rotations have run for months: shifts reach over both ends of what is shown."""


def turns(shift: str, *people: str) -> dict[str, Any]:
    """Make a schedule of one rotation, from 1 February 2026."""
    return {
        "rotations": (
            Rotation(starts=parse_wall_time("2026-02-01T09:00"), shift=parse_shift_length(shift), people=people),
        )
    }


OUTSIDE = "https://calendar.example.org/ops.ics"
FEED = Feed(
    schedule="primary",
    url=OUTSIDE,
    shifts=(
        ImportedShift(person="ada", starts_at=LATER - timedelta(days=40), ends_at=LATER - timedelta(days=20)),
        ImportedShift(person="ada", starts_at=LATER + timedelta(days=100), ends_at=LATER + timedelta(days=300)),
    ),
)
SCHEDULES: dict[str, dict[str, Any]] = {
    "weeks by turns": turns("P7D", "ada", "lin", "jo"),
    "ever the same person": turns("P7D", "ada"),
    "a shift of ten years": turns("P3650D", "ada"),
    "a shift of seconds": turns("PT10S", "ada", "lin"),
    "overrides at both ends": turns("P1M", "ada", "lin")
    | {
        "overrides": (
            Override(person="jo", starts_at=LATER - timedelta(days=40), ends_at=LATER - timedelta(days=20)),
            Override(person="jo", starts_at=LATER + timedelta(days=170), ends_at=LATER + timedelta(days=190)),
        )
    },
    "gaps at both ends": {
        "rotations": (),
        "overrides": (Override(person="ada", starts_at=LATER, ends_at=LATER + timedelta(days=2)),),
    },
    "an outside calendar": {"rotations": (), "calendar": OUTSIDE},
}


@pytest.fixture(params=SCHEDULES)
async def addresses(
    request: pytest.FixtureRequest, ops: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Where each schedule's calendar is, and Ada's own."""
    monkeypatch.setattr(shift_windows, "MOST_SHIFTS", 600)  # fewer of those that last seconds: quicker, and no other
    given = SCHEDULES[request.param]
    await ops.write(lambda store: organisation.replace(store, small(**given), NOW))
    await ops.write(lambda store: store.feeds.put(FEED))
    clock.at = LATER
    ada = await person(ops, "ada")
    return await ops.write(
        lambda store: [
            calendars.address_for_schedule(store, "primary", NOW, renew=False),
            calendars.address_for_person(store, ada, NOW, renew=False),
        ]
    )


async def test_while_nothing_changes_a_program_need_not_load_it_again(
    addresses: list[str], get: Get, clock: Clock
) -> None:
    for address in addresses:
        clock.at = LATER
        mark = (await get(address))[2]["ETag"]
        for seconds in (1, 90, 39 * 60):
            clock.at = LATER + timedelta(seconds=seconds)
            assert (await get(address, **{"If-None-Match": mark}))[0] == 304


async def test_an_event_keeps_its_name_and_its_times_as_time_goes_on(
    addresses: list[str], get: Get, clock: Clock
) -> None:
    for address in addresses:
        clock.at = LATER
        before = events((await get(address))[1])
        clock.at = LATER + timedelta(days=3)
        after = events((await get(address))[1])
        assert before
        assert all(after[key] == before[key] for key in before.keys() & after.keys())
        gone = {times for key, times in before.items() if key not in after}
        come = {times for key, times in after.items() if key not in before}
        assert all(ends_at <= starts_at for _, ends_at in gone for starts_at, _ in come)
