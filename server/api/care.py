"""Planned care as JSON."""

from typing import Any

from domain.errors import Refused
from server.api.parameters import CARE_SERVICE, CARE_TEAM
from server.api.table import Asked
from server.times import rfc3339
from usecases.care.views import CareRow, Wanted
from usecases.care.views import listed as rows
from usecases.ports import Store


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer the running tasks, what is due first in front."""
    now = asked.now(store)
    team, service = asked[CARE_TEAM], asked[CARE_SERVICE]
    known_team = store.catalog.team(team) if team is not None else None
    known_service = store.catalog.service(service) if service is not None else None
    if team is not None and known_team is None:
        raise Refused(f"team names no team of the organisation: there is no “{team[:40]}”.")
    if service is not None and known_service is None:
        raise Refused(f"service names no service of the organisation: there is no “{service[:40]}”.")
    wanted = Wanted(team=known_team.id if known_team else "", service=known_service.id if known_service else "")
    return {"items": [_care(row) for row in rows(store, wanted, now)]}


def _care(row: CareRow) -> dict[str, Any]:
    task = row.task
    return {
        "id": task.id,
        "title": task.title,
        "team": task.team,
        "service": task.service,
        "owner": row.owner.handle if row.owner else None,
        "recurrence": task.rhythm.rule,
        "time_zone": task.rhythm.zone,
        "due_at": rfc3339(row.next.due_at),
        "hours": task.hours,
        "evidence": None if task.evidence is None else str(task.evidence),
        "sign_off": task.sign_off,
        "last_done_at": None if task.done_at is None else rfc3339(task.done_at),
        "missed": task.missed,
    }
