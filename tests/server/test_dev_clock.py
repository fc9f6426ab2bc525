import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from scheduling.clock import DevelopmentClock
from server.dev_clock import PATH, Settle, add_dev_clock
from storage.database import Database
from usecases.ports import Unavailable

Ask = Callable[..., Awaitable[tuple[int, Any]]]


async def nothing_due() -> None:
    """Settle at once."""


@asynccontextmanager
async def serving(database: Any, settle: Settle = nothing_due, patience_s: float = 5.0) -> AsyncIterator[Ask]:
    app = web.Application()
    add_dev_clock(app, database, DevelopmentClock(), settle, patience_s=patience_s)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"

    async def ask(method: str = "GET", body: Any = None, **headers: str) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body) if body is not None else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, address, data=data, headers=named) as answer,
        ):
            if answer.status >= 400:
                assert answer.content_type == "application/problem+json"
            return answer.status, await answer.json(content_type=None)

    try:
        yield ask
    finally:
        await runner.cleanup()


async def told(ask: Ask) -> datetime:
    status, body = await ask()
    assert status == 200
    assert set(body) == {"now"}
    assert body["now"].endswith("Z")
    return datetime.fromisoformat(body["now"])


async def test_it_tells_real_time_at_first(database: Database) -> None:
    async with serving(database) as ask:
        before = await database.read(DevelopmentClock().now)
        now = await told(ask)
    assert before - timedelta(milliseconds=1) <= now < before + timedelta(seconds=30)


async def test_a_step_forward_holds_for_every_replica(database: Database, other_database: Database) -> None:
    async with serving(database) as ask:
        before = await told(ask)
        status, body = await ask("POST", {"advance": "PT15M"})
        assert status == 200
        moved = datetime.fromisoformat(body["now"])
        assert timedelta(minutes=15) <= moved - before < timedelta(minutes=16)
        await ask("POST", {"advance": "P1DT12H"})
    elsewhere = await other_database.read(DevelopmentClock().now)
    assert timedelta(hours=36, minutes=15) <= elsewhere - before < timedelta(hours=36, minutes=17)


@pytest.mark.parametrize("text", ["2100-11-30T08:00:00Z", "2100-11-30T09:00:00+01:00", "2100-11-30T08:00:00.000Z"])
async def test_a_jump_to_a_moment(database: Database, text: str) -> None:
    target = datetime(2100, 11, 30, 8, tzinfo=UTC)
    async with serving(database) as ask:
        status, body = await ask("POST", {"set": text})
        assert status == 200
        assert target <= datetime.fromisoformat(body["now"]) < target + timedelta(seconds=30)
        assert target <= await told(ask)


async def test_the_answer_comes_after_the_due_work(database: Database) -> None:
    seen: list[datetime] = []

    async def settle() -> None:
        seen.append(await database.read(DevelopmentClock().now))

    async with serving(database, settle) as ask:
        _, body = await ask("POST", {"advance": "P7D"})
        assert len(seen) == 1
        assert seen[0] >= datetime.fromisoformat(body["now"])
        await ask("POST", {"advance": "PT0S"})
        assert len(seen) == 2
        await ask()
        assert len(seen) == 2


async def test_work_that_does_not_end_is_no_endless_wait(database: Database) -> None:
    cancelled = asyncio.Event()

    async def settle() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with serving(database, settle, patience_s=0.05) as ask:
        before = await told(ask)
        status, body = await ask("POST", {"advance": "PT1H"})
        assert status == 504
        assert "still work due" in body["detail"]
        assert await told(ask) - before >= timedelta(hours=1)
    assert cancelled.is_set()


WRONG = [
    {},
    [],
    "PT15M",
    None,
    15,
    {"advance": 15},
    {"advance": None},
    {"advance": ["PT15M"]},
    {"advance": ""},
    {"advance": "15 minutes"},
    {"advance": "-PT15M"},
    {"advance": "P1M"},
    {"advance": "P9999999D"},
    {"advance": "PT15M" * 10_000},
    {"advance": "\ud800\x00"},
    {"set": ""},
    {"set": "tomorrow"},
    {"set": "2100-11-30"},
    {"set": "2100-11-30T08:00:00"},
    {"set": "2100-13-30T08:00:00Z"},
    {"set": "2001-01-01T00:00:00Z"},
    {"set": "0001-01-01T00:00:00+23:59"},
    {"set": "9999-12-31T23:59:59Z"},
    {"set": "9999-12-31T23:59:59-23:59"},
    {"set": 4_000_000_000},
    {"set": "2100-11-30T08:00:00Z", "advance": "PT15M"},
    {"advance": "PT15M", "note": "x"},
    {"forward": "PT15M"},
]


async def test_a_wrong_step_is_refused_with_a_sentence_and_moves_nothing(database: Database) -> None:
    async with serving(database) as ask:
        before = await told(ask)
        for body in WRONG:
            status, answer = await ask("POST", json.dumps(body).encode())
            assert status == 400, body
            assert answer["detail"].endswith("."), answer
            assert len(answer["detail"]) < 250
        for raw in (b"", b"{", b"\xff\xfe", b"[" * 50_000):
            assert await ask("POST", raw) == (400, {**(await ask("POST", raw))[1], "detail": "The body is not JSON."})
        assert await told(ask) - before < timedelta(seconds=30)


async def test_no_way_back(database: Database) -> None:
    async with serving(database) as ask:
        await ask("POST", {"set": "2100-01-01T00:00:00Z"})
        status, body = await ask("POST", {"set": "2099-12-31T23:59:59Z"})
        assert (status, body["detail"]) == (400, "The clock only moves forward.")
        assert (await told(ask)).year == 2100


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "incidents.example.org"},
        {"Host": "rebound.example.org:3978"},
        {"Origin": "https://elsewhere.example.org"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", {"advance": "PT15M"})])
async def test_strangers_are_kept_out(database: Database, headers: dict[str, str], method: str, body: Any) -> None:
    async with serving(database) as ask:
        before = await told(ask)
        status, answer = await ask(method, body, **headers)
        assert status == 403
        assert "only this machine" in answer["detail"]
        assert await told(ask) - before < timedelta(minutes=1)


async def test_another_machine_is_kept_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.BaseRequest, "remote", "192.0.2.7")
    async with serving(database) as ask:
        assert (await ask())[0] == 403


async def test_a_database_that_is_gone_is_503() -> None:
    class Gone:
        async def read(self, work: Any) -> Any:
            raise Unavailable("gone")

        write = read

    async with serving(Gone()) as ask:
        assert (await ask())[0] == 503
        assert (await ask("POST", {"advance": "PT15M"}))[0] == 503
