"""Swaps by number."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from domain.swap import Swap, SwapState
from storage.statements import adding, by_id, save_seen, saving_seen
from storage.tables import swap

_FIELDS = (
    "schedule",
    "asker",
    "other",
    "gives_from",
    "gives_to",
    "takes_from",
    "takes_to",
    "asked_at",
    "state",
    "decided_at",
    "version",
)
_ADD = adding(swap, _FIELDS)
_SAVE = saving_seen(swap, _FIELDS)
_BY_ID = by_id(swap)
_ASKED = ("schedule", "asker", "other", "gives_from", "gives_to", "takes_from", "takes_to")
"""What a question is about."""
_OPEN_LIKE = (
    select(swap)
    .where(swap.c.state == SwapState.ASKED, *(swap.c[name] == bindparam(name) for name in _ASKED))
    .order_by(swap.c.id)
    .limit(1)
)


class SqlSwaps:
    """Implements usecases.oncall_ports.Swaps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, swap: Swap) -> Swap:
        """Store a new one (id 0) and give it its number."""
        return replace(swap, id=self._connection.execute(_ADD, _values(swap)).scalar_one())

    def get(self, swap_id: int) -> Swap | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": swap_id}).one_or_none()
        return None if row is None else _swap(row)

    def open_like(self, swap: Swap) -> Swap | None:
        """Find the first open one of the same two people about the same shifts."""
        row = self._connection.execute(_OPEN_LIKE, {name: getattr(swap, name) for name in _ASKED}).one_or_none()
        return None if row is None else _swap(row)

    def save(self, swap: Swap, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, swap.id, seen, _values(swap))


def _values(swap: Swap) -> dict[str, Any]:
    return {name: getattr(swap, name) for name in _FIELDS}


def _swap(row: Row[Any]) -> Swap:
    return Swap(
        id=row.id,
        schedule=row.schedule,
        asker=row.asker,
        other=row.other,
        gives_from=row.gives_from,
        gives_to=row.gives_to,
        takes_from=row.takes_from,
        takes_to=row.takes_to,
        asked_at=row.asked_at,
        state=SwapState(row.state),
        decided_at=row.decided_at,
        version=row.version,
    )
