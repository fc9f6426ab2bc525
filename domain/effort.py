"""How long people worked on an incident, estimated from what they did: never a figure about a person."""

from collections.abc import Iterable
from datetime import datetime, timedelta

IDLE = timedelta(minutes=30)
"""Who does nothing for longer has done something else meanwhile (incident practice, section 7)."""
LEAST = timedelta(minutes=5)
"""What one thing somebody does takes at least; ours."""
MOST = timedelta(hours=12)
"""Of one person in one incident; ours: beyond it the estimate says nothing."""


def effort(activity: Iterable[tuple[int, datetime]]) -> timedelta:
    """Add up everybody's time between the first and the last thing they did, long pauses left out."""
    moments: dict[int, list[datetime]] = {}
    for person, at in activity:
        moments.setdefault(person, []).append(at)
    return sum((_of_one(sorted(found)) for found in moments.values()), timedelta())


def _of_one(moments: list[datetime]) -> timedelta:
    total, begun, last = timedelta(), moments[0], moments[0]
    for at in moments[1:]:
        if at - last > IDLE:
            total += max(last - begun, LEAST)
            begun = at
        last = at
    return min(total + max(last - begun, LEAST), MOST)
