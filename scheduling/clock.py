"""The product's time: the one place that asks the machine for it."""

import time
from datetime import UTC, datetime, timedelta

from domain.errors import Refused
from usecases.ports import Store

TRUST_S = 0.05
"""How long an offset is believed without a look at the database; whoever moves the clock waits that long."""
_OFFSET = "development_clock.offset_us"
_MOVED = "development_clock.moved_at"
_NONE = timedelta(0)


class SystemClock:
    """Implements usecases.ports.Clock and usecases.work.WorkClock with the machine's time."""

    def now(self, store: Store) -> datetime:
        """Tell the time, in UTC."""
        del store
        return real_now()

    def offset(self, store: Store) -> timedelta:
        """Tell how far it is ahead of the machine's: it is the machine's."""
        del store
        return _NONE

    def last_offset(self) -> timedelta:
        """Tell the same without a database."""
        return _NONE

    def steady_for(self, store: Store) -> timedelta | None:
        """Tell how long ago it was moved: never."""
        del store


class DevelopmentClock:
    """Implements the same with the machine's time and an offset, which all replicas share.

    It only moves forward: rows that tell of a future nobody has seen yet would make no sense.
    """

    def __init__(self) -> None:
        self._seen, self._look_again = _NONE, 0.0

    def now(self, store: Store) -> datetime:
        """Tell the time, in UTC. Another replica's move is seen within TRUST_S."""
        offset = self.offset(store)
        return real_now() + offset

    def offset(self, store: Store) -> timedelta:
        """Tell how far it is ahead of the machine's time."""
        if time.monotonic() >= self._look_again:
            # It only grows: a reader that began before a move must not take it back.
            self._see(max(_offset(store), self._seen))
        return self._seen

    def last_offset(self) -> timedelta:
        """Tell the offset this process saw last: for those who cannot ask the database."""
        return self._seen

    def last_seen(self) -> datetime:
        """Tell the time, in UTC, with the offset this process saw last."""
        return real_now() + self._seen

    def steady_for(self, store: Store) -> timedelta | None:
        """Tell how long ago it was moved, in the machine's time; None: never."""
        moved = store.key_value.get(_MOVED)
        return None if moved is None else max(real_now() - datetime.fromisoformat(moved), _NONE)

    def advance(self, store: Store, by: timedelta) -> datetime:
        """Move the time forward and tell the new one. Raise Refused for a step back or out of the calendar."""
        if by < _NONE:
            raise Refused("The clock only moves forward.")
        self._lock(store)
        try:
            return self._set(store, _offset(store) + by)
        except OverflowError:
            raise Refused("That is further than the calendar goes.") from None

    def move_to(self, store: Store, at: datetime) -> datetime:
        """Set the time to an aware moment and tell it. Raise Refused for one that has passed."""
        if at.tzinfo is None:
            raise Refused("The time needs a zone: write it with Z or an offset.")
        return self.advance(store, at - self.now(store))

    def reach(self, store: Store, at: datetime) -> datetime:
        """Set the time to an aware moment unless it has passed already; tell the time."""
        self._lock(store)
        real, offset = real_now(), _offset(store)
        return self._set(store, max(at - real, offset))

    def _lock(self, store: Store) -> None:
        """Let nobody else move the clock until the transaction ends: the row that is written is the lock."""
        store.key_value.set(_MOVED, real_now().isoformat())

    def _set(self, store: Store, offset: timedelta) -> datetime:
        now = real_now() + offset
        store.key_value.set(_OFFSET, str(offset // timedelta(microseconds=1)))
        self._see(offset)
        return now

    def _see(self, offset: timedelta) -> None:
        self._seen, self._look_again = offset, time.monotonic() + TRUST_S


def _offset(store: Store) -> timedelta:
    return timedelta(microseconds=int(store.key_value.get(_OFFSET) or 0))


def real_now() -> datetime:
    """Tell the machine's time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock
