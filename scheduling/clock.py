"""The product's time: the one place that asks the machine for it."""

import time
from datetime import UTC, datetime, timedelta

from domain.errors import Refused
from usecases.ports import Store

TRUST_S = 0.2
"""How long an offset is believed without a look at the database; whoever moves the clock waits that long."""
_OFFSET = "development_clock.offset_us"


class SystemClock:
    """Implements usecases.ports.Clock with the machine's time."""

    def now(self, store: Store) -> datetime:
        """Tell the time, in UTC."""
        del store
        return _real()


class DevelopmentClock:
    """Implements usecases.ports.Clock with the machine's time and an offset, which all replicas share.

    It only moves forward: rows that tell of a future nobody has seen yet would make no sense.
    """

    def __init__(self) -> None:
        self._seen, self._look_again = timedelta(0), 0.0

    def now(self, store: Store) -> datetime:
        """Tell the time, in UTC. Another replica's move is seen within TRUST_S."""
        if time.monotonic() >= self._look_again:
            self._see(_offset(store))
        return _real() + self._seen

    def last_seen(self) -> datetime:
        """Tell the time, in UTC, with the offset this process saw last: for those who cannot ask the database."""
        return _real() + self._seen

    def advance(self, store: Store, by: timedelta) -> datetime:
        """Move the time forward and tell the new one. Raise Refused for a step back or out of the calendar."""
        if by < timedelta(0):
            raise Refused("The clock only moves forward.")
        try:
            offset = _offset(store) + by
            now = _real() + offset
        except OverflowError:
            raise Refused("That is further than the calendar goes.") from None
        store.key_value.set(_OFFSET, str(offset // timedelta(microseconds=1)))
        self._see(offset)
        return now

    def _see(self, offset: timedelta) -> None:
        self._seen, self._look_again = offset, time.monotonic() + TRUST_S

    def move_to(self, store: Store, at: datetime) -> datetime:
        """Set the time to an aware moment and tell it. Raise Refused for one that has passed."""
        if at.tzinfo is None:
            raise Refused("The time needs a zone: write it with Z or an offset.")
        return self.advance(store, at - self.now(store))


def _offset(store: Store) -> timedelta:
    return timedelta(microseconds=int(store.key_value.get(_OFFSET) or 0))


def _real() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is the clock
