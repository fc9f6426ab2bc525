"""What figures are made of, read in few queries whatever the window holds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from domain.handoff import HandoffState
from domain.metrics import Measured
from domain.moment import Moment
from domain.people import BOT_ID
from storage.tables import handoff, incident, incident_moment, incident_service, page, timeline_entry

_IN_WINDOW = (incident.c.declared_at >= bindparam("since"), incident.c.declared_at < bindparam("until"))
_FIRST_PAGE = (
    select(func.min(page.c.sent_at))
    .where(page.c.incident_id == incident.c.id, page.c.cycle == incident.c.cycle)
    .scalar_subquery()
    .label("paged_at")
)
_INCIDENTS = (
    select(
        incident.c.id,
        incident.c.title,
        incident.c.severity,
        incident.c.declared_at,
        incident.c.acknowledged_at,
        incident.c.mitigated_at,
        incident.c.resolved_at,
        _FIRST_PAGE,
    )
    .where(*_IN_WINDOW)
    .order_by(incident.c.declared_at, incident.c.id)
)
_SERVICES = (
    select(incident_service.c.incident_id, incident_service.c.service_id)
    .join(incident, incident.c.id == incident_service.c.incident_id)
    .where(*_IN_WINDOW)
    .order_by(incident_service.c.incident_id, incident_service.c.position)
)
_WAS_OFFERED = (
    handoff.c.boundary_at >= bindparam("since"),
    handoff.c.boundary_at < bindparam("until"),
    handoff.c.offered_at.is_not(None),
    handoff.c.state.in_([HandoffState.ACCEPTED, HandoffState.DECLINED, HandoffState.EXPIRED]),
)
_HANDOFFS = select(
    func.count(),
    func.count().filter(handoff.c.state == HandoffState.ACCEPTED, handoff.c.accepted_at <= handoff.c.boundary_at),
).where(*_WAS_OFFERED, ~((handoff.c.state == HandoffState.EXPIRED) & (handoff.c.reason != "")))
"""Without those that were taken back: their shift change did not happen."""


_CORRECTED = (
    select(incident_moment.c.incident_id, incident_moment.c.moment, incident_moment.c.at)
    .join(incident, incident.c.id == incident_moment.c.incident_id)
    .where(*_IN_WINDOW)
    .order_by(incident_moment.c.id)
)


_ACTIVITY = (
    select(timeline_entry.c.incident_id, timeline_entry.c.actor, timeline_entry.c.at)
    .join(incident, incident.c.id == timeline_entry.c.incident_id)
    .where(*_IN_WINDOW, timeline_entry.c.actor != BOT_ID)
)


class SqlMetrics:
    """Implements usecases.metric_ports.Metrics."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def incidents(self, since: datetime, until: datetime, services: Collection[str] | None) -> Sequence[Measured]:
        """List what was declared from `since` to before `until`, oldest first; of any of these services, or all."""
        window, services_query, query = {"since": since, "until": until}, _SERVICES, _INCIDENTS
        if services is not None:
            concerned = select(incident_service.c.incident_id).where(incident_service.c.service_id.in_([*services]))
            services_query = services_query.where(incident.c.id.in_(concerned))
            query = query.where(incident.c.id.in_(concerned))
        found: dict[int, list[str]] = {}
        for row in self._connection.execute(services_query, window):
            found.setdefault(row.incident_id, []).append(row.service_id)
        said: dict[int, dict[str, datetime]] = {}
        for row in self._connection.execute(_CORRECTED, window):
            said.setdefault(row.incident_id, {})[row.moment] = row.at
        return [
            _measured(row, found.get(row.id, ()), said.get(row.id, {}))
            for row in self._connection.execute(query, window)
        ]

    def activity(
        self, since: datetime, until: datetime, services: Collection[str] | None, *, limit: int
    ) -> Sequence[tuple[int, int, datetime]]:
        """List who did something when (UTC) in incidents declared in a half-open time: incident, person, moment.

        Of any of these services, or of all; the first `limit` of them, in no order that matters.
        """
        query = _ACTIVITY
        if services is not None:
            concerned = select(incident_service.c.incident_id).where(incident_service.c.service_id.in_([*services]))
            query = query.where(incident.c.id.in_(concerned))
        rows = self._connection.execute(query.limit(limit), {"since": since, "until": until})
        return [(row.incident_id, row.actor, row.at) for row in rows]

    def handoffs(self, since: datetime, until: datetime, schedules: Collection[str] | None) -> tuple[int, int]:
        """Count the handoffs of shift changes in a half-open time: those accepted before, and all that were offered."""
        query = _HANDOFFS if schedules is None else _HANDOFFS.where(handoff.c.schedule.in_([*schedules]))
        total, accepted = self._connection.execute(query, {"since": since, "until": until}).one()
        return accepted, total


def _measured(row: Any, services: Sequence[str], said: Mapping[str, datetime]) -> Measured:
    """Take what people have put right in the place of what was noted; what has not happened cannot be put right."""
    acknowledged = said.get(Moment.ACKNOWLEDGED, row.acknowledged_at) if row.acknowledged_at else None
    mitigated = said.get(Moment.MITIGATED, row.mitigated_at) if row.mitigated_at else None
    return Measured(
        id=row.id,
        title=row.title,
        severity=row.severity,
        services=tuple(services),
        impact_at=said.get(Moment.IMPACT),
        detected_at=said.get(Moment.DETECTED),
        declared_at=row.declared_at,
        paged_at=row.paged_at,
        acknowledged_at=acknowledged,
        mitigated_at=mitigated,
        resolved_at=row.resolved_at,
    )
