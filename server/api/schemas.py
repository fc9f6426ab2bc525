"""The shapes of the API's answers as JSON schemas. The tests hold every real answer against them."""

from collections.abc import Mapping

from domain.approval import ApprovalState, Decision
from domain.care import Evidence
from domain.change import LINK_LIMIT, MOST_LINKS, NAME_LIMIT, REPORTED, ROLLBACK_LIMIT, ChangeState, Risk
from domain.handoff import HandoffState
from domain.incident import SEVERITIES, TITLE_LIMIT, Role, Status
from domain.maintenance import MaintenanceState
from domain.paging import PageReason, PageResult, Way
from domain.timeline import EntryKind, Source
from server.api.schema_parts import HANDLE, MOMENT, MOMENT_OR_NULL, page_of, structure
from server.api.schemas_afterwards import AFTERWARDS
from server.api.table import Schema

_RISK = {"enum": [str(risk) for risk in Risk], "description": "What can go wrong."}

SCHEMAS: Mapping[str, Schema] = {
    **AFTERWARDS,
    "Incident": structure(
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
                "properties": {str(role): HANDLE for role in Role},
                "additionalProperties": False,
            },
            "declared_by": HANDLE,
            "declared_at": MOMENT,
            "acknowledged_at": MOMENT_OR_NULL,
            "mitigated_at": MOMENT_OR_NULL,
            "resolved_at": MOMENT_OR_NULL,
            "version": {"type": "integer", "minimum": 1, "description": "Grows with every change."},
        },
        additionalProperties=False,
    ),
    "IncidentPage": page_of(
        "Incident", {"type": ["string", "null"], "description": "The `after` of the next page; null at the end."}
    ),
    "TimelineEntry": structure(
        {
            "seq": {"type": "integer", "minimum": 1, "description": "Counts from 1 within the incident."},
            "at": MOMENT,
            "kind": {"enum": [str(kind) for kind in EntryKind]},
            "actor": {
                "type": ["string", "null"],
                "description": "Handle of whoever did it; null where the bot did.",
            },
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
                "items": structure({"text": {"type": "string"}, "at": MOMENT}, additionalProperties=False),
            },
            "deleted_at": MOMENT,
            "key": {"type": "boolean", "description": "People found it important; in whole timelines."},
        },
        optional=("deleted_at", "key"),
        additionalProperties=False,
    ),
    "WholeTimeline": structure(
        {
            "incident": {"type": "string", "pattern": "^INC-[1-9][0-9]*$"},
            "title": {"type": "string"},
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/TimelineEntry"}},
        },
        additionalProperties=False,
    ),
    "TimelinePage": page_of(
        "TimelineEntry",
        {"type": ["integer", "null"], "description": "The `after` of the next page; null at the end."},
    ),
    "Page": structure(
        {
            "person": {**HANDLE, "type": ["string", "null"], "description": "Who is paged; null: a post for a team."},
            "team": {
                "type": ["string", "null"],
                "description": "Id of the team in whose channel it is posted; null: it is for a person.",
            },
            "way": {"enum": [str(way) for way in Way]},
            "reason": {"enum": [str(reason) for reason in PageReason if reason is not PageReason.DRILL]},
            "target": {"type": "string", "description": "What named this person, such as schedule:payments-primary."},
            "step": {
                "type": ["integer", "null"],
                "minimum": 1,
                "description": "Number of the policy's step; null where no step asked for it.",
            },
            "round": {"type": "integer", "minimum": 1, "description": "Which time the steps are gone through."},
            "due_at": MOMENT,
            "sent_at": MOMENT_OR_NULL,
            "result": {
                "enum": [str(result) for result in PageResult],
                "description": "`not_needed`: somebody had acknowledged before it could be sent.",
            },
            "detail": {"type": "string", "description": "What went wrong; empty where nothing did."},
            "acknowledged_at": {**MOMENT_OR_NULL, "description": "When this person answered. RFC 3339, UTC."},
            "attempts": {"type": "integer", "minimum": 0, "description": "Sends begun."},
            "bundled_into": {
                "type": ["string", "null"],
                "description": "The incident on whose message this page stands too; null: it is a message of its own.",
            },
        },
        additionalProperties=False,
    ),
    "PageList": structure(
        {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Page"}}}, additionalProperties=False
    ),
    "Change": structure(
        {
            "id": {"type": "integer", "minimum": 1},
            "title": {"type": "string"},
            "service": {"type": "string", "description": "Id of the service; it may have left the catalogue since."},
            "risk": _RISK,
            "at": {**MOMENT, "description": "When it happened, or is going to. RFC 3339, UTC."},
            "ends_at": MOMENT_OR_NULL,
            "state": {
                "enum": [str(state) for state in ChangeState],
                "description": "`proposed`: it waits for an approval; `failed`: it was tried and did not work.",
            },
            "source": {"type": "string", "description": "What recorded it: teams, or the program that did."},
            "author": {
                "type": "string",
                "description": "Handle of whoever recorded it in Teams, or who a program says; empty: nobody is named.",
            },
            "links": {"type": "array", "items": {"type": "string"}},
            "rollback": {"type": "string", "description": "How to take it back."},
            "comment": {"type": "string", "description": "How it went, or why it does not happen."},
            "incidents": {
                "type": "array",
                "items": {"type": "string", "pattern": "^INC-[1-9][0-9]*$"},
                "description": "The incidents it is linked to as their cause.",
            },
            "recorded_at": MOMENT,
        },
        additionalProperties=False,
    ),
    "ChangePage": page_of(
        "Change", {"type": ["string", "null"], "description": "The `after` of the next page; null at the end."}
    ),
    "NewChange": structure(
        {
            "title": {"type": "string", "minLength": 1, "maxLength": TITLE_LIMIT, "description": "One line."},
            "service": {"type": "string", "description": "Id of a service of the catalogue, in any case."},
            "risk": {**_RISK, "default": str(Risk.LOW)},
            "at": {
                "type": "string",
                "format": "date-time",
                "description": "RFC 3339 with Z or an offset; default: now.",
            },
            "ends_at": {"type": ["string", "null"], "format": "date-time", "description": "Later than `at`."},
            "state": {
                "enum": [str(state) for state in REPORTED],
                "description": "Default: done, or planned where `at` lies ahead. Nobody is asked for an approval.",
            },
            "source": {
                "type": "string",
                "maxLength": NAME_LIMIT,
                "description": "The program; default: the name of the token.",
            },
            "author": {"type": "string", "maxLength": NAME_LIMIT, "description": "Who made the change."},
            "links": {
                "type": "array",
                "maxItems": MOST_LINKS,
                "items": {"type": "string", "pattern": "^https?://", "maxLength": LINK_LIMIT},
            },
            "rollback": {"type": "string", "maxLength": ROLLBACK_LIMIT, "description": "How to take it back."},
        },
        optional=("risk", "at", "ends_at", "state", "source", "author", "links", "rollback"),
        description="Fields that are not named here are ignored.",
    ),
    "Handoff": structure(
        {
            "id": {"type": "integer", "minimum": 1},
            "schedule": {"type": "string", "description": "Id of the schedule; it may have left the file since."},
            "outgoing": HANDLE,
            "incoming": HANDLE,
            "boundary_at": {**MOMENT, "description": "The shift change. RFC 3339, UTC."},
            "state": {
                "enum": [str(state) for state in HandoffState],
                "description": "A handoff is `expired` too when its shift change was taken back.",
            },
            "notes": {"type": "string", "description": "What the outgoing person wrote."},
            "accepted_at": MOMENT_OR_NULL,
        },
        additionalProperties=False,
    ),
    "HandoffList": structure(
        {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Handoff"}}}, additionalProperties=False
    ),
    "Care": structure(
        {
            "id": {"type": "integer", "minimum": 1},
            "title": {"type": "string"},
            "team": {"type": "string", "description": "Id of the team; it may have left the file since."},
            "service": {"type": ["string", "null"], "description": "Id of the service it is about."},
            "owner": {**HANDLE, "type": ["string", "null"], "description": "Handle of whoever looks after it now."},
            "recurrence": {"type": "string", "description": "A rule of RFC 5545, on the wall clock of `time_zone`."},
            "time_zone": {"type": "string"},
            "due_at": {**MOMENT, "description": "When it is or was due. RFC 3339, UTC."},
            "hours": {"type": "number", "minimum": 0, "description": "Planned each time; 0 where nobody has said."},
            "evidence": {"enum": [*(str(e) for e in Evidence), None], "description": "What has to be shown."},
            "sign_off": {"type": "boolean"},
            "last_done_at": MOMENT_OR_NULL,
            "missed": {"type": "integer", "minimum": 0, "description": "Times in a row that it was missed."},
        },
        additionalProperties=False,
    ),
    "CareList": structure(
        {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Care"}}}, additionalProperties=False
    ),
    "Approval": structure(
        {
            "id": {"type": "integer", "minimum": 1},
            "subject": {"type": "string", "description": "What it is about, such as maintenance:7."},
            "state": {"enum": [str(state) for state in ApprovalState]},
            "requested_by": HANDLE,
            "requested_at": MOMENT,
            "needed": {"type": "integer", "minimum": 1, "description": "How many people have to approve in all."},
            "groups": {
                "type": "array",
                "items": structure(
                    {
                        "deciders": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "Who may decide, such as team:it-ops or person:ada.",
                        },
                        "needed": {
                            "type": "integer",
                            "minimum": 0,
                            "description": "How many different people of these have to approve; 0 means all.",
                        },
                    },
                    additionalProperties=False,
                ),
            },
            "votes": {
                "type": "array",
                "items": structure(
                    {
                        "person": HANDLE,
                        "decision": {"enum": [str(decision) for decision in Decision]},
                        "at": MOMENT,
                        "comment": {"type": "string"},
                    },
                    additionalProperties=False,
                ),
            },
            "expires_at": MOMENT,
            "decided_by": {"type": ["string", "null"], "description": "Who decided it last, or withdrew it; a handle."},
            "decided_at": MOMENT_OR_NULL,
            "reason": {"type": "string", "description": "Why it was withdrawn; empty otherwise."},
        },
        additionalProperties=False,
    ),
    "ApprovalList": structure(
        {
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Approval"}},
            "next": {"type": ["string", "null"], "description": "Give it as `after` to go on; null at the end."},
        },
        additionalProperties=False,
    ),
    "Maintenance": structure(
        {
            "id": {"type": "integer", "minimum": 1},
            "title": {"type": "string"},
            "services": {
                "type": "array",
                "items": {"type": "string", "description": "Id of a service; it may have left the catalogue since."},
            },
            "starts_at": {**MOMENT, "description": "Of the current or next occurrence. RFC 3339, UTC, included."},
            "ends_at": {**MOMENT, "description": "RFC 3339, UTC, excluded."},
            "recurrence": {"type": ["string", "null"], "description": "RRULE of RFC 5545; null: it happens once."},
            "state": {"enum": [str(state) for state in MaintenanceState]},
            "owner": HANDLE,
            "evidence": {
                "type": ["string", "null"],
                "description": "What shows that it is done; null until it is. Of a recurring one that of the last time.",
            },
            "signed_off_by": {**HANDLE, "type": ["string", "null"], "description": "Who signed the evidence off."},
            "impact": {"type": "string"},
            "runbook": {"type": "string"},
            "reason": {"type": "string", "description": "Why it was cancelled; empty where it was not."},
            "approval": {
                "enum": [*(str(state) for state in ApprovalState), None],
                "description": "How the newest approval stands; null: nobody was asked.",
            },
        },
        additionalProperties=False,
    ),
    "MaintenancePage": page_of(
        "Maintenance", {"type": ["string", "null"], "description": "The `after` of the next page; null at the end."}
    ),
    "Shift": structure(
        {
            "schedule": {"type": "string", "description": "Id of the schedule."},
            "person": {
                "type": ["string", "null"],
                "description": "Handle of whoever is on call; null: nobody is.",
            },
            "starts_at": {**MOMENT_OR_NULL, "description": "RFC 3339, UTC, included; null: it has no beginning."},
            "ends_at": {**MOMENT_OR_NULL, "description": "RFC 3339, UTC, excluded; null: it has no end."},
            "source": {
                "enum": ["rotation", "override", "calendar", None],
                "description": "What decides; null where nobody is on call.",
            },
        },
        additionalProperties=False,
    ),
    "ShiftList": structure(
        {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Shift"}}}, additionalProperties=False
    ),
    "OpenApi": {"type": "object", "required": ["openapi", "info", "paths"]},
    "Problem": structure(
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
