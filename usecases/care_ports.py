"""What use cases need of the store for planned care."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.care import CareTask, Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class CareCard:
    """A message in somebody's 1:1 chat that shows one time of a task."""

    occurrence_id: int
    reader: int
    activity_id: str


class Care(Protocol):
    """Tasks of planned care by number, their times, and the messages in which people see them."""

    def add(self, task: CareTask) -> CareTask:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, task_id: int) -> CareTask | None:
        """Read one."""
        ...

    def lock(self, task_id: int) -> CareTask | None:
        """Read one that nobody else changes until the transaction ends, with all its times."""
        ...

    def save(self, task: CareTask, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def running(self) -> Sequence[CareTask]:
        """List those that have not stopped, in the order in which they were made."""
        ...

    def add_occurrence(self, occurrence: Occurrence) -> Occurrence:
        """Store a new one (id 0) and give it its number."""
        ...

    def save_occurrence(self, occurrence: Occurrence, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def occurrence(self, occurrence_id: int) -> Occurrence | None:
        """Read one time."""
        ...

    def open_of(self, task_id: int) -> Occurrence | None:
        """Read the one open time of a task; None: it has stopped."""
        ...

    def open(self) -> Mapping[int, Occurrence]:
        """Read the open times of all tasks, by task."""
        ...

    def history(self, task_id: int, *, limit: int = 50) -> Sequence[Occurrence]:
        """List the times of a task that are closed, the latest first."""
        ...

    def due_between(self, team: str, since: datetime, until: datetime) -> Iterable[tuple[CareTask, Occurrence]]:
        """List the times of a team's tasks that are or were due in [since, until), running or not."""
        ...

    def stands(self, card: CareCard) -> None:
        """Remember a message in which somebody sees a time."""
        ...

    def cards(self, occurrence_id: int) -> Sequence[CareCard]:
        """List the messages in which people see a time."""
        ...

    def move_cards(self, before: int, after: int) -> None:
        """Let the messages about one time be about another one of the same task."""
        ...
