"""The shapes of what the API answers about the time after incidents: action items, figures and digests."""

from collections.abc import Mapping

from domain.action import ActionKind, ActionState
from domain.catalog import Side
from domain.incident import SEVERITIES
from domain.problem import ProblemState
from domain.review import ReviewState
from server.api.schema_parts import HANDLE, MOMENT, MOMENT_OR_NULL, page_of, structure
from server.api.table import Schema

_SPREAD = structure(
    {
        "median": {"type": ["number", "null"], "description": "Seconds; null where nothing was measured."},
        "p90": {"type": ["number", "null"], "description": "Seconds."},
        "n": {"type": "integer", "minimum": 0, "description": "How many were measured."},
    },
    additionalProperties=False,
)
_SHARE = structure(
    {
        "percent": {"type": ["number", "null"], "minimum": 0, "maximum": 100, "description": "null of none."},
        "n": {"type": "integer", "minimum": 0, "description": "Of how many."},
    },
    additionalProperties=False,
)

_REF = {"type": "string", "pattern": "^INC-[1-9][0-9]*$"}
_SIDE = {"enum": [str(side) for side in Side]}

AFTERWARDS: Mapping[str, Schema] = {
    "Action": structure(
        {
            "id": {"type": "integer", "minimum": 1},
            "title": {"type": "string"},
            "type": {"enum": [str(kind) for kind in ActionKind]},
            "owner": HANDLE,
            "due_on": {"type": "string", "format": "date", "description": "A day on the owner's calendar."},
            "state": {
                "enum": [str(state) for state in ActionState],
                "description": "`dropped`: decided against, `words` say why.",
            },
            "incident": {"type": ["string", "null"], "pattern": "^INC-[1-9][0-9]*$"},
            "factor": {"type": "string", "description": "The contributing factor it answers."},
            "repair": {"type": "boolean", "description": "It only repairs what broke: reactive work."},
            "words": {"type": "string", "description": "What was done, or why it was dropped."},
            "made_by": HANDLE,
            "made_at": MOMENT,
            "closed_at": MOMENT_OR_NULL,
        },
        additionalProperties=False,
    ),
    "ActionPage": page_of(
        "Action", {"type": ["string", "null"], "description": "The `after` of the next page; null at the end."}
    ),
    "ProblemRecord": structure(
        {
            "id": {"type": "integer", "minimum": 1},
            "title": {"type": "string"},
            "service": {"type": "string"},
            "owner": HANDLE,
            "due_on": {"type": "string", "format": "date", "description": "A day on the owner's calendar."},
            "incidents": {"type": "array", "items": _REF, "description": "The oldest first."},
            "state": {"enum": [str(state) for state in ProblemState]},
            "evidence": {"type": "string", "description": "What shows that it is solved."},
            "work_seconds": {"type": "integer", "minimum": 0, "description": "Of all people together, estimated."},
            "impact_seconds": {"type": "integer", "minimum": 0, "description": "Until the impact was over."},
            "made_at": MOMENT,
            "closed_at": MOMENT_OR_NULL,
        },
        additionalProperties=False,
    ),
    "ProblemPage": page_of(
        "ProblemRecord", {"type": ["string", "null"], "description": "The `after` of the next page; null at the end."}
    ),
    "Review": structure(
        {
            "incident": _REF,
            "incidents": {"type": "array", "minItems": 1, "items": _REF, "description": "All it looks at."},
            "owner": HANDLE,
            "due_at": MOMENT,
            "state": {"enum": [str(state) for state in ReviewState]},
            "template": {"type": "string"},
            "skipped": {"type": ["string", "null"], "description": "Why it was closed without being written."},
            "sections": {
                "type": "array",
                "items": structure(
                    {
                        "id": {"type": "string"},
                        "title": {"type": "string"},
                        "text": {"type": "string"},
                        "version": {"type": "integer", "minimum": 1, "description": "Grows with every text."},
                    },
                    additionalProperties=False,
                ),
            },
            "sides": {"type": "array", "items": _SIDE, "description": "Who has to sign off; empty until it is sent."},
            "sign_offs": {
                "type": "array",
                "items": structure(
                    {"person": HANDLE, "side": {"anyOf": [_SIDE, {"type": "null"}]}, "at": MOMENT},
                    additionalProperties=False,
                ),
            },
            "exports": structure(
                {name: {"type": "string", "format": "uri"} for name in ("markdown", "html", "docx")},
                additionalProperties=False,
            ),
            "version": {"type": "integer", "minimum": 0},
        },
        additionalProperties=False,
    ),
    "Digest": structure(
        {
            "title": {"type": "string"},
            "week": {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$"},
            "team": {"type": ["string", "null"]},
            "from": MOMENT,
            "to": MOMENT,
            "quiet": {"type": "boolean", "description": "Nothing happened, is open or is due."},
            "incidents": {"type": "integer", "minimum": 0, "description": "Declared in the week."},
            "sections": {
                "type": "array",
                "items": structure(
                    {
                        "id": {
                            "enum": [
                                "happened",
                                "open",
                                "on_call",
                                "planned",
                                "reviews",
                                "actions",
                                "problems",
                                "numbers",
                            ]
                        },
                        "title": {"type": "string"},
                        "lines": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                    },
                    additionalProperties=False,
                ),
            },
        },
        additionalProperties=False,
    ),
    "Metrics": structure(
        {
            "from": MOMENT,
            "to": MOMENT,
            "team": {"type": ["string", "null"]},
            "incidents": structure(
                {
                    "n": {"type": "integer", "minimum": 0, "description": "Declared in this time."},
                    "open": {"type": "integer", "minimum": 0, "description": "Of these, not resolved yet."},
                    "by_severity": structure({str(s): {"type": "integer", "minimum": 0} for s in SEVERITIES}),
                },
                additionalProperties=False,
            ),
            "time_to_detect": {**_SPREAD, "description": "From the impact, where somebody has said when it began."},
            "time_to_acknowledge": {**_SPREAD, "description": "From the first page to the first acknowledgement."},
            "time_to_mitigate": {
                **_SPREAD,
                "description": "From the impact, else from the declaration, until it was over.",
            },
            "time_to_resolve": {**_SPREAD, "description": "From the declaration; what is open is left out."},
            "both_sides_joined": {**_SPREAD, "description": "From the declaration until both sides had joined."},
            "reactive_work": structure(
                {
                    "percent": {"type": ["number", "null"], "minimum": 0, "maximum": 100},
                    "n": {"type": "integer", "minimum": 0, "description": "Of how many incidents."},
                    "hours": {"type": ["number", "null"], "minimum": 0, "description": "Of all people together."},
                },
                additionalProperties=False,
                description="Estimated work on incidents, of the capacity of the team or of all; null beyond 31 days.",
            ),
            "repeat_rate": {**_SHARE, "description": "Same kind on the same service within 90 days before."},
            "handoff_acceptance": {**_SHARE, "description": "Accepted before the shift change, of those offered."},
            "change_failure_rate": {**_SHARE, "description": "Failed, rolled back or the cause of an incident."},
        },
        additionalProperties=False,
    ),
}
