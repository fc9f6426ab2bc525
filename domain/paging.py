"""Pages: one attempt to get hold of one person, by one way. Together they are the delivery ledger."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.conversation import Place


class Way(StrEnum):
    """How somebody is paged."""

    TEAMS = "teams"
    """A card in the 1:1 chat."""
    CHANNEL = "channel"
    """A post in the team's channel that mentions the lead."""
    EMAIL = "email"


class PageReason(StrEnum):
    """Why somebody is paged."""

    STEP = "step"
    """A step of an escalation policy."""
    LAST_RESORT = "last_resort"
    ESCALATED = "escalated"
    """A person asked for exactly this one."""
    QUIET = "quiet"
    """Acknowledged, and then nothing happened."""
    DRILL = "drill"


class PageResult(StrEnum):
    """How it went."""

    PENDING = "pending"
    """On its way; it is tried until it arrives or is refused."""
    SENT = "sent"
    """Teams or the mail server has taken it."""
    UNKNOWN = "unknown"
    """There was no clear answer; it may have arrived."""
    FAILED = "failed"
    """Refused for good; `detail` says why."""
    NOT_NEEDED = "not_needed"
    """Somebody had acknowledged before it could be sent."""
    HELD = "held"
    """Held back by planned maintenance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One row of the ledger. Times are UTC."""

    id: int
    reason: PageReason
    way: Way
    due_at: datetime
    """When it should go out."""
    person_id: int | None = None
    """None: a post for a whole team."""
    team_id: str | None = None
    """Whose channel it is posted in, for `Way.CHANNEL`."""
    incident_id: int | None = None
    """None: a drill."""
    cycle: int = 0
    """The incident's cycle it belongs to; a button of an earlier one has no effect."""
    escalation_id: int | None = None
    drill_id: int | None = None
    step: int | None = None
    """Number of the policy's step, from 1; None where no step asked for it."""
    round: int = 1
    """Which time the steps are gone through, from 1."""
    target: str = ""
    """What named this person, such as "schedule:payments-primary"."""
    result: PageResult = PageResult.PENDING
    detail: str = ""
    """A sentence where something went wrong."""
    attempts: int = 0
    """Sends begun."""
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    bundled_into: int | None = None
    """The page whose card shows this one too: of a burst only the first is a message."""
    place: Place | None = None
    """Where its message stands, once it does."""
    activity_id: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered it, and somebody still could."""
        return self.acknowledged_at is None and self.result in (
            PageResult.PENDING,
            PageResult.SENT,
            PageResult.UNKNOWN,
        )


class DrillState(StrEnum):
    """How a drill stands."""

    RUNNING = "running"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A harmless page that measures how long it takes until somebody answers."""

    id: int
    schedule: str
    asked_by: int
    """A person's id."""
    place: Place
    """Where the result is told."""
    started_at: datetime
    """UTC."""
    state: DrillState = DrillState.RUNNING
    ended_at: datetime | None = None
