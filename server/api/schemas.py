"""The shapes of the API's answers as JSON schemas. The tests hold every real answer against them."""

from collections.abc import Mapping
from typing import Any

from domain.incident import SEVERITIES, Role, Status
from domain.timeline import EntryKind, Source
from server.api.table import Schema

_MOMENT = {"type": "string", "format": "date-time", "pattern": "Z$", "description": "RFC 3339, UTC."}
_MOMENT_OR_NULL = {**_MOMENT, "type": ["string", "null"]}
_HANDLE = {"type": "string", "description": "A person's handle: the id in the organisation file."}


def _object(properties: Mapping[str, Schema], *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": dict(properties), **more}


def _page(item: str, next_: Schema) -> Schema:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    return _object({"items": items, "next": next_}, additionalProperties=False)


SCHEMAS: Mapping[str, Schema] = {
    "Incident": _object(
        {
            "ref": {"type": "string", "pattern": "^INC-[1-9][0-9]*$"},
            "title": {"type": "string"},
            "severity": {"enum": list(SEVERITIES), "description": "1 is the worst."},
            "status": {"enum": [str(status) for status in Status]},
            "services": {
                "type": "array",
                "items": {"type": "string", "description": "Id of a service; it may have left the catalogue since."},
            },
            "roles": {
                "type": "object",
                "description": "Who has which role; empty seats are left out.",
                "properties": {str(role): _HANDLE for role in Role},
                "additionalProperties": False,
            },
            "declared_by": _HANDLE,
            "declared_at": _MOMENT,
            "acknowledged_at": _MOMENT_OR_NULL,
            "mitigated_at": _MOMENT_OR_NULL,
            "resolved_at": _MOMENT_OR_NULL,
            "version": {"type": "integer", "minimum": 1, "description": "Grows with every change."},
        },
        additionalProperties=False,
    ),
    "IncidentPage": _page(
        "Incident", {"type": ["string", "null"], "description": "The `after` of the next page; null at the end."}
    ),
    "TimelineEntry": _object(
        {
            "seq": {"type": "integer", "minimum": 1, "description": "Counts from 1 within the incident."},
            "at": _MOMENT,
            "kind": {"enum": [str(kind) for kind in EntryKind]},
            "actor": _HANDLE,
            "text": {
                "type": "string",
                "description": "What the person wrote; of a step without words, what was done. "
                "Empty where the author has deleted the note.",
            },
            "source": {"enum": [str(source) for source in Source]},
            "data": {
                "type": "object",
                "description": "What the step changed: `severity`; `from` and `to`; `role`, `person` and `before`.",
                "additionalProperties": {"type": ["string", "integer", "null"]},
            },
            "revisions": {
                "type": "array",
                "description": "Earlier texts, oldest first, each with the moment it was replaced.",
                "items": _object({"text": {"type": "string"}, "at": _MOMENT}, additionalProperties=False),
            },
            "deleted_at": _MOMENT,
        },
        optional=("deleted_at",),
        additionalProperties=False,
    ),
    "TimelinePage": _page(
        "TimelineEntry",
        {"type": ["integer", "null"], "description": "The `after` of the next page; null at the end."},
    ),
    "OpenApi": {"type": "object", "required": ["openapi", "info", "paths"]},
    "Problem": _object(
        {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "One sentence: what is wrong and what to do."},
            "reference": {"type": "string", "description": "Names the entry in the server's log."},
        },
        optional=("reference",),
    ),
}
