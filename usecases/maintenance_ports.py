"""What use cases need of the store where maintenance is planned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.conversation import Place
from domain.maintenance import Maintenance, MaintenanceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time that a window which comes again was done or called off. Times are UTC."""

    maintenance_id: int
    starts_at: datetime
    ends_at: datetime
    state: MaintenanceState
    """Done or cancelled."""
    ended_at: datetime
    ended_by: int
    words: str
    """The evidence of one that was done, the reason for one that was not."""
    signed_off_by: int | None = None


LOST = ""
"""Stands for the name of a message that did not arrive; Teams names none like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenancePost:
    """A message in which people see a window. A post in a channel is the root of the thread of all that follows."""

    id: int
    maintenance_id: int
    place: Place
    """The channel or chat, without a thread."""
    reader: int | None = None
    """Whose own copy it is; None where several people read it."""
    activity_id: str | None = None
    """None until Teams has named it; `LOST` where it did not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceFilter:
    """Which windows to list: those whose current or next occurrence lies in a half-open time, or partly does."""

    starts_before: datetime | None = None
    ends_after: datetime | None = None
    """What overruns lasts until it is done."""
    services: Collection[str] = ()
    """Those of any of these; none: of all."""
    live: bool = False
    """Only those of which something is still to come."""
    before: int | None = None
    """Only ids below it."""
    limit: int = 50


class Maintenances(Protocol):
    """Maintenance windows by number, with what they leave behind and where people see them."""

    def add(self, window: Maintenance) -> Maintenance:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, window_id: int) -> Maintenance | None:
        """Read one."""
        ...

    def lock(self, window_id: int) -> Maintenance | None:
        """Read one that nobody else changes until the transaction ends."""
        ...

    def save(self, window: Maintenance, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def running_on(self, services: Collection[str], *, lock: bool = False) -> Sequence[Maintenance]:
        """List those in progress or overrunning on any of these services, the earliest start first.

        With `lock` none of them ends before this transaction does.
        """
        ...

    def running(self) -> Sequence[Maintenance]:
        """List all in progress or overrunning, the earliest start first."""
        ...

    def coming(self, *, limit: int) -> Sequence[Maintenance]:
        """List those that have not begun, the soonest first."""
        ...

    def count_coming(self) -> int:
        """Count those that have not begun."""
        ...

    def touching(self, services: Collection[str], starts_at: datetime, ends_at: datetime) -> Sequence[Maintenance]:
        """List what is still to come or runs on any of these services and could overlap a half-open time.

        All that come again are among them: whether they do is a matter of their rule.
        """
        ...

    def list(self, wanted: MaintenanceFilter) -> Sequence[Maintenance]:
        """List the newest first."""
        ...

    def ended(self, occurrence: Occurrence) -> None:
        """Keep how an occurrence ended."""
        ...

    def occurrences(self, window_id: int, *, limit: int = 20) -> Sequence[Occurrence]:
        """List how the occurrences of a window ended, the newest first."""
        ...

    def signed_off(self, window_id: int, person_id: int) -> None:
        """Keep who signed off the newest occurrence that was done."""
        ...

    def add_post(self, post: MaintenancePost) -> MaintenancePost:
        """Remember a message (id 0); what a chat had before about the same window gives way to it."""
        ...

    def post(self, post_id: int) -> MaintenancePost | None:
        """Read where a message stands."""
        ...

    def posts(self, window_id: int) -> Sequence[MaintenancePost]:
        """List the messages in which people see a window, in the order in which they were made."""
        ...

    def stands(self, post_id: int, activity_id: str) -> None:
        """Record how Teams has named a message, or that it is `LOST`."""
        ...
