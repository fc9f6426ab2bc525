"""Maintenance windows as JSON."""

from typing import Any

from domain.maintenance import Maintenance
from server.api.parameters import AFTER, LIMIT, MAINTENANCE, MAINTENANCE_FROM, MAINTENANCE_TO, write_cursor
from server.api.table import Asked
from server.times import rfc3339
from usecases import maintenance
from usecases.approvals import asking
from usecases.maintenance.approval import KIND
from usecases.maintenance_ports import MaintenanceFilter
from usecases.ports import Store
from usecases.reports import Handles


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer windows whose current or next occurrence touches a time, the newest first."""
    wanted = MaintenanceFilter(
        starts_before=asked[MAINTENANCE_TO],
        ends_after=asked[MAINTENANCE_FROM],
        before=asked[AFTER],
        limit=asked[LIMIT] + 1,
    )
    found = store.maintenance.list(wanted)
    shown = found[: asked[LIMIT]]
    people = store.people.many({person for window in shown for person in _people(window)})
    handles = {person.id: person.handle for person in people.values()}
    return {
        "items": [_window(store, window, handles) for window in shown],
        "next": write_cursor(shown[-1].id if len(found) > len(shown) else None),
    }


def one(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer one window. Raise Unknown when there is none."""
    window = maintenance.to_see(store, asked[MAINTENANCE])
    people = store.people.many(_people(window))
    return _window(store, window, {person.id: person.handle for person in people.values()})


def _people(window: Maintenance) -> set[int]:
    signed = {window.done.signed_off_by} - {None} if window.done else set[int | None]()
    return {window.owner} | {person for person in signed if person is not None}


def _window(store: Store, window: Maintenance, handles: Handles) -> dict[str, Any]:
    approval, done = asking.standing(store, KIND, window.id), window.done
    return {
        "id": window.id,
        "title": window.title,
        "services": [*window.services],
        "starts_at": rfc3339(window.starts_at),
        "ends_at": rfc3339(window.ends_at),
        "recurrence": window.recurrence.rule if window.recurrence else None,
        "state": str(window.state),
        "owner": handles[window.owner],
        "evidence": done.evidence if done else None,
        "signed_off_by": handles[done.signed_off_by] if done and done.signed_off_by is not None else None,
        "impact": window.impact,
        "runbook": window.runbook,
        "reason": window.reason,
        "approval": str(approval.state) if approval else None,
    }
