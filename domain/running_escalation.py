"""A running escalation: the policy as it was when it began, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.escalation import EscalationPolicy, Step


class EscalationState(StrEnum):
    """How an escalation stands."""

    WAITING = "waiting"
    """Severity 4 waits for working hours."""
    HELD = "held"
    """Planned maintenance holds its pages back."""
    RUNNING = "running"
    """Somebody is paged, or about to be."""
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    """All rounds and the last resort are through, and nobody has answered."""
    STOPPED = "stopped"
    """The incident was resolved, or another escalation took its place."""


LIVE = (EscalationState.WAITING, EscalationState.HELD, EscalationState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One escalation of one incident. The policy is a snapshot: later edits do not change it."""

    id: int
    incident_id: int
    cycle: int
    """The incident's cycle it belongs to."""
    policy: EscalationPolicy
    started_at: datetime
    """UTC."""
    state: EscalationState = EscalationState.RUNNING
    position: int = 0
    """Index of what is paged next, counted through all rounds; `last_position` is the last resort."""
    next_at: datetime | None = None
    """When that happens, UTC; None when nothing is going to."""
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def rounds(self) -> int:
        """How often all steps are gone through."""
        return self.policy.repeat + 1

    @property
    def last_position(self) -> int:
        """The position behind all rounds: the last resort, or the end where there is none."""
        return len(self.policy.steps) * self.rounds

    def step_at(self, position: int) -> tuple[Step, int, int] | None:
        """Give the step, its number and its round, both from 1; None behind all rounds."""
        if not 0 <= position < self.last_position:
            return None
        round_, index = divmod(position, len(self.policy.steps))
        return self.policy.steps[index], index + 1, round_ + 1
