"""What happens to lanes inside a transaction: heads are taken, sends are recorded, lanes are freed.

Order of locks, everywhere: what the work itself touches, then lanes, then the tenant's bucket.
"""

import json
import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from domain.errors import StaleVersion
from storage.known_names import KnownNames
from storage.lane_sql import LaneSql
from storage.rates import Rates
from storage.types import FAR_MS, clean
from storage.work_sql import WorkContext
from usecases.outbox import (
    Ambiguous,
    Claim,
    Courier,
    Delivered,
    Delivery,
    DueMessage,
    Failed,
    Later,
    MessageClass,
    MessageState,
    NewMessage,
)

LONGEST_WISH_S = 3600.0  # ours: whatever Teams asks for, look again after an hour
STOPPED = "The bot stopped while it was sending this; it may have arrived."


@dataclass(frozen=True, slots=True)
class LaneContext:
    """What every statement about lanes needs."""

    sql: LaneSql
    rates: Rates
    now_ms: Callable[[], int]  # real time; only used where the database has no clock of its own to go by
    courier: Courier | None
    known: KnownNames
    work: WorkContext


@dataclass(slots=True)
class _Lane:
    """A lane whose row this transaction has locked."""

    id: str
    fence: int
    tat: int
    tat2: int
    now: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a message after a send: OPEN is sent again."""

    state: MessageState
    reason: str | None

    @property
    def ends(self) -> bool:
        """Whether it is not sent again."""
        return self.state is not MessageState.OPEN


def is_page(message: DueMessage | NewMessage) -> bool:
    """Tell whether it goes before everything else."""
    return message.message_class is MessageClass.PAGE


def draw_fence() -> int:
    """Give a number that no other claim has: a write of a former owner matches no row."""
    return secrets.randbits(62) | 1


class LaneKeeper:
    """The lanes, through one transaction's connection."""

    def __init__(self, connection: Connection, context: LaneContext) -> None:
        self._connection = connection
        self._context = context
        self._sql = context.sql
        self._rates = context.rates
        self.wake_in_ms: int | None = None  # when the first of the lanes freed here is due again

    # -- taking ---------------------------------------------------------------------------------------------------

    def claim(self, limit: int) -> Claim:
        """Take the heads of at most `limit` lanes that may send now, each with its token."""
        due: list[DueMessage] = []
        if limit > 0:
            fence = draw_fence()
            lanes = [row.id for row in self._run(self._sql.claim, fence=fence, most=limit)]
            if lanes:
                due = self._begin(self._heads(lanes, fence))
            if len(lanes) == limit:
                return Claim(due, next_in_s=0.0)
        row = self._run(self._sql.next_due).one()
        wait = None if row.next_ms is None else max(row.next_ms - row.now_ms, 0) / 1000
        return Claim(due, next_in_s=wait)

    def with_tenant_tokens(self, messages: Sequence[DueMessage]) -> list[DueMessage]:
        """Take the tenants' tokens for messages that are begun already; free the lanes of those that get none."""
        granted, without = self._shared(messages)
        for message in without:
            self._run(self._sql.unbegin, id=message.id)
            self._wait_for_tenant(message)
        return granted

    def _heads(self, lanes: Sequence[str], fence: int) -> list[DueMessage]:
        """Read the heads of claimed lanes; free the lanes that have nothing to send now."""
        heads: list[DueMessage] = []
        waiting = list(lanes)
        while waiting:
            rows = {row.lane_id: row for row in self._run(self._sql.heads, lanes=waiting)}
            crashed = [row for row in rows.values() if _is_interrupted(row)]
            for row in crashed:
                self._set_state(row.id, MessageState.UNKNOWN, attempts=row.attempts, reason=STOPPED)
            again = {row.lane_id for row in crashed}
            for lane in waiting:
                row = rows.get(lane)
                if lane in again:
                    continue
                if row is None or row.not_before_ms > row.now_ms:
                    self.free(lane, fence)
                else:
                    heads.append(_due(row, fence))
            waiting = sorted(again)
        return heads

    def _begin(self, heads: Sequence[DueMessage]) -> list[DueMessage]:
        """Take the tenants' tokens and note, durably before the POST, that a send begins."""
        begun, without = self._shared(heads)
        for message in without:
            self._wait_for_tenant(message)
        if begun:
            self._run(self._sql.begin, ids=[message.id for message in begun])
        return [replace(message, attempts=message.attempts + 1) for message in begun]

    def _shared(self, messages: Sequence[DueMessage]) -> tuple[list[DueMessage], list[DueMessage]]:
        """Take the tenants' tokens, for pages first; tell who has got one and who has not."""
        granted: list[DueMessage] = []
        without: list[DueMessage] = []
        for tenant, pages, wanted in _by_tenant(messages):
            many = self._take_tokens(tenant, len(wanted), page=pages)
            granted += wanted[:many]
            without += wanted[many:]
        return granted, without

    def _wait_for_tenant(self, message: DueMessage) -> None:
        ready = self._tenant_ready_at(message.tenant_id, page=is_page(message))
        self.free(message.lane, message.fence, not_before=ready)

    def free(self, lane_id: str, fence: int, *, not_before: int = 0) -> None:
        """Give a lane back together with its unused token."""
        lane = self._locked(lane_id, fence)
        if lane is not None:
            lane.tat -= self._rates.short.interval_ms
            lane.tat2 -= self._rates.hour.interval_ms
            self._release(lane, not_before=not_before)

    # -- finishing ------------------------------------------------------------------------------------------------

    def close(self, due: DueMessage, delivery: Delivered) -> bool:
        """Record a delivery and close its lane in the fewest steps; False (and nothing done) when more waits there."""
        if not due.alone_at:
            return False
        values: dict[str, Any] = {
            "lane": due.lane,
            "fence": due.fence,
            "seen": due.alone_at,
            "id": due.id,
            "activity": _cleaned(delivery.activity_id),
        }
        if self._sql.one_close is not None:
            return self._run(self._sql.one_close, **values).one_or_none() is not None
        if self._run(self._sql.close, **values).one_or_none() is None:
            return False
        self._run(self._sql.sent, **values)
        return True

    def judge(self, due: DueMessage, delivery: Delivery) -> Verdict:
        """Decide what becomes of a message, before its lane is locked: what follows from it may lock other rows."""
        match delivery:
            case Delivered():
                return Verdict(MessageState.SENT, None)
            case Failed(reason=reason):
                return Verdict(MessageState.DEAD, reason)
            case Later() | Ambiguous():
                return self._judge_unsent(due, delivery)

    def finish(self, due: DueMessage, delivery: Delivery, verdict: Verdict, *, more: bool) -> DueMessage | None:
        """Record how a send ended; return the lane's next message, begun, where one may be sent now."""
        lane = self._locked(due.lane, due.fence)
        if lane is None:
            raise LeaseLost
        self._record(lane, due, delivery, verdict)
        if not more:
            self._release(lane)
            return None
        return self._next(lane)

    def put_back(self, due: DueMessage) -> None:
        """Give up a message that was taken and not sent."""
        if self._locked(due.lane, due.fence) is not None:
            self._run(self._sql.unbegin, id=due.id)
            self.free(due.lane, due.fence)

    def _judge_unsent(self, due: DueMessage, delivery: Later | Ambiguous) -> Verdict:
        row = self._run(self._sql.message, id=due.id).one()
        if row.version != due.version:  # the newer version has not been tried yet
            return Verdict(MessageState.OPEN, delivery.reason)
        rates, age_ms = self._rates, self._context.now_ms() - row.created_ms
        tries = f"Given up after {due.attempts} attempts: {delivery.reason}"
        match delivery, due.message_class:
            case Later(), _ if age_ms >= rates.give_up_ms:
                return Verdict(MessageState.DEAD, f"Given up after a day: {delivery.reason}")
            case Ambiguous(), MessageClass.CHATTER:
                return Verdict(MessageState.UNKNOWN, delivery.reason)
            case Ambiguous(), MessageClass.PAGE if age_ms >= rates.page_give_up_ms:
                return Verdict(MessageState.DEAD, tries)
            case Ambiguous(), MessageClass.CARD if due.attempts >= rates.give_up_attempts:
                return Verdict(MessageState.DEAD, tries)
            case _:
                return Verdict(MessageState.OPEN, delivery.reason)

    def _record(self, lane: _Lane, due: DueMessage, delivery: Delivery, verdict: Verdict) -> None:
        state = verdict.state
        raised = self._run(self._sql.message, id=due.id).one().version != due.version
        if raised and state in {MessageState.SENT, MessageState.DEAD}:
            if isinstance(delivery, Later | Ambiguous):
                raise StaleVersion  # raised since it was judged, and what follows from its end has been done already
            # A newer version came while this one was on its way: that one has not been tried yet.
            self._set_state(due.id, MessageState.OPEN, attempts=0, reason=verdict.reason)
            return
        if state is MessageState.OPEN and isinstance(delivery, Later | Ambiguous):
            self._put_off(lane, due, delivery)
        attempts = 0 if raised and due.attempts >= self._rates.give_up_attempts else due.attempts
        activity = delivery.activity_id if isinstance(delivery, Delivered) else None
        self._set_state(due.id, state, attempts=attempts, reason=verdict.reason, activity=activity)

    def _put_off(self, lane: _Lane, due: DueMessage, delivery: Later | Ambiguous) -> None:
        """Let a message wait for its next attempt: it keeps its place, and only pages overtake it meanwhile.

        Where Teams asked to slow down the token bucket is pushed, which stops pages too: an enqueue may wake the lane
        early, only a missing token keeps it from sending.
        """
        asked = delivery.after_s if isinstance(delivery, Later) else None
        wait = (
            self._rates.backoff_ms(due.attempts, random.random(), page=is_page(due))
            if asked is None
            else int(min(max(asked, 0.0), LONGEST_WISH_S) * 1000)
        )
        self._run(self._sql.put_off, id=due.id, until=lane.now + wait)
        if not isinstance(delivery, Later) or not delivery.slow_down:
            return
        # Without a wish of Teams' the card of many attempts waits for minutes; a page behind it does not.
        until = lane.now + (wait if asked is not None else min(wait, self._rates.page_retry_most_ms))
        lane.tat = self._rates.short.paused(lane.tat, until)
        if delivery.tenant_wide:
            tat = self._rates.tenant.paused(0, until)
            self._run(self._sql.tenant_add, tenant=clean(due.tenant_id))
            self._run(self._sql.tenant_pause, tenant=clean(due.tenant_id), tat=tat)

    def _next(self, lane: _Lane) -> DueMessage | None:
        """Take the lane's next message with its tokens, or free the lane until there may be one."""
        rates = self._rates
        row = self._run(self._sql.heads, lanes=[lane.id]).one_or_none()
        while row is not None and _is_interrupted(row):  # it stood behind a card when the lane was taken over
            self._set_state(row.id, MessageState.UNKNOWN, attempts=row.attempts, reason=STOPPED)
            row = self._run(self._sql.heads, lanes=[lane.id]).one_or_none()
        if row is None or row.not_before_ms > lane.now:
            self._release(lane)
            return None
        ready = max(rates.short.ready_at(lane.tat), rates.hour.ready_at(lane.tat2))
        if ready > lane.now:
            self._release(lane, not_before=ready)
            return None
        page = row.message_class == MessageClass.PAGE
        if not self._take_tokens(row.tenant_id, 1, page=page):
            self._release(lane, not_before=self._tenant_ready_at(row.tenant_id, page=page))
            return None
        lane.tat = rates.short.after(lane.tat, lane.now)
        lane.tat2 = rates.hour.after(lane.tat2, lane.now)
        self._park(lane, lease=lane.now + rates.lease_ms, next_at=lane.now)
        self._run(self._sql.begin, ids=[row.id])
        due = _due(row, lane.fence)
        return replace(due, attempts=due.attempts + 1)

    # -- rows -----------------------------------------------------------------------------------------------------

    def _locked(self, lane_id: str, fence: int) -> _Lane | None:
        """Lock a lane that is ours; None when somebody else has it by now."""
        row = self._run(self._sql.lock, lane=lane_id).one_or_none()
        if row is None or row.fence != fence:
            return None
        return _Lane(id=lane_id, fence=fence, tat=row.tat, tat2=row.tat2, now=row.now_ms)

    def _release(self, lane: _Lane, *, not_before: int = 0) -> None:
        """Free a locked lane until its next message is due, and never before a token is there."""
        wake = self._run(self._sql.next_wake, lane=lane.id).scalar_one()
        ready = max(self._rates.short.ready_at(lane.tat), self._rates.hour.ready_at(lane.tat2), not_before)
        if wake is None:
            self._park(lane, lease=None, next_at=FAR_MS)
            return
        next_at = max(wake, ready, lane.now)
        self._park(lane, lease=None, next_at=next_at)
        wait = next_at - lane.now
        self.wake_in_ms = wait if self.wake_in_ms is None else min(wait, self.wake_in_ms)

    def _park(self, lane: _Lane, *, lease: int | None, next_at: int) -> None:
        self._run(
            self._sql.park,
            lane=lane.id,
            fence=lane.fence,
            lease=lease,
            next_at=next_at,
            tat=lane.tat,
            tat2=lane.tat2,
        )

    def _set_state(
        self, message_id: int, state: MessageState, *, attempts: int, reason: str | None, activity: str | None = None
    ) -> None:
        self._run(
            self._sql.state,
            id=message_id,
            state=str(state),
            attempts=attempts,
            reason=_cleaned(reason),
            activity=_cleaned(activity),
        )

    def _take_tokens(self, tenant: str, many: int, *, page: bool) -> int:
        """Take up to so many of a tenant's tokens; return how many there were."""
        tenant, slack = clean(tenant), self._rates.tenant_slack_ms(page=page)
        if self._run(self._sql.tenant_take, tenant=tenant, many=many, slack=slack).one_or_none() is not None:
            return many
        if self._run(self._sql.tenant_add, tenant=tenant).one_or_none() is not None:
            return self._take_tokens(tenant, many, page=page)
        return self._take_tokens(tenant, many - 1, page=page) if many > 1 else 0

    def _tenant_ready_at(self, tenant: str, *, page: bool) -> int:
        tat = self._run(self._sql.tenant_look, tenant=clean(tenant)).scalar_one()
        return tat - self._rates.tenant_slack_ms(page=page)

    def _run(self, statement: Any, **values: Any) -> Any:
        return self._connection.execute(statement, {"now": self._context.now_ms(), **values})


def _is_interrupted(row: Row[Any]) -> bool:
    """Tell whether a former owner of the lane began to send this and never said how it ended: it is not sent again."""
    return row.begun_ms is not None and row.message_class == MessageClass.CHATTER


def _due(row: Row[Any], fence: int) -> DueMessage:
    return DueMessage(
        id=row.id,
        lane=row.lane_id,
        fence=fence,
        seq=row.seq,
        version=row.version,
        attempts=row.attempts,
        tenant_id=row.tenant_id,
        message_class=MessageClass(row.message_class),
        payload=json.loads(row.payload),
        incident_id=row.incident_id,
        alone_at=row.enq_seq if row.alone else 0,
    )


def _by_tenant(messages: Sequence[DueMessage]) -> Iterator[tuple[str, bool, list[DueMessage]]]:
    """Group messages by tenant, pages before the others; True says that a group is of pages."""

    def kind(message: DueMessage) -> tuple[str, bool]:
        return message.tenant_id, not is_page(message)

    for (tenant, others), group in groupby(sorted(messages, key=kind), key=kind):
        yield tenant, not others, list(group)


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean(text)


class LeaseLost(Exception):  # noqa: N818 - a state of the world
    """Another worker owns the lane by now; what we know about the send comes too late."""
