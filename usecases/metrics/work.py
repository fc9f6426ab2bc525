"""How much of a team's time incidents took, and how soon both sides worked together; estimated, never for a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import metrics
from domain.catalog import Team
from domain.effort import effort
from domain.metrics import Measured, Share, Spread
from usecases import sides
from usecases.ports import Store

LONGEST = timedelta(days=31)
"""Of longer times it is not estimated; ours: the database reads every entry of every timeline for it."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What people did in the incidents of a time."""

    reactive: Share
    """Of the capacity in hours that the organisation file gives; n is the number of incidents. None without a capacity."""
    hours: float | None
    """Of all people together; None where it was not estimated."""
    both_sides: Spread
    """From the declaration until people of both sides had done something."""


NOTHING = Work(reactive=Share(None, 0), hours=None, both_sides=Spread(None, None, 0))


def work_of(
    store: Store,
    incidents: Sequence[Measured],
    since: datetime,
    until: datetime,
    *,
    team: Team | None,
    services: Collection[str] | None,
) -> Work:
    """Estimate it; of a team the hours of its own people in the incidents on its `services`."""
    if until - since > LONGEST or not incidents:
        return NOTHING
    bursts = store.metrics.bursts(since, until, services)
    people = store.people.many({burst.person for burst in bursts})
    mine = {n for n, person in people.items() if team is None or person.handle in (*team.members, team.lead)}
    hours = effort(burst for burst in bursts if burst.person in mine) / timedelta(hours=1)
    teams = [team] if team else store.catalog.teams()
    weekly = sum(one.capacity_hours_per_week or 0 for one in teams)
    capacity = weekly * ((until - since) / _WEEK)
    percent = min(round(100 * hours / capacity, 1), 100.0) if capacity else None
    on_sides = sides.sides_of(store, people.values())
    begun: dict[int, list[tuple[int, datetime]]] = {}
    for burst in bursts:
        begun.setdefault(burst.incident, []).append((burst.person, burst.begins))
    return Work(
        reactive=Share(percent, len(incidents)),
        hours=round(hours, 1),
        both_sides=metrics.spread(
            joined - incident.declared_at
            for incident in incidents
            if (joined := sides.both_at(begun.get(incident.id, ()), on_sides)) is not None
        ),
    )
