"""Incidents and their timelines as JSON."""

from datetime import datetime
from typing import Any

from domain.incident import OPEN_STATUSES, Incident, Role, Status
from domain.people import BOT_ID
from domain.timeline import EntryKind, TimelineEntry
from server.api.parameters import AFTER, AFTER_SEQ, ENTRY_LIMIT, LIMIT, REF, SERVICE, STATUS, write_cursor
from server.api.table import Asked
from server.times import rfc3339
from usecases import reports
from usecases.ports import IncidentFilter, Store
from usecases.reports import Handles


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer one page of incidents, newest first."""
    statuses = asked[STATUS]
    page = reports.incident_page(
        store,
        IncidentFilter(
            # Said as such, because only then storage reads the open ones by their own index.
            open_only=bool(statuses) and Status.RESOLVED not in statuses,
            statuses=() if statuses == frozenset(Status) or statuses == frozenset(OPEN_STATUSES) else tuple(statuses),
            service=asked[SERVICE],
            before=asked[AFTER],
            limit=asked[LIMIT],
        ),
    )
    items = [_incident(incident, page.handles) for incident in page.incidents]
    return {"items": items, "next": write_cursor(page.next_before)}


def one(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer one incident."""
    return _incident(*reports.incident_report(store, asked[REF]))


def timeline(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer one page of a timeline, oldest first."""
    page = reports.timeline_page(store, asked[REF], after=asked[AFTER_SEQ], limit=asked[ENTRY_LIMIT])
    return {"items": [entry_json(entry, page.handles) for entry in page.entries], "next": page.next_after}


def _incident(incident: Incident, handles: Handles) -> dict[str, Any]:
    return {
        "ref": incident.ref,
        "title": incident.title,
        "severity": incident.severity,
        "status": str(incident.status),
        "services": list(incident.services),
        "roles": {str(role): handles[incident.roles[role]] for role in Role if role in incident.roles},
        "declared_by": handles[incident.declared_by],
        "declared_at": rfc3339(incident.declared_at),
        "acknowledged_at": _moment(incident.acknowledged_at),
        "mitigated_at": _moment(incident.mitigated_at),
        "resolved_at": _moment(incident.resolved_at),
        "version": incident.version,
    }


def entry_json(entry: TimelineEntry, handles: Handles) -> dict[str, Any]:
    """Give an entry with people by handle."""
    data = dict(entry.data)
    for key in ("person", "before"):
        person = data.get(key)
        if isinstance(person, int):
            data[key] = handles.get(person)
    item: dict[str, Any] = {
        "seq": entry.seq,
        "at": rfc3339(entry.at),
        "kind": str(entry.kind),
        "actor": None if entry.actor == BOT_ID else handles[entry.actor],
        "text": entry.text or _what_was_done(entry.kind, data),
        "source": str(entry.source),
        "data": data,
        "revisions": [{"text": revision.text, "at": rfc3339(revision.at)} for revision in entry.revisions],
    }
    return item if entry.deleted_at is None else {**item, "deleted_at": rfc3339(entry.deleted_at)}


def _what_was_done(kind: EntryKind, data: dict[str, Any]) -> str:
    """Tell a step without words of its own; a deleted note stays empty."""
    match kind:
        case EntryKind.ACKNOWLEDGED:
            return "Acknowledged."
        case EntryKind.STATUS_CHANGED:
            return f"Status changed from {data['from']} to {data['to']}."
        case EntryKind.SEVERITY_CHANGED:
            return f"Severity changed from {data['from']} to {data['to']}."
        case EntryKind.ROLE_ASSIGNED:
            instead = f" instead of {data['before']}" if data.get("before") else ""
            return f"{data['person']} is {data['role']}{instead}."
        case EntryKind.RESOLVED:
            return "Resolved."
        case _:
            return ""


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
