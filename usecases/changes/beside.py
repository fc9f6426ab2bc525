"""What changed on the services of an incident: read with every card of it, so it is one query, or none."""

from dataclasses import dataclass
from datetime import datetime

from domain.change import MAY_MATTER, RECENT, Change
from domain.incident import Incident
from usecases.change_ports import ChangeFilter, Position
from usecases.ports import Store

NEWEST = 3
"""Changes that a status card names; ours: the button shows all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The changes beside an incident, from `since` to `until` (UTC)."""

    newest: tuple[Change, ...]
    total: int
    cause: Change | None
    since: datetime
    until: datetime


def beside(store: Store, incident: Incident, now: datetime) -> Beside | None:
    """Read them for a card; None where there is nothing to say."""
    if not incident.services:
        return None
    since, until = span(incident, now)
    near = store.changes.near(incident.id, incident.services, since=since, until=until, most=NEWEST)
    if not near.total and near.cause is None:
        return None
    return Beside(newest=near.newest, total=near.total, cause=near.cause, since=since, until=until)


def around(incident: Incident, now: datetime, *, limit: int, before: Position | None = None) -> ChangeFilter:
    """Tell which changes may be behind an incident."""
    since, until = span(incident, now)
    return ChangeFilter(
        services=incident.services, states=MAY_MATTER, since=since, until=until, before=before, limit=limit
    )


def span(incident: Incident, now: datetime) -> tuple[datetime, datetime]:
    """From a day before it was declared until it was resolved: a cause stays in sight however long it takes."""
    return incident.declared_at - RECENT, incident.resolved_at or now
