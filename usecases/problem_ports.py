"""What use cases need of the store for problems."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.problem import Problem, ProblemState


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCard:
    """A message in somebody's 1:1 chat that shows a problem."""

    problem_id: int
    reader: int
    activity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFilter:
    """Which problems to list; all conditions hold at once. What is due first stands in front."""

    states: Collection[ProblemState] = ()
    """None: in any state."""
    owners: Collection[int] | None = None
    """None: of anybody."""
    services: Collection[str] | None = None
    """None: on any."""
    before: int | None = None
    """Only ids below it, the newest first."""
    skip: int = 0
    limit: int = 50


class Problems(Protocol):
    """Problems by number, the incidents they are made of, and the messages in which people see them."""

    def add(self, problem: Problem, incidents: Sequence[int]) -> Problem:
        """Store a new one (id 0) with its incidents and give it its number."""
        ...

    def get(self, problem_id: int) -> Problem | None:
        """Read one."""
        ...

    def lock(self, problem_id: int) -> Problem | None:
        """Read one that nobody else changes until the transaction ends."""
        ...

    def save(self, problem: Problem, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def of_incident(self, incident_id: int) -> Problem | None:
        """Find the problem an incident belongs to."""
        ...

    def of_incidents(self, incident_ids: Collection[int]) -> Mapping[int, int]:
        """Tell the problems of several incidents; those without one are left out."""
        ...

    def incidents(self, problem_id: int) -> Sequence[int]:
        """List the incidents of one, the oldest first."""
        ...

    def link(self, problem_id: int, incident_id: int) -> bool:
        """Say that an incident belongs to one, and to no other; False when it did."""
        ...

    def unlink(self, incident_id: int) -> None:
        """Say that an incident belongs to none."""
        ...

    def list(self, wanted: ProblemFilter) -> Sequence[Problem]:
        """List some."""
        ...

    def count(self, wanted: ProblemFilter) -> int:
        """Count what a list without an end would have."""
        ...

    def stands(self, card: ProblemCard) -> None:
        """Remember a message in which somebody sees one."""
        ...

    def cards(self, problem_id: int) -> Sequence[ProblemCard]:
        """List the messages in which people see one, in the order in which they were sent."""
        ...
