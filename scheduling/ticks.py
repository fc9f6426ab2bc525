"""Things that are done now and then, in every process. APScheduler ticks; it holds no promise: those are due work.

Its own job stores lose work in a crash and double it between replicas, so only its memory is used.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from scheduling.clock import real_now
from usecases.ports import Unavailable

Action = Callable[[], Awaitable[object]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Tick:
    seconds: float
    name: str
    action: Action
    at_once: bool


def all_of(step: Callable[[], Awaitable[int]]) -> Action:
    """Make an action of a step that says how much it did: it is repeated until there is nothing left."""

    async def action() -> None:
        while await step():
            pass

    return action


class Ticks:
    """The ticks of one process. What a tick does must be harmless when it is left out, late or done by two replicas."""

    def __init__(self) -> None:
        self._ticks: list[_Tick] = []
        self._scheduler: Any = None
        self._running: set[asyncio.Task[Any]] = set()

    def every(self, seconds: float, name: str, action: Action, *, at_once: bool = False) -> None:
        """Do something every so many seconds (machine's time), never twice at once; `at_once` from the start on.

        An error is logged and the next tick comes all the same; Unavailable is no news. Raise ValueError for a name
        that is taken.
        """
        if any(tick.name == name for tick in self._ticks):
            raise ValueError(f"“{name}” ticks already")
        self._ticks.append(_Tick(seconds, name, action, at_once))

    async def start(self) -> None:
        """Begin to tick, on the running event loop."""
        from apscheduler.schedulers.asyncio import (  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
            AsyncIOScheduler,
        )

        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}  # late is better than not at all
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        for tick in self._ticks:
            first = {"next_run_time": real_now()} if tick.at_once else {}
            self._scheduler.add_job(
                self._do, "interval", (tick,), seconds=tick.seconds, id=tick.name, name=tick.name, **first
            )
        self._scheduler.start()

    async def stop(self, *, patience_s: float = 5.0) -> None:
        """Tick no more, and wait for what is under way."""
        if self._scheduler is None:
            return
        self._scheduler.pause()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._running:
                    await asyncio.wait(self._running)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it ends in the loop's next round
        self._scheduler = None

    async def _do(self, tick: _Tick) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            await tick.action()
        except Unavailable:
            logger.info("tick “%s” was left out: the database is away", tick.name)
        except Exception:
            logger.exception("tick “%s” failed", tick.name)
