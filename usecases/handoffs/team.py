"""What a team has to do with: its services, and the incidents on them."""

from collections.abc import Sequence
from datetime import datetime

from domain.incident import Incident
from usecases.ports import IncidentFilter, Store

_PAGE = 200
_RECENT = 100
"""Newest incidents among which those of a shift are looked for; ours: a shift with more has other worries."""


def services_of(store: Store, team_id: str) -> set[str]:
    """List the ids of the services a team owns or operates."""
    return {s.id for s in store.catalog.services() if team_id in (s.owner, s.operations)}


def open_incidents(store: Store, team_id: str) -> Sequence[Incident]:
    """List all open incidents on a team's services, the worst first, then the oldest."""
    services, before = services_of(store, team_id), None
    mine: list[Incident] = []
    while services:
        page = store.incidents.list(IncidentFilter(open_only=True, before=before, limit=_PAGE))
        mine += [incident for incident in page if not services.isdisjoint(incident.services)]
        if len(page) < _PAGE:
            break
        before = page[-1].id
    return sorted(mine, key=lambda incident: (incident.severity, incident.id))


def incidents_since(store: Store, team_id: str, since: datetime) -> Sequence[Incident]:
    """List incidents on a team's services that were declared from a moment on, the newest first."""
    services = services_of(store, team_id)
    recent = store.incidents.list(IncidentFilter(limit=_RECENT)) if services else ()
    return [i for i in recent if i.declared_at >= since and not services.isdisjoint(i.services)]
