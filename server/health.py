"""What monitors ask: is the process alive, is it ready for work, what has it counted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp import web

from server.metrics import CONTENT_TYPE, Metrics
from usecases.outbox import Lanes, OutboxHealth
from usecases.ports import Unavailable
from usecases.work import WorkHealth, WorkQueue

PATIENCE_S = 2.0
"""How long one check may take; ours: load balancers give up on a probe after a few seconds."""
OVERDUE_S = 60.0
"""Work that could have been done so long ago says that nobody does it (the contract's figure)."""

_HEADERS = {"Cache-Control": "no-store"}
_OK, _NOT_READY = 200, 503

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of being ready. `reason` answers None when it holds, else one sentence."""

    what: str
    """The subject of the sentence when there is no answer in time, such as "The database"."""
    reason: Callable[[], Awaitable[str | None]]


def database_check(examine: Callable[[], Awaitable[Sequence[str]]]) -> Check:
    """Require that the database answers and that its tables are current; `examine` gives what is wrong."""

    async def reason() -> str | None:
        return " ".join(await examine()) or None

    return Check("The database", reason)


def overdue_check(lanes: Lanes) -> Check:
    """Require that what is due is being sent."""

    async def reason() -> str | None:
        age = (await lanes.health()).oldest_overdue_ms / 1000
        return None if age < OVERDUE_S else f"The oldest message that could be sent has waited {age:.0f} seconds."

    return Check("The outbox", reason)


def work_check(queue: WorkQueue) -> Check:
    """Require that what is due is being done."""

    async def reason() -> str | None:
        age = (await queue.health()).oldest_overdue_ms / 1000
        return None if age < OVERDUE_S else f"The oldest due work has waited {age:.0f} seconds."

    return Check("The due work", reason)


def keys_check(loaded: Callable[[], bool]) -> Check:
    """Require a key to check inbound tokens with."""

    async def reason() -> str | None:
        return None if loaded() else "The keys that sign Teams' requests could not be fetched yet."

    return Check("The key store", reason)


def add_health(
    app: web.Application, *, checks: Sequence[Check], lanes: Lanes, queue: WorkQueue, metrics: Metrics
) -> None:
    """Serve /healthz, /readyz and /metrics. None of them asks for a token, none says more than it must."""
    probes = [_Probe(check) for check in checks]
    outbox, work = _Shared(lanes.health), _Shared(queue.health)

    async def ready(_: web.Request) -> web.Response:
        found = await asyncio.gather(*(probe.reason() for probe in probes))
        reasons = list(dict.fromkeys(reason for reason in found if reason))
        body = {"ready": not reasons, "reasons": reasons}
        return web.json_response(body, status=_NOT_READY if reasons else _OK, headers=_HEADERS)

    async def figures(_: web.Request) -> web.Response:
        await _show_outbox(outbox, metrics)
        await _show_work(work, metrics)
        return web.Response(body=metrics.render(), headers={**_HEADERS, "Content-Type": CONTENT_TYPE})

    async def close(_: web.Application) -> None:
        for shared in (outbox, work, *(probe.shared for probe in probes)):
            await shared.close()

    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", figures)
    app.on_cleanup.append(close)


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="ok\n", headers=_HEADERS)


async def _show_outbox(outbox: "_Shared[OutboxHealth]", metrics: Metrics) -> None:
    """Bring the outbox figures up to date; without a database the others are still worth showing."""
    try:
        health = await outbox.get()
    except (Unavailable, TimeoutError):
        return
    metrics.set_outbox(
        open_messages=health.open,
        oldest_overdue_seconds=health.oldest_overdue_ms / 1000,
        dead=health.dead + health.unknown,
    )


async def _show_work(work: "_Shared[WorkHealth]", metrics: Metrics) -> None:
    """Bring the figures of due work up to date."""
    try:
        health = await work.get()
    except (Unavailable, TimeoutError):
        return
    metrics.set_work(open_work=health.open, oldest_overdue_seconds=health.oldest_overdue_ms / 1000, dead=health.dead)


class _Shared(Generic[T]):
    """A look that is taken by one task at a time: probes that come while it hangs wait for it, and pile up nothing."""

    def __init__(self, look: Callable[[], Awaitable[T]]) -> None:
        self._look = look
        self._task: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Return the result of the look under way or of a new one. Raises TimeoutError after PATIENCE_S."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._taken())
            self._task.add_done_callback(_seen)
        done, _ = await asyncio.wait({self._task}, timeout=PATIENCE_S)
        if not done:
            raise TimeoutError
        return self._task.result()

    async def close(self) -> None:
        """Stop the look that is under way."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _taken(self) -> T:
        return await self._look()


def _seen(task: asyncio.Task[T]) -> None:
    """Mark the error of a look that nobody waited for as seen."""
    if not task.cancelled():
        task.exception()


class _Probe:
    """A check that always answers."""

    def __init__(self, check: Check) -> None:
        self._what = check.what
        self.shared = _Shared(check.reason)

    async def reason(self) -> str | None:
        try:
            return await self.shared.get()
        except TimeoutError:
            return f"{self._what} did not answer within {PATIENCE_S:.0f} seconds."
        except Unavailable as fault:
            return str(fault)
        except Exception:  # noqa: BLE001 - a monitor gets an answer whatever broke
            _log.exception("A readiness check failed: %s", self._what)
            return f"{self._what} could not be checked; the log of the server says why."
