"""What use cases need of the store for corrected moments and key entries."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.moment import Correction, Moment


class Moments(Protocol):
    """Corrections of moments, every one of them kept, and the entries of a timeline that people found important."""

    def correct(self, correction: Correction) -> None:
        """Add one; from now on it counts."""
        ...

    def counting(self, incident_id: int) -> Mapping[Moment, Correction]:
        """Read the corrections that count."""
        ...

    def all(self, incident_id: int) -> Sequence[Correction]:
        """List every one, in the order in which they were made."""
        ...

    def mark(self, incident_id: int, seq: int, *, key: bool) -> bool:
        """Say that an entry is a key moment, or that it is not; False when it was so."""
        ...

    def keys(self, incident_id: int) -> Collection[int]:
        """List the numbers of the key entries."""
        ...
