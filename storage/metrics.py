"""What figures are made of, read in few queries whatever the window holds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, select

from domain.effort import IDLE, Burst
from domain.handoff import HandoffState
from domain.metrics import Measured
from domain.moment import Moment
from domain.people import BOT_ID
from storage.functions import seconds_between
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
    # Acknowledgement and end are those of the latest life of an incident.
    .where(
        *_IN_WINDOW,
        (incident_moment.c.cycle == incident.c.cycle)
        | incident_moment.c.moment.not_in([Moment.ACKNOWLEDGED, Moment.MITIGATED]),
    )
    .order_by(incident_moment.c.id)
)


_PAUSE_S = IDLE.total_seconds() + 0.001
"""A pause of exactly that length is none, however a database counts."""


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

    def bursts(self, since: datetime, until: datetime, services: Collection[str] | None) -> Sequence[Burst]:
        """List what people did in incidents declared in a half-open time, of any of these services, or of all."""
        query = select(incident.c.id).where(*_IN_WINDOW)
        if services is not None:
            concerned = select(incident_service.c.incident_id).where(incident_service.c.service_id.in_([*services]))
            query = query.where(incident.c.id.in_(concerned))
        return self._bursts(query, {"since": since, "until": until})

    def bursts_in(self, incident_ids: Collection[int]) -> Sequence[Burst]:
        """List what people did in incidents."""
        return self._bursts(select(incident.c.id).where(incident.c.id.in_([*incident_ids])), {})

    def _bursts(self, incidents: Select[Any], values: Mapping[str, Any]) -> Sequence[Burst]:
        """Cut each person's entries where they paused: in the database, which has read them anyway."""
        moves = (
            select(
                timeline_entry.c.incident_id,
                timeline_entry.c.actor,
                timeline_entry.c.at,
                func.lag(timeline_entry.c.at)
                .over(partition_by=(timeline_entry.c.incident_id, timeline_entry.c.actor), order_by=timeline_entry.c.at)
                .label("before"),
            )
            .where(timeline_entry.c.incident_id.in_(incidents), timeline_entry.c.actor != BOT_ID)
            .subquery()
        )
        paused = case((seconds_between(moves.c.at, moves.c.before) > _PAUSE_S, 1), else_=0)
        numbered = select(
            moves,
            func.sum(paused)
            .over(partition_by=(moves.c.incident_id, moves.c.actor), order_by=moves.c.at)
            .label("number"),
        ).subquery()
        query = select(
            numbered.c.incident_id,
            numbered.c.actor,
            func.min(numbered.c.at).label("begins"),
            func.max(numbered.c.at).label("ends"),
        ).group_by(numbered.c.incident_id, numbered.c.actor, numbered.c.number)
        return [
            Burst(row.incident_id, row.actor, row.begins, row.ends) for row in self._connection.execute(query, values)
        ]

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
