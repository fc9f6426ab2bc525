"""What use cases need of the store where stakeholders are told."""

from collections.abc import Sequence
from typing import Protocol

from domain.update import Update, UpdateDelivery


class Updates(Protocol):
    """Updates by number, with where each of them goes."""

    def add(self, update: Update) -> Update:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, update_id: int) -> Update | None:
        """Read one."""
        ...

    def lock(self, update_id: int) -> Update | None:
        """Read one that nobody else changes until the transaction ends."""
        ...

    def save(self, update: Update, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def of_incident(self, incident_id: int, *, limit: int = 20) -> Sequence[Update]:
        """List those of an incident, the newest first."""
        ...

    def add_delivery(self, delivery: UpdateDelivery) -> UpdateDelivery:
        """Store a new one (id 0) and give it its number."""
        ...

    def delivery(self, delivery_id: int) -> UpdateDelivery | None:
        """Read one."""
        ...

    def save_delivery(self, delivery: UpdateDelivery) -> None:
        """Write a changed one. Its update is locked."""
        ...

    def deliveries(self, update_id: int) -> Sequence[UpdateDelivery]:
        """List where an update goes, in the order in which that was written down."""
        ...

    def thread_of(self, incident_id: int, target: str) -> str | None:
        """Find where the first update of an incident stands in a place: the conversation with its thread."""
        ...

    def told(self, incident_id: int, *, cycle: int) -> Sequence[UpdateDelivery]:
        """List each place, person and address once that was sent an update in this life of the incident."""
        ...
