"""A process that carries out work with one of the engines: `python -m bench.work_worker ENGINE DOING URL OPTIONS`.

`jobs` starts at each line "go" and stops at each line "halt". `lag` plans work, carries it out, and prints how late it
was. Both end when standard input closes.
"""

import asyncio
import contextlib
import gc
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Protocol

from bench import work_peers as peers
from bench.work_world import KIND, nothing
from scheduling.clock import SystemClock
from scheduling.engine import CHUNK, RUNNERS, WorkEngine
from storage.database import Database
from storage.work_queue import SqlWorkQueue
from usecases.work import DueWork, Job, NewWork, Outcome, Run

GC_THRESHOLD = 10_000  # as the product sets it, for all engines alike
DRIFT_S = 0.01


class Engine(Protocol):
    """An engine that is compared."""

    async def plan(self, moments_ms: list[int]) -> None:
        """Plan work."""
        ...

    async def start(self) -> None:
        """Begin to carry it out."""
        ...

    async def stop(self) -> None:
        """Stop that."""
        ...


class Own:
    """Ours; `on_run` hears of work whose effects are committed, which is later than its run."""

    def __init__(self, url: str, ran: peers.Ran, *, chunk: int = CHUNK, runners: int = RUNNERS) -> None:
        self._database = Database.open(url)
        self._queue = _TellingQueue(self._database, SystemClock())
        self._queue.ran = ran
        self._chunk, self._runners = chunk, runners
        self._engine: WorkEngine | None = None

    async def plan(self, moments_ms: list[int]) -> None:
        """Plan in one transaction."""
        work = [
            NewWork(kind=KIND, dedupe_key=f"lag:{due_ms}:{n}", subject=f"incident:{n}", due_at=peers.moment(due_ms))
            for n, due_ms in enumerate(moments_ms)
        ]
        await self._database.write(lambda store: [store.work.add(one) for one in work])

    async def start(self) -> None:
        """Begin, with new tasks on the same connections."""
        self._engine = WorkEngine(self._queue, [Job(KIND, nothing)], chunk=self._chunk, runners=self._runners)
        await self._engine.start()

    async def stop(self) -> None:
        """Stop, and keep the connections."""
        assert self._engine
        await self._engine.stop()


class _TellingQueue(SqlWorkQueue):
    ran: peers.Ran

    async def run(self, batch: Sequence[tuple[DueWork, Run]]) -> Sequence[Outcome]:
        outcomes = await super().run(batch)
        for (due, _), outcome in zip(batch, outcomes, strict=True):
            if outcome is Outcome.DONE:
                self.ran(round(due.due_at.timestamp() * 1000))
        return outcomes


class Procrastinate:
    """Told of each run when it begins."""

    def __init__(self, url: str, ran: peers.Ran) -> None:
        self._app = peers.procrastinate_app(url, ran)
        self._open = contextlib.AsyncExitStack()
        self._worker: asyncio.Future[None] | None = None

    async def _connect(self) -> None:
        if self._worker is None:
            await self._open.enter_async_context(self._app.open_async())

    async def plan(self, moments_ms: list[int]) -> None:
        """Plan through its interface."""
        async with self._app.open_async():
            await peers.plan_procrastinate(self._app, moments_ms)

    async def start(self) -> None:
        """Run a worker."""
        await self._connect()
        self._worker = asyncio.ensure_future(peers.worker_of(self._app))

    async def stop(self) -> None:
        """Cancel it."""
        assert self._worker
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)


class APScheduler:
    """Told of each run when it begins; by then its row is gone."""

    def __init__(self, url: str, ran: peers.Ran) -> None:
        self._url = url
        self._scheduler = peers.scheduler_on(url, ran)
        self._ran = ran

    async def plan(self, moments_ms: list[int]) -> None:
        """Write rows, then hear of them again."""
        peers.plan_apscheduler(self._url, moments_ms, f"due-{peers.now_ms()}")
        self._scheduler = peers.scheduler_on(self._url, self._ran)

    async def start(self) -> None:
        """Run."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop."""
        self._scheduler.shutdown(wait=False)


ENGINES = {"own": Own, "procrastinate": Procrastinate, "apscheduler": APScheduler}


async def jobs(engine: Engine) -> None:
    """Start and stop when told."""
    loop = asyncio.get_running_loop()
    _say("ready")
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await (engine.start() if line == "go\n" else engine.stop())
        _say("ok")


async def lag(engine: Engine, late: list[float], finished: asyncio.Event, options: dict[str, Any]) -> None:
    """Plan work for a moment soon, spread over some time or all at once; print how late each piece was, in ms."""
    many, spread_ms, at_most_s = options["many"], options["spread_ms"], options["at_most_s"]
    due_ms = peers.now_ms() + options["ahead_ms"]
    own = isinstance(engine, Own)
    if own:
        await engine.start()  # the peers gain from not being woken while work is planned
    await engine.plan([due_ms + n * spread_ms // many for n in range(many)])
    if not own:
        await engine.start()
    early_s = (due_ms - peers.now_ms()) / 1000
    assert early_s > 0.2, f"planning took too long: {early_s:.1f} s left"
    await asyncio.sleep(early_s - 0.1)
    stall = asyncio.create_task(_longest_stall())
    cpu = time.process_time()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.1 + spread_ms / 1000 + at_most_s):
            await finished.wait()
    await asyncio.sleep(2 * DRIFT_S)
    stall.cancel()
    spent = time.process_time() - cpu
    missing = [float(peers.now_ms() - due_ms)] * (many - len(late))  # at least so late
    result = {"late": late + missing, "missing": len(missing), "stalls": await stall, "cpu_s": spent}
    await engine.stop()
    _say(json.dumps(result))


async def _longest_stall() -> list[float]:
    """Watch how much longer than asked a short sleep takes, in ms, until it is cancelled."""
    found: list[float] = []
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            began = time.perf_counter()
            await asyncio.sleep(DRIFT_S)
            found.append((time.perf_counter() - began - DRIFT_S) * 1000)
    return found


def _say(text: str) -> None:
    print(text, flush=True)


async def _main(name: str, doing: str, url: str, options: dict[str, Any]) -> None:
    late: list[float] = []
    finished = asyncio.Event()
    many = options.get("many")

    def ran(due_ms: int) -> None:
        late.append(float(peers.now_ms() - due_ms))
        if len(late) == many:
            finished.set()

    engine = ENGINES[name](url, ran, **options.get("engine", {}))
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    await (jobs(engine) if doing == "jobs" else lag(engine, late, finished, options))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])))
