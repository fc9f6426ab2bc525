"""The delivering side of the outbox: every method is one transaction."""

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import BigInteger, and_, bindparam, delete, exists, func, or_, select

from storage.lane_keeper import LeaseLost
from storage.listener import OUTBOX_DUE
from storage.tables import lane, outbox_message
from storage.tables.lane import HAS_WORK
from storage.tables.outbox_message import IS_GIVEN_UP, IS_SENT, IS_WAITING, IS_WAITING_PAGE
from storage.unit_of_work import SqlStore
from usecases.outbox import Claim, Courier, Delivered, Delivery, DueMessage, OutboxHealth

if TYPE_CHECKING:
    from storage.database import Database

T = TypeVar("T")

KEEP_INBOUND_MS = 48 * 3_600_000  # ours: Teams repeats within minutes, an operator's replay within a day
KEEP_SENT_MS = 7 * 24 * 3_600_000  # ours: long enough to look into last week's question
POLL_SQLITE_S = 1.0  # another process may write too: an import, a second bot by mistake
POLL_POSTGRES_S = 5.0
LONG_SEND_MS = 1_500  # ours: nobody waits for a send that takes longer, its owner may be dead
SWEEP_ROWS = 1000  # a transaction; larger ones would hold up turns

_OLD_SENT = select(outbox_message.c.id).where(IS_SENT, outbox_message.c.finished_ms < bindparam("before"))
_FORGET_SENT = delete(outbox_message).where(outbox_message.c.id.in_(_OLD_SENT.limit(SWEEP_ROWS)))
_WAITING = select(func.count()).select_from(outbox_message).where(IS_WAITING)
_GIVEN_UP = (
    select(outbox_message.c.state, func.count().label("many")).where(IS_GIVEN_UP).group_by(outbox_message.c.state)
)
_NOW = bindparam("now", type_=BigInteger)
_MAY_SEND = and_(
    lane.c.next_at <= bindparam("soon", type_=BigInteger),
    lane.c.tat <= bindparam("short", type_=BigInteger),
    lane.c.tat2 <= bindparam("hour", type_=BigInteger),
)
_LANE_IS_BUSY = exists().where(
    HAS_WORK,
    or_(
        lane.c.lease_until >= bindparam("lately", type_=BigInteger),
        and_(or_(lane.c.lease_until.is_(None), lane.c.lease_until < _NOW), _MAY_SEND),
    ),
)
_PAGE_IS_DUE = exists().where(
    IS_WAITING_PAGE, outbox_message.c.not_before_ms <= _NOW, outbox_message.c.begun_ms.is_(None)
)
_BUSY = select(or_(_LANE_IS_BUSY, _PAGE_IS_DUE))


class SqlLanes:
    """Implements usecases.outbox.Lanes."""

    def __init__(self, database: "Database") -> None:
        self._database = database
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
            verdict = store.lanes.judge(due, delivery)
            # Before the lane is locked: turns lock in this order too, so nobody waits for the other in a circle.
            if verdict.ends and delivery.then is not None:
                delivery.then(store)
                store.outbox.flush()
            if isinstance(delivery, Delivered) and store.lanes.close(due, delivery):
                return None
            return store.lanes.finish(due, delivery, verdict, more=more)

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

    async def quiet(self) -> bool:
        """Tell whether nothing is being sent, nothing could be sent by now, and no page waits for its turn.

        A send that takes more than LONG_SEND_MS does not count.
        """
        rates, now = self._database.rates, self._database.now_ms()
        values = {
            "now": now,
            "lately": now + rates.lease_ms - LONG_SEND_MS,
            "soon": now + rates.tenant_turn_ms,  # the tenant's tokens are handed out one by one
            "short": now + rates.short.slack_ms,
            "hour": now + rates.hour.slack_ms,
        }
        return not await self._database.read(lambda store: store.connection.execute(_BUSY, values).scalar_one())

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
        if self._database.listener is not None:
            self._database.listener.subscribe(OUTBOX_DUE, courier.wake)

    def detach(self) -> None:
        """Stop handing over and waking."""
        self.courier = None
        if self._database.listener is not None:
            self._database.listener.unsubscribe(OUTBOX_DUE)


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
