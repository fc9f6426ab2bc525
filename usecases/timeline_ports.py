"""What use cases need of the store for timelines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.timeline import EntryKind, TimelineEntry


class Timeline(Protocol):
    """Timeline entries, append-only."""

    def append(self, entry: TimelineEntry) -> None:
        """Add one; its number is the incident's `entry_seq`. Raise Repeated when its `source_activity` wrote one before."""
        ...

    def page(
        self, incident_id: int, *, after: int = 0, before: int | None = None, limit: int = 25
    ) -> Sequence[TimelineEntry]:
        """Read oldest first: the first `limit` entries after `after`, or the last `limit` before `before`."""
        ...

    def latest_words(self, incident_id: int) -> TimelineEntry | None:
        """Read the newest note, summary or reason that a person wrote and did not delete."""
        ...

    def by_source(self, source_activity: str) -> TimelineEntry | None:
        """Find the entry that an activity wrote."""
        ...

    def of_kinds(self, incident_id: int, kinds: Collection[EntryKind], *, limit: int) -> Sequence[TimelineEntry]:
        """Read the first `limit` entries of these kinds, oldest first."""
        ...

    def numbered(self, incident_id: int, seqs: Collection[int]) -> Sequence[TimelineEntry]:
        """Read the entries with these numbers, oldest first."""
        ...

    def first_seen(self, incident_id: int) -> Mapping[int, datetime]:
        """Tell when each person first did something in an incident (UTC), by their ids."""
        ...

    def revise(self, entry: TimelineEntry, text: str, at: datetime) -> None:
        """Replace an entry's text and keep the earlier one as a revision."""
        ...

    def erase(self, entry: TimelineEntry, at: datetime) -> None:
        """Take away an entry's text and revisions; its place and time stay."""
        ...
