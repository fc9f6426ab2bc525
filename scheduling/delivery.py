"""Delivers the outbox: takes what is due, sends it, records how that ended."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from scheduling.wakeup import Alarm
from usecases.outbox import Ambiguous, Claim, Delivery, DueMessage, Lanes
from usecases.ports import Unavailable

Deliver = Callable[[DueMessage], Awaitable[Delivery]]
Count = Callable[[str], None]

SENDS = 16  # at the same time; ours: a tenant's 30 a second at half a second each
SEND_S = 20.0  # one send with all its quick retries; well below the 30 s lease
SWEEP_S = 600.0
SHORTEST_NAP_S = 0.02  # a lane that another transaction holds looks due all the time
BACKOFF_S = (0.5, 1.0, 2.0, 5.0)  # while the database is away

logger = logging.getLogger(__name__)


class DeliveryLoop:
    """One per process; it is the process's usecases.outbox.Courier. Replicas share the lanes through the database.

    `deliver` sends one message and says how it ended; it should not raise, and if it does nobody knows how the send
    ended. `on_outcome` hears of every ended send: "delivered", "later", "ambiguous" or "failed".
    """

    def __init__(
        self,
        lanes: Lanes,
        deliver: Deliver,
        *,
        on_outcome: Count | None = None,
        sends: int = SENDS,
        send_s: float = SEND_S,
    ) -> None:
        self._lanes = lanes
        self._deliver = deliver
        self._on_outcome = on_outcome
        self._sends = sends
        self._send_s = send_s
        self._poll_s = lanes.poll_s  # the guarantee, should a wake-up be lost
        self._alarm = Alarm()
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy = 0

    async def start(self) -> None:
        """Begin to deliver, on the running event loop."""
        self._lanes.attach(self)
        self._spawn(self._run())
        self._spawn(self._sweep())

    async def stop(self, *, patience_s: float = 5.0) -> None:
        """Take nothing new, wait for sends in flight, free the lanes.

        A send that takes longer than `patience_s` is cut off; its lane is freed by its lease, and the message counts
        as one that may have arrived.
        """
        self._lanes.detach()
        self._stopping.set()
        self._alarm.cancel()
        self._alarm.ring()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- as a courier ---------------------------------------------------------------------------------------------

    def room(self) -> int:
        """How many more messages could be sent at once. Asked on worker threads."""
        return 0 if self._stopping.is_set() else self._sends - self._busy

    def hand_over(self, messages: Sequence[DueMessage]) -> None:
        """Take messages whose lanes were claimed by the transaction that wrote them."""
        for message in messages:
            if self._stopping.is_set():
                self._spawn(self._put_back(message))
            else:
                self._busy += 1
                self._spawn(self._serve(message))

    def wake(self, after_s: float = 0.0) -> None:
        """Look at the lanes, now or in so many seconds."""
        if not self._stopping.is_set():
            self._alarm.ring(after_s)

    # -- loops ----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Claim what is due and sleep until something may be."""
        failures = 0
        while not self._stopping.is_set():
            self._alarm.clear()
            room = self.room()
            nap = self._poll_s
            if room > 0:
                try:
                    claim = await self._lanes.claim(room)
                except Unavailable:
                    nap = _backoff(failures)
                    failures += 1
                except Exception:
                    logger.exception("looking for messages failed")
                    nap = _backoff(failures)
                    failures += 1
                else:
                    failures = 0
                    nap = self._take(claim)
            await self._alarm.wait(nap)

    def _take(self, claim: Claim) -> float:
        """Begin to send what was claimed; say how long there will be nothing else."""
        self.hand_over(claim.messages)
        if claim.next_in_s is None:
            return self._poll_s
        return min(max(claim.next_in_s, SHORTEST_NAP_S), self._poll_s)

    async def _sweep(self) -> None:
        """Now and then, forget what is old."""
        while not self._stopping.is_set():
            try:
                while await self._lanes.sweep() and not self._stopping.is_set():
                    pass
            except Unavailable:
                pass  # the next round is early enough
            except Exception:
                logger.exception("forgetting old messages failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_S):
                    await self._stopping.wait()

    async def _serve(self, first: DueMessage) -> None:
        """Send a lane's messages one after the other until none may be sent just now."""
        due: DueMessage | None = first
        try:
            while due is not None:
                delivery = await self._send(due)
                if self._on_outcome is not None:
                    self._on_outcome(type(delivery).__name__.lower())
                due = await self._record(due, delivery)
        finally:
            was_full = self.room() <= 0
            self._busy -= 1
            if was_full:
                self._alarm.ring()  # others may wait for this place

    async def _send(self, due: DueMessage) -> Delivery:
        try:
            async with asyncio.timeout(self._send_s):
                return await self._deliver(due)
        except TimeoutError:
            return Ambiguous(f"There was no answer within {self._send_s:g} seconds.")
        except Exception:
            logger.exception("sending message %s failed", due.id)
            return Ambiguous("Sending failed inside the bot; its log says why.")

    async def _record(self, due: DueMessage, delivery: Delivery) -> DueMessage | None:
        """Write down how a send ended, for as long as it takes: nobody else knows it."""
        failures = 0
        while True:
            try:
                return await self._lanes.finish(due, delivery, more=not self._stopping.is_set())
            except Unavailable:
                await asyncio.sleep(_backoff(failures))
                failures += 1
            except Exception:
                logger.exception("recording message %s failed", due.id)
                if delivery.then is None:
                    return None  # the lease ends it
                delivery = replace(delivery, then=None)  # what happened must be known, whatever should follow from it

    async def _put_back(self, due: DueMessage) -> None:
        try:
            await self._lanes.put_back(due)
        except Exception:
            logger.exception("message %s could not be put back", due.id)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # a task nobody refers to may vanish
        task.add_done_callback(self._tasks.discard)


def _backoff(failures: int) -> float:
    return BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
