"""What use cases need of the store where changes are recorded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.change import Change, ChangeState
from domain.conversation import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of another program, so that its repetition is known as one."""

    caller: str
    """Name of its token; a key means something only together with it."""
    key: str
    digest: str
    """Of what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCard:
    """A message in which people see a change."""

    change_id: int
    place: Place
    reader: int | None
    """Whose own copy it is; None where several people read it."""
    activity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Somebody said that a change is behind an incident."""

    incident_id: int
    change_id: int
    linked_by: int
    linked_at: datetime


Position = tuple[datetime, int]
"""Where a change stands in a list: its time and its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Which changes to list, the latest first. Times are UTC; `since` is included, `until` too."""

    services: tuple[str, ...] = ()
    """None: of all services."""
    states: tuple[ChangeState, ...] = ()
    """None: in any state."""
    since: datetime | None = None
    until: datetime | None = None
    before: Position | None = None
    """Pages: only those further down than this."""
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Changes beside an incident: the latest of `total`, and the one that is behind it."""

    newest: tuple[Change, ...]
    total: int
    cause: Change | None


class Changes(Protocol):
    """Changes by number, with the messages in which people see them and the incidents they caused."""

    def add(self, change: Change, request: Request | None = None) -> Change | None:
        """Store a new one (id 0) and give it its number; None where an earlier request has the key."""
        ...

    def by_request(self, caller: str, key: str) -> tuple[Change, str] | None:
        """Find what a request has recorded, and the digest of what it said."""
        ...

    def get(self, change_id: int) -> Change | None:
        """Read one."""
        ...

    def lock(self, change_id: int) -> Change | None:
        """Read one that nobody else changes until the transaction ends."""
        ...

    def save(self, change: Change, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def list(self, wanted: ChangeFilter) -> Sequence[Change]:
        """List the latest first."""
        ...

    def near(self, incident_id: int, services: Collection[str], *, since: datetime, until: datetime, most: int) -> Near:
        """Read what may have mattered from `since` to `until`, both included, and what is behind it, in one query."""
        ...

    def outcome(self, since: datetime, until: datetime, services: Collection[str] | None) -> tuple[int, int]:
        """Count what happened from `since` to before `until`: how many went wrong or caused an incident, and all."""
        ...

    def blame(self, cause: Cause) -> None:
        """Remember what is behind an incident; it has one cause at most."""
        ...

    def clear(self, incident_id: int) -> None:
        """Forget what is behind an incident."""
        ...

    def cause_of(self, incident_id: int) -> int | None:
        """Tell which change is behind an incident."""
        ...

    def caused(self, ids: Collection[int]) -> Mapping[int, Sequence[int]]:
        """Tell which incidents each of these changes is behind, by change, oldest first."""
        ...

    def stands(self, card: ChangeCard) -> None:
        """Remember a message in which people see it."""
        ...

    def cards(self, change_id: int) -> Sequence[ChangeCard]:
        """List the messages in which people see it, in the order in which they were sent."""
        ...
