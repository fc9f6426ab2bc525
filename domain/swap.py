"""Swaps: two people exchange time on call. Nothing changes until the one who was asked says yes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SwapState(StrEnum):
    """How a swap stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """`asker` gives [gives_from, gives_to) to `other` and takes [takes_from, takes_to). Times UTC, half-open."""

    id: int
    schedule: str
    asker: int
    other: int
    gives_from: datetime
    gives_to: datetime
    takes_from: datetime
    takes_to: datetime
    asked_at: datetime
    state: SwapState = SwapState.ASKED
    decided_at: datetime | None = None
    version: int = 0
