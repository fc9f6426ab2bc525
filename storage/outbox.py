"""The sending side of a transaction: messages are collected, and written when the work is done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, select

from storage.lane_keeper import LaneContext, LaneKeeper, draw_fence, is_page
from storage.tables import outbox_message
from storage.tables.outbox_message import IS_GIVEN_UP, IS_WAITING
from storage.types import clean, to_json
from usecases.outbox import DueMessage, Failure, MessageState, NewMessage

_FAILURES = (
    select(outbox_message)
    .where(outbox_message.c.incident_id == bindparam("incident"), IS_GIVEN_UP)
    .order_by(outbox_message.c.id.desc())
    .limit(bindparam("most"))
)
# Locked until our commit: a send that begins after it reads what we have written.
_UNBEGUN = (
    select(outbox_message.c.payload, outbox_message.c.not_before_ms)
    .where(outbox_message.c.coalesce_key == bindparam("wanted"), IS_WAITING, outbox_message.c.begun_ms.is_(None))
    .with_for_update(read=True)
)
_ATTEMPTS = select(outbox_message.c.dedupe_key, outbox_message.c.attempts).where(
    outbox_message.c.dedupe_key.in_(bindparam("wanted", expanding=True))
)


class SqlOutbox:
    """Implements usecases.outbox.Outbox.

    Lanes are locked at the very end and in one order, whatever order the work enqueued in: few deadlocks, short locks.
    """

    def __init__(self, connection: Connection, context: LaneContext) -> None:
        self._connection = connection
        self._context = context
        self._collected: list[NewMessage] = []
        self.handed: list[DueMessage] = []
        self.wake_in_ms: int | None = None  # when the first of the lanes that nobody holds is due

    def enqueue(self, message: NewMessage) -> None:
        """Add a message to its lane. It is written when the transaction's work is done."""
        self._collected.append(message)

    def failures(self, incident_id: int, *, limit: int = 20) -> Sequence[Failure]:
        """List what could not be delivered for an incident, newest first."""
        rows = self._connection.execute(_FAILURES, {"incident": incident_id, "most": limit})
        return [
            Failure(
                message_id=row.id,
                incident_id=row.incident_id,
                state=MessageState(row.state),
                reason=row.reason or "",
                at_ms=row.finished_ms or row.created_ms,
            )
            for row in rows
        ]

    def attempts(self, dedupe_keys: Collection[str]) -> Mapping[str, int]:
        """Tell how many sends were begun, of messages that are still kept."""
        if not dedupe_keys:
            return {}
        rows = self._connection.execute(_ATTEMPTS, {"wanted": [clean(key) for key in dedupe_keys]})
        return {row.dedupe_key: row.attempts for row in rows}

    def flush(self) -> None:
        """Write what was collected, and take the lanes that were idle for the courier of this process."""
        messages = sorted(_merged(self._collected), key=lambda message: message.lane)  # stable: order within a lane
        self._collected = []
        courier = self._context.courier
        room = courier.room() - len(self.handed) if courier and messages else 0
        handed: list[DueMessage] = []
        queues = {lane: list(queue) for lane, queue in groupby(messages, key=lambda message: message.lane)}
        # Of little room pages have it; lanes are locked in their own order all the same.
        first = set(sorted(queues, key=lambda lane: not is_page(queues[lane][0]))[: max(room, 0)])
        for lane, queue in queues.items():
            for position, message in enumerate(queue):
                due = self._write(message, hand=position == 0 and lane in first)
                if due is not None:
                    handed.append(due)
        if handed:
            keeper = LaneKeeper(self._connection, self._context)
            self.handed += keeper.with_tenant_tokens(handed)
            self._wake(keeper.wake_in_ms)

    def _write(self, message: NewMessage, *, hand: bool) -> DueMessage | None:
        """Add one message; return it where its lane was idle and is ours now."""
        if message.coalesce_key is not None and self._is_due_already(message):
            return None
        sql, fence = self._context.sql, draw_fence()
        values = self._values(message, fence, hand=hand)
        if sql.one_enqueue is not None and message.coalesce_key is None:
            lane = self._connection.execute(sql.one_enqueue, values).one()
            message_id = lane.id
        else:
            lane = self._connection.execute(sql.upsert_lane, values).one()
            message_id = None
            if not self._raised(message, values):
                taken = {"seq": lane.enq_seq, "handed": int(lane.fence == fence)}
                message_id = self._connection.execute(sql.add, values | taken).scalar_one_or_none()
        if not lane.held:  # who holds it will look once more before letting go
            self._wake(max(lane.wait_ms, 0))
        if lane.fence != fence:
            return None
        if message_id is None:  # it was there already
            LaneKeeper(self._connection, self._context).free(values["lane"], fence)
            return None
        return DueMessage(
            id=message_id,
            lane=values["lane"],
            fence=fence,
            seq=lane.enq_seq,
            version=message.version,
            attempts=1,
            tenant_id=message.tenant_id,
            message_class=message.message_class,
            payload=message.payload,
            incident_id=message.incident_id,
            alone_at=lane.enq_seq,
        )

    def _is_due_already(self, message: NewMessage) -> bool:
        """Tell whether the same thing waits and nobody has begun to send it: it will be made from the newest state."""
        waiting = self._connection.execute(_UNBEGUN, {"wanted": clean(message.coalesce_key or "")}).one_or_none()
        return (
            waiting is not None
            and waiting.not_before_ms <= message.not_before_ms
            and waiting.payload == dict(message.payload)
        )

    def _wake(self, in_ms: int | None) -> None:
        if in_ms is not None:
            self.wake_in_ms = in_ms if self.wake_in_ms is None else min(in_ms, self.wake_in_ms)

    def _raised(self, message: NewMessage, values: dict[str, Any]) -> bool:
        if message.coalesce_key is None:
            return False
        return self._connection.execute(self._context.sql.raise_version, values).one_or_none() is not None

    def _values(self, message: NewMessage, fence: int, *, hand: bool) -> dict[str, Any]:
        return {
            "now": self._context.now_ms(),
            "lane": clean(message.lane),
            "fence": fence,
            "hand": int(hand),
            "tenant": clean(message.tenant_id),
            "class": str(message.message_class),
            "version": message.version,
            "dedupe_key": clean(message.dedupe_key),
            "coalesce_key": clean(message.coalesce_key) if message.coalesce_key is not None else None,
            "payload": to_json(message.payload),
            "incident": message.incident_id,
            "not_before": message.not_before_ms,
        }


def _merged(messages: Sequence[NewMessage]) -> Sequence[NewMessage]:
    """Let messages of one transaction with the same coalesce key become one, with the newest version and payload."""
    places: dict[str, int] = {}
    merged: list[NewMessage] = []
    for message in messages:
        place = places.get(message.coalesce_key) if message.coalesce_key else None
        if place is not None:
            first = merged[place]
            newest = message if message.version >= first.version else first
            merged[place] = replace(
                newest,
                dedupe_key=first.dedupe_key,
                not_before_ms=min(first.not_before_ms, message.not_before_ms),
            )
            continue
        if message.coalesce_key:
            places[message.coalesce_key] = len(merged)
        merged.append(message)
    return merged
