import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from server import health
from server.health import Check, add_health, database_check, keys_check, overdue_check, work_check
from server.metrics import Metrics
from storage.database import Database
from usecases.outbox import Lanes, OutboxHealth
from usecases.ports import Unavailable
from usecases.work import WorkHealth, WorkQueue


class OutboxOf:
    """Lanes in a given state."""

    def __init__(self, state: OutboxHealth | Exception) -> None:
        self.state = state

    async def health(self) -> OutboxHealth:
        if isinstance(self.state, Exception):
            raise self.state
        return self.state


def lanes(**state: Any) -> Lanes:
    return cast("Lanes", OutboxOf(OutboxHealth(**{"open": 0, "dead": 0, "unknown": 0, **state})))


class QueueOf:
    """Due work in a given state."""

    def __init__(self, state: WorkHealth | Exception) -> None:
        self.state = state

    async def health(self) -> WorkHealth:
        if isinstance(self.state, Exception):
            raise self.state
        return self.state


def queue(**state: Any) -> WorkQueue:
    return cast("WorkQueue", QueueOf(WorkHealth(**{"open": 0, "dead": 0, **state})))


def check(what: str, *reasons: str | None) -> Check:
    answers = iter(reasons)

    async def reason() -> str | None:
        return next(answers)

    return Check(what, reason)


@asynccontextmanager
async def serving(
    checks: Sequence[Check] = (),
    outbox: Lanes | None = None,
    metrics: Metrics | None = None,
    work: WorkQueue | None = None,
) -> AsyncIterator[Callable[..., Awaitable[tuple[int, Any, dict[str, str]]]]]:
    app = web.Application()
    add_health(app, checks=checks, lanes=outbox or lanes(), queue=work or queue(), metrics=metrics or Metrics("1"))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def ask(path: str, method: str = "GET") -> tuple[int, Any, dict[str, str]]:
        async with aiohttp.ClientSession() as http, http.request(method, address + path) as answer:
            is_json = answer.content_type == "application/json"
            body = await (answer.json() if is_json and method == "GET" else answer.text())
            return answer.status, body, dict(answer.headers)

    try:
        yield ask
    finally:
        await runner.cleanup()


async def test_alive() -> None:
    async with serving([check("It", "not ready at all")]) as ask:
        status, body, headers = await ask("/healthz")
        assert (status, body, headers["Cache-Control"]) == (200, "ok\n", "no-store")
        assert (await ask("/healthz", "HEAD"))[0] == 200


async def test_ready_when_every_check_is_content() -> None:
    async with serving([check("One", None), check("Two", None)]) as ask:
        assert (await ask("/readyz"))[:2] == (200, {"ready": True, "reasons": []})


async def test_every_reason_is_told_once_and_it_recovers() -> None:
    checks = [check("One", "The keys are missing.", None), check("Two", None, None), check("Three", "Late.", None)]
    async with serving([*checks, check("Four", "Late.", None)]) as ask:
        status, body, headers = await ask("/readyz")
        assert (status, body) == (503, {"ready": False, "reasons": ["The keys are missing.", "Late."]})
        assert headers["Cache-Control"] == "no-store"
        assert (await ask("/readyz"))[0] == 200


async def test_a_check_that_hangs_is_bounded_and_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    begun, release = 0, asyncio.Event()

    async def hang() -> str | None:
        nonlocal begun
        begun += 1
        await release.wait()
        return None

    async with serving([Check("The database", hang), check("Two", *[None] * 9)]) as ask:
        first, second = await asyncio.gather(ask("/readyz"), ask("/readyz"))
        third = await ask("/readyz")
        for status, body, _ in (first, second, third):
            assert (status, body["reasons"]) == (503, ["The database did not answer within 0 seconds."])
        assert begun == 1
        release.set()
        assert (await ask("/readyz"))[0] == 200


async def test_a_hanging_check_does_not_keep_the_server_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    stopped = asyncio.Event()

    async def hang() -> str | None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return None

    async with serving([Check("The database", hang)]) as ask:
        await ask("/readyz")
    assert stopped.is_set()


async def test_a_check_that_breaks_is_a_reason(caplog: pytest.LogCaptureFixture) -> None:
    async def away() -> str | None:
        raise Unavailable("The database does not answer just now.")

    async def bug() -> str | None:
        raise KeyError("s3cret")

    with caplog.at_level(logging.ERROR):
        async with serving([Check("The database", away), Check("The outbox", bug)]) as ask:
            status, body, _ = await ask("/readyz")
    assert status == 503
    assert body["reasons"] == [
        "The database does not answer just now.",
        "The outbox could not be checked; the log of the server says why.",
    ]
    assert [record.exc_info is not None for record in caplog.records] == [True]


@pytest.mark.parametrize(("age_ms", "reasons"), [(0, 0), (59_999, 0), (60_000, 1), (3_600_000, 1)])
async def test_overdue_work(age_ms: int, reasons: int) -> None:
    async with serving([overdue_check(lanes(oldest_overdue_ms=age_ms))]) as ask:
        status, body, _ = await ask("/readyz")
    assert (status == 200, len(body["reasons"])) == (not reasons, reasons)
    assert all(f"{age_ms // 1000} seconds" in reason for reason in body["reasons"])


@pytest.mark.parametrize(("age_ms", "reasons"), [(0, 0), (59_999, 0), (60_000, 1), (3_600_000, 1)])
async def test_work_that_nobody_does(age_ms: int, reasons: int) -> None:
    async with serving([work_check(queue(oldest_overdue_ms=age_ms))]) as ask:
        status, body, _ = await ask("/readyz")
    assert (status == 200, len(body["reasons"])) == (not reasons, reasons)
    assert all(f"due work has waited {age_ms // 1000} seconds" in reason for reason in body["reasons"])


async def test_keys() -> None:
    loaded = False
    async with serving([keys_check(lambda: loaded)]) as ask:
        assert "keys" in (await ask("/readyz"))[1]["reasons"][0]
        loaded = True
        assert (await ask("/readyz"))[0] == 200


async def test_a_real_database_is_ready(database: Database) -> None:
    checks = [database_check(database.check), overdue_check(database.lanes)]
    async with serving(checks, database.lanes) as ask:
        assert (await ask("/readyz"))[:2] == (200, {"ready": True, "reasons": []})
        status, text, _ = await ask("/metrics")
    assert status == 200
    assert "incident_outbox_open_messages 0.0" in text


async def test_a_database_without_tables_is_not_ready(tmp_path: Any) -> None:
    empty = Database.open(f"sqlite:///{tmp_path}/empty.db")
    try:
        async with serving([database_check(empty.check), overdue_check(empty.lanes)], empty.lanes) as ask:
            status, body, _ = await ask("/readyz")
            assert (await ask("/metrics"))[0] == 200
    finally:
        await empty.close()
    assert status == 503
    assert body["reasons"] == ["The database has no tables yet or old ones: run `python app.py migrate`."]


async def test_metrics_show_the_outbox() -> None:
    outbox = lanes(open=7, dead=2, unknown=1, oldest_overdue_ms=1500)
    async with serving(outbox=outbox) as ask:
        status, text, headers = await ask("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "incident_outbox_open_messages 7.0" in text
    assert "incident_outbox_oldest_overdue_seconds 1.5" in text
    assert "incident_outbox_dead_letters 3.0" in text


async def test_metrics_show_due_work() -> None:
    async with serving(work=queue(open=12, dead=1, oldest_overdue_ms=2500)) as ask:
        _, text, _ = await ask("/metrics")
    assert "incident_work_open 12.0" in text
    assert "incident_work_oldest_overdue_seconds 2.5" in text
    assert "incident_work_dead 1.0" in text


@pytest.mark.parametrize("fault", [Unavailable("away"), TimeoutError()])
async def test_metrics_without_a_database(fault: Exception) -> None:
    metrics = Metrics("1")
    metrics.sent("sent")
    away = cast("WorkQueue", QueueOf(fault))
    async with serving(outbox=cast("Lanes", OutboxOf(fault)), metrics=metrics, work=away) as ask:
        status, text, _ = await ask("/metrics")
    assert status == 200
    assert 'incident_outbox_sends_total{outcome="sent"} 1.0' in text
