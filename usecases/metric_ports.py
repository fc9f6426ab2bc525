"""What use cases need of the store for figures."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.metrics import Measured


class Metrics(Protocol):
    """Incidents and handoffs as figures see them."""

    def incidents(self, since: datetime, until: datetime, services: Collection[str] | None) -> Sequence[Measured]:
        """List what was declared from `since` to before `until`, oldest first; of any of these services, or all."""
        ...

    def activity(
        self, since: datetime, until: datetime, services: Collection[str] | None, *, limit: int
    ) -> Sequence[tuple[int, int, datetime]]:
        """List who did something when (UTC) in incidents declared in a half-open time: incident, person, moment.

        Of any of these services, or of all; the first `limit` of them, in no order that matters.
        """
        ...

    def handoffs(self, since: datetime, until: datetime, schedules: Collection[str] | None) -> tuple[int, int]:
        """Count the handoffs of shift changes in a half-open time: those accepted before, and all that were offered."""
        ...
