"""Which activities and presses were seen."""

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from storage.tables import inbound_seen

_SEE = insert(inbound_seen).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_OLD = select(inbound_seen.c.key).where(inbound_seen.c.at_ms < bindparam("before")).limit(bindparam("most"))
_FORGET = delete(inbound_seen).where(inbound_seen.c.key.in_(_OLD))


class SqlInbound:
    """Implements usecases.ports.Inbound."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first_time(self, key: str, *, at_ms: int) -> bool:
        """Record a key in this transaction; False when it was there already.

        While another transaction with the same key is under way, PostgreSQL waits for how it ends.
        """
        return self._connection.execute(_SEE, {"key": key, "at_ms": at_ms}).rowcount == 1

    def forget_before(self, at_ms: int, *, limit: int = 1000) -> int:
        """Delete old keys, at most `limit`; return how many."""
        return self._connection.execute(_FORGET, {"before": at_ms, "most": limit}).rowcount
