"""A jump of the development clock, carried out as a walk: from one due moment to the next, the work due is done.

So what people read later tells the right times, and everything that becomes due because of a step happens too.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from scheduling.clock import TRUST_S, DevelopmentClock
from usecases.outbox import Lanes
from usecases.ports import Database
from usecases.work import Foreman, Standing, WorkQueue

WALK_S = 20.0
"""How long a jump goes from moment to moment; then it goes straight to its end. Ours: tests jump by months too."""
PATIENCE_S = 30.0
"""How long a jump takes at most before its caller hears that something is still due."""
SENDS_STEP_S = 3.0
SENDS_JUMP_S = 12.0
"""How long a jump waits for messages to leave, after one moment and in all: so that they tell the time they left at."""
_NAPS_S = (0.002, 0.005, 0.01, 0.02, 0.05)


class Unsettled(Exception):  # noqa: N818 - a state of the world
    """The clock stands where it was sent, but there is still work due."""

    def __init__(self, now: datetime) -> None:
        super().__init__(f"At {now} there is still work due.")
        self.now = now


class Walk:
    """Moves the development clock of everybody on this database; one jump at a time in this process.

    Any replica may do the work: what is waited for is the state of the database.
    """

    def __init__(
        self,
        database: Database,
        clock: DevelopmentClock,
        queue: WorkQueue,
        foreman: Foreman,
        lanes: Lanes,
        *,
        kinds: Collection[str],
        walk_s: float = WALK_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._db, self._clock, self._queue, self._foreman, self._lanes = database, clock, queue, foreman, lanes
        self._kinds = kinds
        self._walk_s, self._patience_s = walk_s, patience_s
        self._one_at_a_time = asyncio.Lock()

    async def go(self, aim: Callable[[datetime], datetime]) -> datetime:
        """Go where `aim` says when it is told the time (UTC), and do all that is due until then; tell the time there.

        Raise what `aim` raises, Unsettled when something is still due after all patience, Unavailable without a
        database.
        """
        async with self._one_at_a_time:
            target = aim(await self._db.read(self._clock.now))
            jump = _Jump(self._walk_s, self._patience_s)
            standing = await self._settle(jump.walk_until, jump)
            while jump.may_walk() and standing.next_due is not None and standing.next_due < target:
                await self._reach(standing.next_due)
                standing = await self._settle(jump.walk_until, jump)
            now = await self._reach(target)
            if not (await self._settle(jump.end, jump)).settled:
                raise Unsettled(now)
            await asyncio.sleep(TRUST_S)  # now every replica has seen it
            return await self._db.read(self._clock.now)

    async def _reach(self, moment: datetime) -> datetime:
        now = await self._db.read(self._clock.now)
        return now if now >= moment else await self._db.write(lambda store: self._clock.reach(store, moment))

    async def _settle(self, until: float, jump: "_Jump") -> Standing:
        """Wait until nothing is due and nobody is at it, and a little for the messages that came of it.

        Time passes meanwhile: work that somebody has begun by then must not see the clock move on.
        """
        standing = await self._done(until)
        while standing.settled:
            await self._sent(jump)
            standing = await self._queue.standing(self._kinds)
            if standing.settled or _time() >= until:
                break
            standing = await self._done(until)
        return standing

    async def _done(self, until: float) -> Standing:
        self._foreman.wake()
        standing = await self._queue.standing(self._kinds)
        for nap in _naps():
            if standing.settled or _time() >= until:
                break
            await asyncio.sleep(nap)
            self._foreman.wake()
            standing = await self._queue.standing(self._kinds)
        return standing

    async def _sent(self, jump: "_Jump") -> None:
        began = _time()
        until = began + min(SENDS_STEP_S, jump.sends_s)
        for nap in _naps():
            if await self._lanes.quiet() or _time() >= until:
                break
            await asyncio.sleep(nap)
        jump.sends_s -= _time() - began


class _Jump:
    """How much time a jump has left. `walk_until` and `end` are the event loop's time, `sends_s` seconds."""

    def __init__(self, walk_s: float, patience_s: float) -> None:
        self.walk_until = _time() + walk_s
        self.end = _time() + patience_s
        self.sends_s = SENDS_JUMP_S

    def may_walk(self) -> bool:
        """Tell whether there is time to look at one more moment."""
        return _time() < self.walk_until


def _naps() -> Iterator[float]:
    yield from _NAPS_S
    while True:
        yield _NAPS_S[-1]


def _time() -> float:
    return asyncio.get_running_loop().time()
