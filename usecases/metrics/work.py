"""How much of a team's time incidents took, and how soon both sides worked together; estimated, never for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import metrics
from domain.catalog import Side, Team
from domain.effort import effort
from domain.metrics import Measured, Share, Spread
from usecases.handoffs.team import services_of
from usecases.ports import Store

LONGEST = timedelta(days=31)
"""Of longer times it is not estimated; ours: every entry of every timeline is read for it."""
_READ = 100_000
"""Entries that are read at most; ours: with more of them nothing is estimated instead of a part."""
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


def work_of(store: Store, incidents: Sequence[Measured], since: datetime, until: datetime, team: Team | None) -> Work:
    """Estimate it; of a team the hours of its own people in the incidents on its services."""
    if until - since > LONGEST or not incidents:
        return NOTHING
    services = services_of(store, team.id) if team else None
    rows = store.metrics.activity(since, until, services, limit=_READ + 1)
    if len(rows) > _READ:
        return NOTHING
    people = store.people.many({person for _, person, _ in rows})
    teams = store.catalog.teams()
    sides = {
        number: {t.side for t in teams if person.handle in t.members or person.handle == t.lead}
        for number, person in people.items()
    }
    mine = {n for n, person in people.items() if team is None or person.handle in (*team.members, team.lead)}
    done: dict[int, list[tuple[int, datetime]]] = {}
    for incident, person, at in rows:
        done.setdefault(incident, []).append((person, at))
    spent = sum((effort(m for m in moves if m[0] in mine) for moves in done.values()), timedelta())
    hours = spent / timedelta(hours=1)
    weekly = [t.capacity_hours_per_week for t in ([team] if team else teams) if t.capacity_hours_per_week]
    capacity = sum(weekly) * ((until - since) / _WEEK)
    percent = min(round(100 * hours / capacity, 1), 100.0) if capacity else None
    return Work(
        reactive=Share(percent, len(incidents)),
        hours=round(hours, 1),
        both_sides=metrics.spread(
            joined - incident.declared_at
            for incident in incidents
            if (joined := _both(done.get(incident.id, ()), sides)) is not None
        ),
    )


def _both(moves: Sequence[tuple[int, datetime]], sides: Mapping[int, set[Side]]) -> datetime | None:
    first: dict[Side, datetime] = {}
    for person, at in moves:
        for side in sides.get(person, ()):
            first[side] = min(at, first.get(side, at))
    wanted = (Side.ENGINEERING, Side.OPERATIONS)
    return max(first[side] for side in wanted) if all(side in first for side in wanted) else None
