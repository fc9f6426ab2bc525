"""What a process remembers for a moment because every card needs it."""

import time
from collections.abc import Callable, Mapping

TRUST_S = 1.0
"""How long names are believed without a look at the database; ours: an import is not felt later than that."""


class KnownNames:
    """The words for severities. One per database; its threads share it, and the worst race is one look too many."""

    def __init__(self) -> None:
        self._names: Mapping[int, str] = {}
        self._look_again = 0.0

    def severities(self, read: Callable[[], Mapping[int, str]]) -> Mapping[int, str]:
        """Tell the words for severities 1 to 4, as they were at most TRUST_S ago."""
        if time.monotonic() >= self._look_again:
            self._names = read()
            self._look_again = time.monotonic() + TRUST_S
        return self._names

    def forget(self) -> None:
        """Look again at once."""
        self._look_again = 0.0
