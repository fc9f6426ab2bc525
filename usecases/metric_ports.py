"""What use cases need of the store for figures."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.effort import Burst
from domain.metrics import Measured


class Metrics(Protocol):
    """Incidents and handoffs as figures see them."""

    def incidents(self, since: datetime, until: datetime, services: Collection[str] | None) -> Sequence[Measured]:
        """List what was declared from `since` to before `until`, oldest first; of any of these services, or all."""
        ...

    def bursts(self, since: datetime, until: datetime, services: Collection[str] | None) -> Sequence[Burst]:
        """List what people did in incidents declared in a half-open time, of any of these services, or of all."""
        ...

    def bursts_in(self, incident_ids: Collection[int]) -> Sequence[Burst]:
        """List what people did in incidents."""
        ...

    def handoffs(self, since: datetime, until: datetime, schedules: Collection[str] | None) -> tuple[int, int]:
        """Count the handoffs of shift changes in a half-open time: those accepted before, and all that were offered."""
        ...
