"""The delivering side of the outbox: every method is one transaction."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import bindparam, delete, func, select

from storage.lane_keeper import LeaseLost
from storage.listener import Listener
from storage.tables import outbox_message
from storage.tables.outbox_message import IS_GIVEN_UP, IS_SENT, IS_WAITING
from storage.unit_of_work import SqlStore
from usecases.outbox import Claim, Courier, Delivered, Delivery, DueMessage, Failed, OutboxHealth

if TYPE_CHECKING:
    from storage.database import Database

T = TypeVar("T")

KEEP_INBOUND_MS = 48 * 3_600_000  # ours: Teams repeats within minutes, an operator's replay within a day
KEEP_SENT_MS = 7 * 24 * 3_600_000  # ours: long enough to look into last week's question
POLL_SQLITE_S = 1.0  # another process may write too: an import, a second bot by mistake
POLL_POSTGRES_S = 5.0
SWEEP_ROWS = 1000  # a transaction; larger ones would hold up turns

_OLD_SENT = select(outbox_message.c.id).where(IS_SENT, outbox_message.c.finished_ms < bindparam("before"))
_FORGET_SENT = delete(outbox_message).where(outbox_message.c.id.in_(_OLD_SENT.limit(SWEEP_ROWS)))
_WAITING = select(func.count()).select_from(outbox_message).where(IS_WAITING)
_GIVEN_UP = (
    select(outbox_message.c.state, func.count().label("many")).where(IS_GIVEN_UP).group_by(outbox_message.c.state)
)


class SqlLanes:
    """Implements usecases.outbox.Lanes."""

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._listener: Listener | None = None
        self.courier: Courier | None = None

    @property
    def poll_s(self) -> float:
        """How often to look without being woken, in seconds. PostgreSQL also tells replicas of each other's work."""
        return POLL_SQLITE_S if self._database.is_sqlite else POLL_POSTGRES_S

    async def claim(self, limit: int) -> Claim:
        """Take the heads of at most `limit` lanes that may send now, each with its token."""
        return await self._database.write(lambda store: store.lanes.claim(limit))

    async def finish(self, due: DueMessage, delivery: Delivery, *, more: bool = True) -> DueMessage | None:
        """Record how a send ended, and take the next message of the lane where one may be sent now.

        A send whose lease was lost meanwhile changes nothing: whoever owns the lane now has decided about it.
        """

        def record(store: SqlStore) -> DueMessage | None:
            # Before the lane is locked: turns lock in this order too, so nobody waits for the other in a circle.
            if isinstance(delivery, Delivered | Failed) and delivery.then is not None:
                delivery.then(store)
                store.outbox.flush()
            if isinstance(delivery, Delivered) and store.lanes.close(due, delivery):
                return None
            return store.lanes.finish(due, delivery, more=more)

        try:
            return await self._database.write(record)
        except LeaseLost:
            return None

    async def put_back(self, due: DueMessage) -> None:
        """Give up a message that was taken and not sent; others may take it at once."""
        await self._database.write(lambda store: store.lanes.put_back(due))

    async def health(self) -> OutboxHealth:
        """Tell the state of all lanes."""
        return await self._database.read(_health)

    async def sweep(self) -> int:
        """Forget a batch of what is old: inbound keys and delivered messages. Return how many rows went."""
        now = self._database.now_ms()
        inbound = await self._database.write(
            lambda store: store.inbound.forget_before(now - KEEP_INBOUND_MS, limit=SWEEP_ROWS)
        )
        sent = await self._database.write(
            lambda store: store.connection.execute(_FORGET_SENT, {"before": now - KEEP_SENT_MS}).rowcount
        )
        return inbound + sent

    def attach(self, courier: Courier) -> None:
        """Name who delivers in this process. Call it on the event loop: from now on it is woken there."""
        self.courier = courier
        if not self._database.is_sqlite:
            loop = asyncio.get_running_loop()
            self._listener = Listener(self._database.url, lambda: _call_soon(loop, courier.wake))
            self._listener.start()

    def detach(self) -> None:
        """Stop handing over and waking."""
        self.courier = None
        if self._listener is not None:
            self._listener.stop()
            self._listener = None


def _call_soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)


def _health(store: SqlStore) -> OutboxHealth:
    waiting = store.connection.execute(_WAITING).scalar_one()
    given_up: dict[str, int] = {row.state: row.many for row in store.connection.execute(_GIVEN_UP)}
    context = store.lane_context
    overdue = store.connection.execute(context.sql.overdue, {"now": context.now_ms()}).scalar_one()
    return OutboxHealth(
        open=waiting,
        dead=given_up.get("dead", 0),
        unknown=given_up.get("unknown", 0),
        oldest_overdue_ms=overdue,
        by_state={"open": waiting, **given_up},
    )
