"""Where the time of an incident went: from the beginning of the impact to its end, in five stretches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Phase(StrEnum):
    """The stretches, in their order."""

    DETECT = "detect"
    """From the beginning of the impact until somebody declared the incident."""
    ACKNOWLEDGE = "acknowledge"
    """Until the first person took it on."""
    ASSEMBLE = "assemble"
    """Until people of both sides were there."""
    DIAGNOSE = "diagnose"
    """Until the cause was known."""
    FIX = "fix"
    """Until the impact was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When what happened (UTC). None: nobody knows, and nothing is guessed."""

    impact_at: datetime | None = None
    detected_at: datetime | None = None
    declared_at: datetime
    acknowledged_at: datetime | None = None
    assembled_at: datetime | None = None
    identified_at: datetime | None = None
    mitigated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One phase and how long it took. Both ends are known."""

    phase: Phase
    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it took."""
        return self.ends_at - self.starts_at


def phases(moments: Moments) -> Sequence[Stretch]:
    """Cut the time from the impact to its end at the moments that are known.

    A phase whose end nobody knows is left out, and its time belongs to the next one; a moment before its predecessor
    ends a phase of no length. Empty while the impact is not over.
    """
    if moments.mitigated_at is None:
        return ()
    ends = (
        (Phase.ACKNOWLEDGE, moments.acknowledged_at),
        (Phase.ASSEMBLE, moments.assembled_at),
        (Phase.DIAGNOSE, moments.identified_at),
        (Phase.FIX, moments.mitigated_at),
    )
    found: list[Stretch] = []
    reached = min(moments.declared_at, moments.mitigated_at)
    if moments.impact_at is not None and moments.impact_at <= reached:
        found.append(Stretch(Phase.DETECT, moments.impact_at, reached))
    for phase, at in ends:
        if at is None:
            continue
        until = min(max(at, reached), moments.mitigated_at)
        found.append(Stretch(phase, reached, until))
        reached = until
    return found


def longest(stretches: Sequence[Stretch]) -> Stretch | None:
    """Find where most of the time went; of equal ones the first."""
    return max(stretches, key=lambda stretch: stretch.length, default=None)


def percents(stretches: Sequence[Stretch]) -> Sequence[int]:
    """Give each one's share of the whole, whole numbers that add up to 100; all 0 where no time passed."""
    total = sum((stretch.length for stretch in stretches), timedelta())
    if not total:
        return [0 for _ in stretches]
    exact = [stretch.length / total * 100 for stretch in stretches]
    shares = [int(share) for share in exact]
    # What rounding down has lost goes to those who lost most.
    order = sorted(range(len(exact)), key=lambda index: shares[index] - exact[index])
    for index in order[: 100 - sum(shares)]:
        shares[index] += 1
    return shares
