"""When what happened in an incident, as far as its timeline tells."""

from datetime import datetime

from domain.catalog import Side
from domain.incident import Incident, Status
from domain.phases import Moments
from domain.timeline import EntryKind
from usecases.ports import Store

_READ = 500
"""Steps of one incident that are read; ours: a hundred reopenings."""


def moments_of(store: Store, incident: Incident) -> Moments:
    """Read them. Of a reopened incident the first acknowledgement counts and the last end of the impact."""
    steps = store.timeline.of_kinds(incident.id, (EntryKind.ACKNOWLEDGED, EntryKind.STATUS_CHANGED), limit=_READ)
    acknowledged = next((step.at for step in steps if step.kind is EntryKind.ACKNOWLEDGED), None)
    identified = next((step.at for step in steps if step.data.get("to") == Status.IDENTIFIED), None)
    return Moments(
        declared_at=incident.declared_at,
        acknowledged_at=acknowledged or incident.acknowledged_at,
        assembled_at=both_sides_at(store, incident),
        identified_at=identified,
        mitigated_at=incident.mitigated_at,
    )


def both_sides_at(store: Store, incident: Incident) -> datetime | None:
    """Tell when people of both sides had joined; None where one of them never did."""
    first = store.timeline.first_seen(incident.id)
    people = store.people.many([*first])
    teams = store.catalog.teams()
    joined: dict[Side, datetime] = {}
    for number, at in first.items():
        handle = people[number].handle if number in people else ""
        for side in {team.side for team in teams if handle in team.members or handle == team.lead}:
            joined[side] = min(at, joined.get(side, at))
    both = [joined[side] for side in (Side.ENGINEERING, Side.OPERATIONS) if side in joined]
    return max(both) if len(both) == len((Side.ENGINEERING, Side.OPERATIONS)) else None
