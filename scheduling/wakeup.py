"""Sleeping until something is due, or until somebody calls."""

import asyncio


class Alarm:
    """Wakes one sleeper. A ring that comes while nobody sleeps is kept for the next sleep."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def ring(self, after_s: float = 0.0) -> None:
        """Wake the sleeper, now or in so many seconds; of several later rings only the earliest counts."""
        if after_s <= 0:
            self._rung.set()
            return
        loop = asyncio.get_running_loop()
        at = loop.time() + after_s
        if self._timer is not None and not self._timer.cancelled() and loop.time() < self._timer.when() <= at:
            return
        self.cancel()
        self._timer = loop.call_at(at, self._rung.set)

    def clear(self) -> None:
        """Forget earlier rings. Call it *before* looking for work: a ring during the look must not be lost."""
        self._rung.clear()

    async def wait(self, at_most_s: float) -> None:
        """Sleep until it rings, and no longer than so many seconds."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._rung.wait()
        except TimeoutError:
            return

    def cancel(self) -> None:
        """Forget a later ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
