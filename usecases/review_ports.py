"""What use cases need of the store for reviews."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.conversation import Place
from domain.review import Review, ReviewState, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCard:
    """A message that shows a review."""

    review_id: int
    reader: int | None
    """Whose own copy it is; None where several people read it."""
    place: Place
    activity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionDraft:
    """What somebody wrote in a section that could not be saved."""

    text: str
    version: int
    """The section's, when they began."""
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Which reviews to list; all conditions hold at once. What is due first stands in front."""

    states: Collection[ReviewState] = ()
    """None: in any state."""
    owners: Collection[int] | None = None
    """None: of anybody."""
    incident: int | None = None
    due_before: datetime | None = None
    services: Collection[str] | None = None
    """Only reviews of incidents on one of these services; None: of all, and of none."""
    skip: int = 0
    limit: int = 50


class Reviews(Protocol):
    """Reviews by number, their sections, and the messages in which people see them."""

    def add(self, review: Review) -> Review:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, review_id: int) -> Review | None:
        """Read one."""
        ...

    def lock(self, review_id: int) -> Review | None:
        """Read one that nobody else changes until the transaction ends."""
        ...

    def of_incident(self, incident_id: int) -> int | None:
        """Tell which review looks at an incident."""
        ...

    def save(self, review: Review, *, seen: int) -> None:
        """Write a changed one whose version was `seen`, its new incidents and its new texts, and keep earlier texts.

        Raise StaleVersion when it is another by now.
        """
        ...

    def remove(self, review_id: int) -> None:
        """Forget one that nobody has written in: its incidents are looked at in another one."""
        ...

    def text_at(self, review_id: int, section_id: str, version: int) -> str | None:
        """Read a text that a section has, or had."""
        ...

    def earlier(self, review_id: int, section_id: str) -> Sequence[Section]:
        """List what a section said before, oldest first; their kind is the section's."""
        ...

    def draft(self, review_id: int, section_id: str, person: int) -> SectionDraft | None:
        """Read what somebody wrote that is not saved."""
        ...

    def keep_draft(self, review_id: int, section_id: str, person: int, draft: SectionDraft) -> None:
        """Keep what somebody wrote, in place of what was kept before."""
        ...

    def drop_draft(self, review_id: int, section_id: str, person: int) -> None:
        """Forget what somebody wrote: it is saved."""
        ...

    def list(self, wanted: ReviewFilter) -> Sequence[Review]:
        """List some, without their texts: sections are empty."""
        ...

    def count(self, wanted: ReviewFilter) -> int:
        """Count what a list without an end would have."""
        ...

    def stands(self, card: ReviewCard) -> None:
        """Remember a message in which people see one."""
        ...

    def cards(self, review_id: int) -> Sequence[ReviewCard]:
        """List the messages in which people see one, in the order in which they were sent."""
        ...

    def known(self, incident_ids: Collection[int]) -> Mapping[int, int]:
        """Tell the reviews of several incidents; those without one are left out."""
        ...
