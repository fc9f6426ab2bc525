"""What use cases need of the store for action items."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.action import Action, ActionState


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCard:
    """A message in somebody's 1:1 chat that shows an action item."""

    action_id: int
    reader: int
    activity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFilter:
    """Which action items to list; all conditions hold at once."""

    states: Collection[ActionState] = ()
    """None: in any state."""
    owners: Collection[int] | None = None
    """None: of anybody."""
    incidents: Collection[int] | None = None
    """None: of any, and of none."""
    due_before: date | None = None
    before: int | None = None
    """Only ids below it."""
    by_due_day: bool = False
    """What is due first in front; else the newest first."""
    skip: int = 0
    limit: int = 50


class Actions(Protocol):
    """Action items by number, and the messages in which people see them."""

    def add(self, action: Action) -> Action:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, action_id: int) -> Action | None:
        """Read one."""
        ...

    def lock(self, action_id: int) -> Action | None:
        """Read one that nobody else changes until the transaction ends."""
        ...

    def save(self, action: Action, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def list(self, wanted: ActionFilter) -> Sequence[Action]:
        """List some."""
        ...

    def count(self, wanted: ActionFilter) -> int:
        """Count what a list without an end would have."""
        ...

    def stands(self, card: ActionCard) -> None:
        """Remember a message in which somebody sees one."""
        ...

    def cards(self, action_id: int) -> Sequence[ActionCard]:
        """List the messages in which people see one, in the order in which they were sent."""
        ...
