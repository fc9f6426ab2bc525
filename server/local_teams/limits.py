"""Teams' rate windows, counted per conversation: a channel and all its threads together."""

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from server.local_teams.errors import TeamsError

Windows = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that came too early. `at` is seconds since 1970."""

    at: float
    conversation: str
    operation: str
    limit: int
    seconds: float


class RateWindows:
    """Sliding windows over the accepted requests of every conversation.

    Refused requests do not count again, as in Teams. Real time, never the development clock.
    """

    def __init__(self, operation: str, windows: Windows, clock: Callable[[], float] = time.monotonic) -> None:
        self._operation = operation
        self._windows = tuple(windows)
        self._clock = clock
        self._longest = max((seconds for _, seconds in self._windows), default=0.0)
        self._taken: dict[str, deque[float]] = {}
        self.violations: deque[Violation] = deque(maxlen=1000)

    def take(self, conversation: str) -> None:
        """Count one request. Raises `TeamsError` 429 with Retry-After (whole seconds) when a window is full."""
        now = self._clock()
        taken = self._taken.setdefault(conversation, deque())
        while taken and now - taken[0] >= self._longest:
            taken.popleft()
        for limit, seconds in self._windows:
            if len(taken) >= limit and now - taken[-limit] < seconds:
                self.violations.append(Violation(time.time(), conversation, self._operation, limit, seconds))
                wait = math.ceil(seconds - (now - taken[-limit]))
                raise TeamsError(429, "Throttled", "API calls quota exceeded.", retry_after=max(1, wait))
        taken.append(now)

    def report(self) -> list[dict[str, Any]]:
        """Return the violations as JSON."""
        return [asdict(violation) for violation in self.violations]
