"""The parameters of the API: how each is written, read and explained."""

import base64
import re
from datetime import UTC, datetime

from domain.action import ActionState
from domain.approval import ApprovalState
from domain.digest import Week
from domain.errors import Unknown
from domain.incident import OPEN_STATUSES, Status
from domain.problem import ProblemState
from domain.zones import FIRST_YEAR, LAST_YEAR
from server.api.table import In, Parameter
from usecases.change_ports import Position

INCIDENTS_LIMIT = 50
MOST_INCIDENTS = 200
TIMELINE_LIMIT = 200
MOST_ENTRIES = 1_000
"""Page sizes; ours: a page of long notes stays below ten megabytes."""

_REF = re.compile(r"(?:inc-?|#)?0*([1-9]\d{0,8})", re.IGNORECASE | re.ASCII)
_REF_NUMBER = re.compile(r"0*([1-9]\d{0,8})", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_SUBJECT_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_CURSOR = re.compile(r"before:([1-9]\d{0,8})", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[-+ ]\d{2}:\d{2})", re.IGNORECASE | re.ASCII
)
_POSITION = re.compile(r"below:(.{19,40}):([1-9]\d{0,8})", re.ASCII)
_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)
_SHOWN = 40  # characters of a caller's own text that an answer repeats
_OPEN = "open"


def write_cursor(before: int | None) -> str | None:
    """Write the cursor of the page that goes on with incidents below this number; None stays None."""
    if before is None:
        return None
    return base64.urlsafe_b64encode(f"before:{before}".encode()).decode().rstrip("=")


def _cursor(text: str) -> int:
    try:
        padded = text + "=" * (-len(text) % 4)
        found = _CURSOR.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii"))
    except ValueError:
        found = None
    if found is None or write_cursor(int(found[1])) != text:
        raise ValueError("must be the `next` of an earlier answer")
    return int(found[1])


def write_position(position: Position | None) -> str | None:
    """Write the cursor of the page that goes on with changes further down than this one; None stays None."""
    if position is None:
        return None
    at, number = position
    return base64.urlsafe_b64encode(f"below:{at.isoformat()}:{number}".encode()).decode().rstrip("=")


def _position(text: str) -> Position:
    try:
        padded = text + "=" * (-len(text) % 4)
        found = _POSITION.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii"))
        at = datetime.fromisoformat(found[1]).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        found = at = None
    if found is None or at is None or write_position((at, int(found[2]))) != text:
        raise ValueError("must be the `next` of an earlier answer")
    return at, int(found[2])


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError("must be 1 to 200 visible ASCII characters without blanks, such as a UUID")
    return text


def _ref(text: str) -> int:
    found = _REF.fullmatch(text.strip())
    if found is None:
        raise Unknown(f"There is no incident “{text[:_SHOWN]}”: name it like INC-12.")
    return int(found[1])


def _window(text: str) -> int:
    found = _REF_NUMBER.fullmatch(text.strip())
    if found is None:
        raise Unknown(f"There is no maintenance “{text[:_SHOWN]}”: name it by its number.")
    return int(found[1])


def _statuses(text: str) -> frozenset[Status]:
    wanted: set[Status] = set()
    for word in filter(None, (part.strip().lower() for part in text.split(","))):
        if word == _OPEN:
            wanted.update(OPEN_STATUSES)
        elif word in frozenset(Status):
            wanted.add(Status(word))
        else:
            raise ValueError(f"must be a comma list of {', '.join((_OPEN, *Status))}")
    return frozenset(wanted)


def _approval_state(text: str) -> ApprovalState:
    if text.lower() not in frozenset(ApprovalState):
        raise ValueError(f"must be one of {', '.join(ApprovalState)}")
    return ApprovalState(text.lower())


def _action_state(text: str) -> ActionState:
    if text.lower() not in frozenset(ActionState):
        raise ValueError(f"must be one of {', '.join(ActionState)}")
    return ActionState(text.lower())


def _problem_state(text: str) -> ProblemState:
    if text.lower() not in frozenset(ProblemState):
        raise ValueError(f"must be one of {', '.join(ProblemState)}")
    return ProblemState(text.lower())


def _subject(text: str) -> tuple[str, int | None]:
    kind, colon, number = text.lower().partition(":")
    if not kind or (colon and not _SUBJECT_NUMBER.fullmatch(number)):
        raise ValueError("must be a kind and a number, such as maintenance:7")
    return kind, int(number) if colon else None


def _limit(default: int, most: int) -> Parameter[int]:
    def read(text: str) -> int:
        if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
            raise ValueError(f"must be a whole number from 1 to {most}")
        return int(text)

    return Parameter(
        name="limit",
        meaning="How many items to answer at most.",
        schema={"type": "integer", "minimum": 1, "maximum": most, "default": default},
        read=read,
        default=default,
    )


def _seq(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("must be the number of an entry: its seq, or the `next` of an earlier answer")
    return int(text)


def read_moment(text: str) -> datetime:
    """Read an RFC 3339 time as UTC. Raise ValueError saying what it "must be …"."""
    try:
        # A plus sign that nobody has escaped arrives as a space.
        moment = datetime.fromisoformat(text.upper().replace(" ", "+")) if _MOMENT.fullmatch(text) else None
        moment = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(
            f"must be an RFC 3339 time from {FIRST_YEAR} to {LAST_YEAR} with Z or an offset, such as 2026-12-05T22:00:00Z"
        )
    return moment


def _time(name: str, meaning: str) -> Parameter[datetime | None]:
    schema = {"type": "string", "format": "date-time", "examples": ["2026-12-05T22:00:00Z"]}
    return Parameter[datetime | None](name=name, meaning=meaning, schema=schema, read=read_moment, default=None)


def _id(name: str, meaning: str) -> Parameter[str | None]:
    return Parameter[str | None](name=name, meaning=meaning, schema={"type": "string"}, read=str, default=None)


REF = Parameter(
    name="ref",
    place=In.PATH,
    meaning="The incident: INC-12, inc12 or 12.",
    schema={"type": "string"},
    read=_ref,
    default=0,
)
STATUS = Parameter[frozenset[Status]](
    name="status",
    meaning="Only incidents in these statuses, a comma list; `open` stands for all but resolved.",
    # One text, not an array: whoever builds a query from this document must put the commas in unescaped or escaped,
    # and both are understood.
    schema={
        "type": "string",
        "pattern": "^({0})(,({0}))*$".format("|".join((_OPEN, *Status))),
        "examples": ["open", "monitoring,resolved"],
    },
    read=_statuses,
    default=frozenset(),
)
SERVICE = Parameter[str | None](
    name="service",
    meaning="Only incidents of this service, by its id in the organisation file, in any case.",
    schema={"type": "string"},
    read=str,
    default=None,
)
LIMIT = _limit(INCIDENTS_LIMIT, MOST_INCIDENTS)
HANDOFF_SCHEDULE = Parameter[str | None](
    name="schedule",
    meaning="Only handoffs of this schedule, by its id in the organisation file, in any case.",
    schema={"type": "string"},
    read=str,
    default=None,
)
AFTER = Parameter[int | None](
    name="after",
    meaning="Go on where an earlier answer ended: its `next`.",
    schema={"type": "string"},
    read=_cursor,
    default=None,
)
APPROVAL_STATE = Parameter[ApprovalState | None](
    name="state",
    meaning="Only approvals in this state.",
    schema={"enum": [str(state) for state in ApprovalState]},
    read=_approval_state,
    default=None,
)
APPROVAL_SUBJECT = Parameter[tuple[str, int | None] | None](
    name="subject",
    meaning="Only approvals of this subject, such as maintenance:7, or of all subjects of a kind, such as maintenance.",
    schema={"type": "string", "examples": ["maintenance:7", "change"]},
    read=_subject,
    default=None,
)
MAINTENANCE = Parameter(
    name="id",
    place=In.PATH,
    meaning="The maintenance window, by its number.",
    schema={"type": "integer", "minimum": 1},
    read=_window,
    default=0,
)
MAINTENANCE_FROM = _time("from", "Only windows that end after this; one that overruns has not ended.")
MAINTENANCE_TO = _time("to", "Only windows that begin before this.")
ENTRY_LIMIT = _limit(TIMELINE_LIMIT, MOST_ENTRIES)
AFTER_SEQ = Parameter(
    name="after",
    meaning="Only entries with a higher number: the `next` of an earlier answer, or the last `seq` seen.",
    schema={"type": "integer", "minimum": 0, "default": 0},
    read=_seq,
    default=0,
)
ON_CALL_SCHEDULE = _id("schedule", "Only this schedule, by its id in the organisation file, in any case.")
ON_CALL_SERVICE = _id(
    "service",
    "Only the schedules of this service, by its id in any case: its owner's, its operations team's, and those its "
    "escalation policies name.",
)
ON_CALL_TEAM = _id("team", "Only the schedules of this team, by its id in any case.")
AT = _time("at", "The moment; now by default.")
SCHEDULE = Parameter(
    name="id",
    place=In.PATH,
    meaning="The schedule, by its id in the organisation file, in any case.",
    schema={"type": "string"},
    read=str,
    default="",
)
FROM = _time("from", "Where the window begins, included; now by default.")
TO = _time("to", "Where the window ends, excluded; 14 days after its beginning by default, at most 400 days after it.")
ACTION_OWNER = _id("owner", "Only action items of this person, by their handle in any case.")
ACTION_STATE = Parameter[ActionState | None](
    name="state",
    meaning="Only action items in this state.",
    schema={"enum": [str(state) for state in ActionState]},
    read=_action_state,
    default=None,
)
PROBLEM_STATE = Parameter[ProblemState | None](
    name="state",
    meaning="Only problems in this state.",
    schema={"enum": [str(state) for state in ProblemState]},
    read=_problem_state,
    default=None,
)
METRICS_FROM = _time("from", "Only what was declared at this moment or later; 30 days before the end by default.")
METRICS_TO = _time("to", "Only what was declared before this; now by default, at most 400 days after the beginning.")
METRICS_TEAM = _id("team", "Only services that this team owns or operates, and its schedules; its id in any case.")
DIGEST_TEAM = _id("team", "The digest of this team, by its id in any case; of the whole organisation by default.")
DIGEST_WEEK = Parameter[Week | None](
    name="week",
    meaning="The ISO week, such as 2026-W48; the last whole one by default.",
    schema={"type": "string", "examples": ["2026-W48"]},
    read=Week.parse,
    default=None,
)
CARE_TEAM = _id("team", "Only care of this team, by its id in any case.")
CARE_SERVICE = _id("service", "Only care of this service, by its id in any case.")
CHANGE_SERVICE = _id("service", "Only changes of this service, by its id in the organisation file, in any case.")
SINCE = _time("since", "Only changes that happened, or are going to, at this moment or later.")
CHANGES_AFTER = Parameter[Position | None](
    name="after",
    meaning="Go on where an earlier answer ended: its `next`.",
    schema={"type": "string"},
    read=_position,
    default=None,
)
IDEMPOTENCY_KEY = Parameter[str | None](
    name="Idempotency-Key",
    place=In.HEADER,
    meaning="Names this request, for ever: sent again with the same body it answers what it has recorded, with another "
    "body it is refused with 409. Without it every request records another change.",
    schema={"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    read=_key,
    default=None,
)
