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


WORDS = (EntryKind.NOTE, EntryKind.RESOLVED, EntryKind.REOPENED)
"""The kinds whose text a person wrote."""


class Source(StrEnum):
    """Where an entry came from."""

    MESSAGE = "message"
    BUTTON = "button"
    FORM = "form"


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
    """One line of the story. `seq` counts from 1 within the incident; `at` is UTC; `actor` is a person's id."""

    incident_id: int
    seq: int
    at: datetime
    kind: EntryKind
    actor: int
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
