"""What use cases need of the store to find incidents that are alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An incident that looks like another one, as it was found."""

    incident: int
    other: int
    words: tuple[str, ...]
    """Words of both, the rarest first."""
    services: tuple[str, ...]
    """Ids of services of both."""
    same_kind: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is known of an incident in words."""

    incident: int
    title: str
    body: str


class Similar(Protocol):
    """The words of incidents, and which of them were found to be alike."""

    @property
    def affordable(self) -> int:
        """How many incidents a search may rank so that it takes milliseconds."""
        ...

    def put(self, told: Text, words: Collection[str], kinds: Collection[tuple[str, str]]) -> None:
        """Write what is known of an incident, in place of what was known; `words` are the stems of all of it."""
        ...

    def frequencies(self, words: Collection[str]) -> tuple[Mapping[str, int], int]:
        """Tell in how many incidents stems stand, and how many incidents there are."""
        ...

    def search(self, words: Mapping[str, float], *, before: int, after: int = 0, limit: int) -> Sequence[int]:
        """Find incidents with ids between two that have any of these words, the best first.

        Each word comes with how much it tells; a database that knows that by itself does not look at it.
        """
        ...

    def texts(self, ids: Collection[int]) -> Mapping[int, Text]:
        """Read what is known of several."""
        ...

    def same_kind(
        self, kinds: Collection[tuple[str, str]], *, before: int, since: datetime, limit: int
    ) -> Sequence[int]:
        """List incidents declared since a moment, with smaller ids, of one of these kinds, the newest first."""
        ...

    def found(self, incident_id: int, hits: Sequence[Hit]) -> None:
        """Keep what was found for an incident, in place of what was found before."""
        ...

    def hits(self, incident_id: int) -> Sequence[Hit]:
        """Read what was found for an incident, the best first."""
        ...
