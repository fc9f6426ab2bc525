"""What an incident is, and every step it can take.

Each step is a pure function: incident in, `Changed` out. It returns None when things are already so (a second press,
a redelivered message) and raises `Refused` when the step makes no sense now. Times are aware datetimes in UTC.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.timeline import EntryKind, NewEntry

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # direction embeddings and overrides
TITLE_LIMIT = 200  # characters; ours: a title is read on a phone, and twice this still fits a card
TEXT_LIMIT = 8_000  # characters of one note or summary; ours: keeps a timeline page far below Teams' 100 KB
LONGEST_REMINDER = timedelta(days=7)  # between updates; ours: who wants to hear less often wants no reminder


class Status(StrEnum):
    """The four words public status pages use; reopening may go back to any earlier one."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


OPEN_STATUSES = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)


class Role(StrEnum):
    """Seats of the incident command system, as `assign` names them."""

    COMMANDER = "commander"
    COMMUNICATIONS = "communications"
    SCRIBE = "scribe"
    OPERATIONS = "operations"


SEVERITIES = (1, 2, 3, 4)
DEFAULT_SEVERITY = 3  # until somebody knows better; it pages the owners and wakes no executive


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident as it stands. People are named by their database ids, services by their catalogue ids."""

    id: int
    title: str
    severity: int
    status: Status
    declared_by: int
    declared_at: datetime
    services: tuple[str, ...] = ()
    roles: Mapping[Role, int] = field(default_factory=dict[Role, int])
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    summary: str = ""
    cycle: int = 0  # how often it was reopened; a button of an earlier cycle has no effect
    entry_seq: int = 0  # number of the newest timeline entry
    version: int = 0  # grows with every change; a write names the version it has read
    paged: bool = False  # whether anybody was ever paged for it: cards of others need not look
    compared: bool = False  # whether it looks like others or is one of a problem: cards of others need not look
    updated_at: datetime | None = None  # when people were last told how it goes; None: at the declaration
    remind_every: timedelta | None = None  # between reminders to update, instead of what its severity says
    remind_off: bool = False
    told_at: datetime | None = None  # when an update last went out to stakeholders; None: never
    promised_at: datetime | None = None  # when that update said that the next one comes; None: it did not say

    @property
    def ref(self) -> str:
        """How people write it: "INC-12"."""
        return ref_of(self.id)

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to do something."""
        return self.status is not Status.RESOLVED


@dataclass(frozen=True, slots=True)
class Changed:
    """The incident after a step, and what the timeline says about it."""

    incident: Incident
    entry: NewEntry


def ref_of(incident_id: int) -> str:
    """Write an incident's number as people do."""
    return f"INC-{incident_id}"


def declare(
    *,
    title: str,
    severity: int,
    services: tuple[str, ...],
    declared_by: int,
    at: datetime,
    status: Status | None = None,
) -> Changed:
    """Begin an incident; `id` is 0 until it is stored. Raise Refused for an empty or overlong title."""
    incident = Incident(
        id=0,
        title=checked_title(title),
        severity=checked_severity(severity),
        status=status or Status.INVESTIGATING,
        services=services,
        declared_by=declared_by,
        declared_at=at,
    )
    return _stepped(incident, NewEntry(EntryKind.DECLARED, incident.title, {"severity": severity}))


def acknowledge(incident: Incident, person: int, at: datetime) -> Changed | None:
    """Somebody says "I have it"; the first one counts."""
    if incident.acknowledged_at is not None:
        return None
    _require_open(incident, "acknowledge")
    return _stepped(
        replace(incident, acknowledged_by=person, acknowledged_at=at), NewEntry(EntryKind.ACKNOWLEDGED, "", {})
    )


def note(incident: Incident, text: str, at: datetime, *, tells: bool = True) -> Changed:
    """Write something down; allowed at any time, also after the incident is resolved.

    `tells`: everybody who waits for news reads it here, so it counts as telling them how it goes.
    """
    entry = NewEntry(EntryKind.NOTE, checked_text(text, "note"), {})
    return _stepped(replace(incident, updated_at=at) if tells else incident, entry)


def tell_stakeholders(incident: Incident, entry: NewEntry, at: datetime, *, promised_at: datetime | None) -> Changed:
    """Send stakeholders an update. `promised_at` is when it says that the next one comes, None where it does not."""
    return _stepped(replace(incident, updated_at=at, told_at=at, promised_at=promised_at), entry)


def told(incident: Incident, kind: EntryKind, text: str, data: Mapping[str, str | int | None]) -> Changed:
    """Write a sentence of ours on the timeline; nothing else about the incident changes."""
    return _stepped(incident, NewEntry(kind, text, data))


def change_status(incident: Incident, status: Status, at: datetime) -> Changed | None:
    """Move between the open statuses. Resolving and reopening have words of their own."""
    if status is Status.RESOLVED:
        raise Refused(f"To close {incident.ref} use `resolve {incident.ref}`, so that a summary can be added.")
    _require_open(incident, "change the status of")
    if status is incident.status:
        return None
    mitigated_at = incident.mitigated_at
    if status is Status.MONITORING and mitigated_at is None:
        mitigated_at = at
    data = {"from": str(incident.status), "to": str(status)}
    return _stepped(
        replace(incident, status=status, mitigated_at=mitigated_at, updated_at=at),
        NewEntry(EntryKind.STATUS_CHANGED, "", data),
    )


def change_severity(incident: Incident, severity: int, at: datetime) -> Changed | None:
    """Raise or lower the severity of an open incident."""
    checked_severity(severity)
    _require_open(incident, "change the severity of")
    if severity == incident.severity:
        return None
    data = {"from": incident.severity, "to": severity}
    return _stepped(replace(incident, severity=severity, updated_at=at), NewEntry(EntryKind.SEVERITY_CHANGED, "", data))


def assign(incident: Incident, role: Role, person: int) -> Changed | None:
    """Give a seat to a person; the one who had it before is named on the timeline."""
    _require_open(incident, "assign roles on")
    before = incident.roles.get(role)
    if before == person:
        return None
    data = {"role": str(role), "person": person, "before": before}
    return _stepped(
        replace(incident, roles={**incident.roles, role: person}), NewEntry(EntryKind.ROLE_ASSIGNED, "", data)
    )


def resolve(incident: Incident, summary: str, at: datetime) -> Changed | None:
    """Close it. A summary is welcome and never required."""
    if not incident.is_open:
        return None
    text = checked_text(summary, "summary") if summary.strip() else ""
    after = replace(
        incident,
        status=Status.RESOLVED,
        resolved_at=at,
        mitigated_at=incident.mitigated_at or at,
        summary=text or incident.summary,
    )
    return _stepped(after, NewEntry(EntryKind.RESOLVED, text, {"from": str(incident.status)}))


def reopen(incident: Incident, reason: str, at: datetime) -> Changed | None:
    """Open it again: the impact is back, so mitigation and acknowledgement have to happen again."""
    text = checked_text(reason, "reason")
    if incident.is_open:
        return None
    after = replace(
        incident,
        status=Status.INVESTIGATING,
        resolved_at=None,
        mitigated_at=None,
        acknowledged_at=None,
        acknowledged_by=None,
        cycle=incident.cycle + 1,
        updated_at=at,
    )
    return _stepped(after, NewEntry(EntryKind.REOPENED, text, {}))


def switch_reminders(incident: Incident, *, off: bool, text: str) -> Changed | None:
    """Stop or resume asking for updates; `text` is the sentence for the timeline."""
    _require_open(incident, "change the reminders of")
    if off == incident.remind_off:
        return None
    data = {"reminders": "off" if off else "on"}
    return _stepped(replace(incident, remind_off=off), NewEntry(EntryKind.REMINDED, text, data))


def remind_every(incident: Incident, every: timedelta, text: str) -> Changed | None:
    """Ask for updates at an interval of its own, whatever its severity; `text` is the sentence for the timeline."""
    _require_open(incident, "change the reminders of")
    if every > LONGEST_REMINDER:
        raise Refused("Updates more than seven days apart need no reminder: write `remind off`, or a shorter time.")
    if every == incident.remind_every and not incident.remind_off:
        return None
    data = {"reminders": "every", "seconds": every // timedelta(seconds=1)}
    return _stepped(replace(incident, remind_every=every, remind_off=False), NewEntry(EntryKind.REMINDED, text, data))


def checked_title(title: str) -> str:
    """One line, not empty, not endless."""
    text = " ".join(readable(title).split())
    if not text:
        raise Refused("An incident needs a title: say in a few words what is broken.")
    if len(text) > TITLE_LIMIT:
        raise Refused(
            f"That title has {len(text)} characters; {TITLE_LIMIT} is the most. Shorten it and put the rest into a note."
        )
    return text


def checked_severity(severity: int) -> int:
    """1 (worst) to 4."""
    if severity not in SEVERITIES:
        raise Refused("The severity is a number from 1 (critical) to 4 (low).")
    return severity


def checked_text(text: str, what: str) -> str:
    """Keep lines, refuse nothing and too much."""
    text = readable(text).strip()
    if not text:
        raise Refused(f"The {what} is empty: write what should stand on the timeline.")
    if len(text) > TEXT_LIMIT:
        raise Refused(
            f"That {what} has {len(text)} characters; {TEXT_LIMIT} is the most. Split it, or link to the rest."
        )
    return text


def readable(text: str) -> str:
    """Drop what nobody can see but what garbles a card: control characters, and marks that turn the rest around."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in _TURNING))


def _require_open(incident: Incident, doing: str) -> None:
    if not incident.is_open:
        raise Refused(
            f"{incident.ref} is resolved; to {doing} it, first write `reopen {incident.ref}` with the reason."
        )


def _stepped(incident: Incident, entry: NewEntry) -> Changed:
    return Changed(replace(incident, entry_seq=incident.entry_seq + 1, version=incident.version + 1), entry)
