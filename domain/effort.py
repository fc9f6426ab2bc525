"""How long people worked on an incident, estimated from what they did: never a figure about a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE = timedelta(minutes=30)
"""Who does nothing for longer has done something else meanwhile (incident practice, section 7)."""
LEAST = timedelta(minutes=5)
"""What one thing somebody does takes at least; ours."""
MOST = timedelta(hours=12)
"""Of one person in one incident; ours: beyond it the estimate says nothing."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What one person did in one incident without a pause longer than `IDLE`. Times are UTC."""

    incident: int
    person: int
    begins: datetime
    ends: datetime


def effort(bursts: Iterable[Burst]) -> timedelta:
    """Add up everybody's time in each incident, pauses left out."""
    spent: dict[tuple[int, int], timedelta] = {}
    for burst in bursts:
        key = (burst.incident, burst.person)
        spent[key] = spent.get(key, timedelta()) + max(burst.ends - burst.begins, LEAST)
    return sum((min(long, MOST) for long in spent.values()), timedelta())
