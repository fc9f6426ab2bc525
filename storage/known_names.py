"""What a process remembers for a moment because every card needs it."""

import time
from collections.abc import Callable

from domain.organisation import OrganisationSettings

TRUST_S = 1.0
"""How long settings are believed without a look at the database; ours: an import is not felt later than that."""


class KnownNames:
    """The organisation's settings. One per database; its threads share it, and the worst race is one look too many."""

    def __init__(self) -> None:
        self._settings = OrganisationSettings()
        self._look_again = 0.0

    def settings(self, read: Callable[[], OrganisationSettings]) -> OrganisationSettings:
        """Tell the words for severities and the rest, as they were at most TRUST_S ago."""
        if time.monotonic() >= self._look_again:
            self._settings = read()
            self._look_again = time.monotonic() + TRUST_S
        return self._settings

    def forget(self) -> None:
        """Look again at once."""
        self._look_again = 0.0
