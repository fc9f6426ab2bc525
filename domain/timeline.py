"""The story of an incident: numbered entries that are only ever appended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry tells."""

    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    NOTE = "note"
    STATUS_CHANGED = "status_changed"
    SEVERITY_CHANGED = "severity_changed"
    ROLE_ASSIGNED = "role_assigned"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    PAGED = "paged"
    PAGE_FAILED = "page_failed"
    STEP_SKIPPED = "step_skipped"
    HELD = "held"
    ESCALATED = "escalated"
    UNANSWERED = "unanswered"
    HANDED_OVER = "handed_over"
    REMINDED = "reminded"
    CAUSE_LINKED = "cause_linked"
    CAUSE_UNLINKED = "cause_unlinked"
    CAUSE_CHANGED = "cause_changed"
    """The change that is linked as the cause went on: it was rolled back, for example."""
    UPDATE_REQUESTED = "update_requested"
    UPDATE_DECIDED = "update_decided"
    UPDATE_SENT = "update_sent"
    UPDATE_DELIVERED = "update_delivered"
    ACTION_ADDED = "action_added"
    TIME_CORRECTED = "time_corrected"
    """Somebody said when something really was."""
    REVIEW = "review"
    """How its review goes on: sent, signed off, closed."""


WORDS = (EntryKind.NOTE, EntryKind.RESOLVED, EntryKind.REOPENED)
"""The kinds whose text a person wrote."""

TOLD = (
    EntryKind.PAGED,
    EntryKind.PAGE_FAILED,
    EntryKind.STEP_SKIPPED,
    EntryKind.HELD,
    EntryKind.ESCALATED,
    EntryKind.UNANSWERED,
    EntryKind.HANDED_OVER,
    EntryKind.REMINDED,
    EntryKind.CAUSE_LINKED,
    EntryKind.CAUSE_UNLINKED,
    EntryKind.CAUSE_CHANGED,
    EntryKind.UPDATE_REQUESTED,
    EntryKind.UPDATE_DECIDED,
    EntryKind.UPDATE_SENT,
    EntryKind.UPDATE_DELIVERED,
    EntryKind.ACTION_ADDED,
    EntryKind.TIME_CORRECTED,
    EntryKind.REVIEW,
)
"""The kinds whose text is a whole sentence of ours, with people's names in it."""


class Source(StrEnum):
    """Where an entry came from."""

    MESSAGE = "message"
    BUTTON = "button"
    FORM = "form"
    TIMER = "timer"
    """Nobody asked for it just then: its moment had come."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What a step says; number, time and actor are added when it is stored."""

    kind: EntryKind
    text: str
    data: Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier text of an entry, and when it was replaced (UTC)."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One line of the story. `seq` counts from 1 within the incident; `at` is UTC."""

    incident_id: int
    seq: int
    at: datetime
    kind: EntryKind
    actor: int  # a person's id; domain.people.BOT_ID where no person acted
    text: str
    data: Mapping[str, str | int | None] = field(default_factory=dict[str, str | int | None])
    source: Source = Source.MESSAGE
    source_activity: str | None = None  # unique: one activity writes at most one entry
    deleted_at: datetime | None = None  # the author deleted the message; place and time stay, the text is gone
    revisions: tuple[Revision, ...] = ()

    @property
    def says_words(self) -> bool:
        """Whether a person wrote something here, beyond what the step says about itself."""
        return bool(self.text) and self.kind in WORDS
