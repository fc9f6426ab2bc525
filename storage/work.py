"""The planning side of a transaction: what has to happen later is written with its cause."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from storage.lane_keeper import LaneContext
from storage.types import clean, to_json
from usecases.work import DeadWork, NewWork

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class SqlWork:
    """Implements usecases.work.Work."""

    def __init__(self, connection: Connection, context: LaneContext) -> None:
        self._connection = connection
        self._now_ms = context.now_ms
        self.context = context.work
        self._own: list[int] = []

    def add(self, work: NewWork) -> bool:
        """Plan something; False when its key was planned before, done or not."""
        due = to_ms(work.due_at)
        values = {
            "kind": clean(work.kind),
            "key": clean(work.dedupe_key),
            "subject": None if work.subject is None else clean(work.subject),
            "payload": to_json(dict(work.payload)),
            "now": self._now_ms(),
        }
        return self._plan(self.context.sql.add, due, values)

    def move(self, dedupe_key: str, due_at: datetime) -> bool:
        """Give open work another moment; False when there is none with this key."""
        return self._plan(self.context.sql.move, to_ms(due_at), {"key": clean(dedupe_key), "own": self._spared()})

    def cancel(self, subject: str, *, kinds: Collection[str] = ()) -> int:
        """Take away open work of a subject, all or of some kinds; its keys may be planned again. Return how many."""
        values = {"subject": clean(subject), "own": self._spared()}
        if not kinds:
            return self._connection.execute(self.context.sql.cancel, values).rowcount
        wanted = {"kinds": self.context.array([clean(kind) for kind in kinds])}
        return self._connection.execute(self.context.sql.cancel_kinds, values | wanted).rowcount

    def planned(self, subject: str) -> Sequence[NewWork]:
        """List the open work of a subject, soonest first."""
        values = {"subject": clean(subject), "own": self._spared()}
        return [
            NewWork(
                kind=row.kind,
                dedupe_key=row.dedupe_key,
                due_at=from_ms(row.due_at),
                subject=row.subject,
                payload=payload_of(row.payload),
            )
            for row in self._connection.execute(self.context.sql.planned, values)
        ]

    def dead(self, *, since: datetime, limit: int = 20) -> Sequence[DeadWork]:
        """List what was given up since a moment, newest first."""
        return [
            DeadWork(
                id=row.id,
                kind=row.kind,
                due_at=from_ms(row.due_at),
                subject=row.subject,
                error=row.last_error or "",
            )
            for row in self._connection.execute(self.context.sql.dead, {"since": to_ms(since), "most": limit})
        ]

    def running(self, work_id: int) -> None:
        """Name a row this transaction carries out: it ends with it, whatever the job cancels or moves."""
        self._own.append(work_id)

    def _spared(self) -> Any:
        return self.context.array(self._own)

    def _plan(self, statement: Any, due: int, values: Mapping[str, Any]) -> bool:
        """Write a moment, and tell those who wait for one."""
        near = self.context.near_ms is None or due <= self.context.near_ms
        told = {"due": due, "tell": self.context.me if near else None}
        if self._connection.execute(statement, {**values, **told}).one_or_none() is None:
            return False
        if self.context.planned is not None:
            self.context.planned.append(due)
        return True


def to_ms(moment: datetime) -> int:
    """Write a moment as epoch milliseconds. Raise ValueError for a naive time: it could be any moment.

    Rounded up: work that ran a part of a millisecond early would find that its moment has not come yet.
    """
    if moment.tzinfo is None:
        raise ValueError("A time without a zone cannot be planned.")
    return -((_EPOCH - moment) // _MS)


def from_ms(moment: int) -> datetime:
    """Read epoch milliseconds."""
    return _EPOCH + moment * _MS


def payload_of(text: str) -> Mapping[str, Any]:
    """Read what a row carries."""
    return json.loads(text)
