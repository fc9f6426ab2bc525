import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from scheduling.clock import DevelopmentClock
from scheduling.engine import WorkEngine
from scheduling.time_walk import Unsettled, Walk
from server.dev_clock import PATH, Aim, Go, add_dev_clock
from storage.database import Database
from storage.work_queue import SqlWorkQueue
from tests.support.work import KIND, new_work, plan
from usecases.ports import Unavailable
from usecases.work import Job

Ask = Callable[..., Awaitable[tuple[int, Any]]]


@asynccontextmanager
async def serving(database: Any, go: Go | None = None) -> AsyncIterator[Ask]:
    """Serve it with a walk on which nothing is due, or with another one."""
    clock = DevelopmentClock()

    async def jump(aim: Aim) -> datetime:
        target = aim(await database.read(clock.now))
        return await database.write(lambda store: clock.reach(store, target))

    app = web.Application()
    add_dev_clock(app, database, clock.now, go or jump)
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


async def test_the_answer_is_the_time_at_the_end_of_the_walk(database: Database) -> None:
    aims: list[timedelta] = []
    there = datetime(2100, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

    async def walk(aim: Aim) -> datetime:
        now = datetime(2099, 1, 1, tzinfo=UTC)
        aims.append(aim(now) - now)
        return there

    async with serving(database, walk) as ask:
        for text in ("P7D", "PT0S", "pt0m"):
            status, body = await ask("POST", {"advance": text})
            assert (status, body) == (200, {"now": "2100-01-02T03:04:05.678Z"})
        await ask()
    assert aims == [timedelta(days=7), timedelta(0), timedelta(0)]


async def test_work_that_does_not_end_is_a_504_that_says_where_the_clock_stands(database: Database) -> None:
    async def endless(aim: Aim) -> datetime:
        raise Unsettled(datetime(2100, 1, 2, tzinfo=UTC))

    async with serving(database, endless) as ask:
        status, body = await ask("POST", {"advance": "PT1H"})
    assert status == 504
    assert "stands at 2100-01-02T00:00:00.000Z" in body["detail"]
    assert "still work due" in body["detail"]


async def test_due_work_is_done_before_the_answer(database: Database) -> None:
    """The whole of it: HTTP, the walk, the engine, and work that plans more work."""
    clock = DevelopmentClock()
    queue, done = SqlWorkQueue(database, clock), []

    def work(store: Any, due: Any, now: datetime) -> None:
        done.append(due.due_at)
        if len(done) < 3:
            store.work.add(new_work(due.due_at + timedelta(days=1)))

    engine = WorkEngine(queue, [Job(KIND, work)])
    await engine.start()
    walk = Walk(database, clock, queue, engine, database.lanes, kinds=engine.kinds)
    async with serving(database, walk.go) as ask:
        first = await told(ask) + timedelta(hours=1)
        await plan(database, new_work(first))
        status, body = await ask("POST", {"advance": "P7D"})
        assert status == 200
        assert done == [first + timedelta(days=n) for n in range(3)]
        assert datetime.fromisoformat(body["now"]) - first >= timedelta(days=6, hours=23)
    await engine.stop()


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


async def test_the_calendar_has_an_end(database: Database) -> None:
    async with serving(database) as ask:
        assert (await ask("POST", {"set": "2199-12-30T00:00:00Z"}))[0] == 200
        status, body = await ask("POST", {"advance": "P7D"})
        assert (status, body["detail"]) == (400, "That is further than the calendar goes, the end of 2199.")


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
