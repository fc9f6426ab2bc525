"""Moments of an incident that people put right later: what the machine noted stays, and who corrected it, and why, is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.incident import Incident, readable

REASON_LIMIT = 500
"""Characters of why a moment is another one."""
EARLIEST = timedelta(days=30)
"""Before its declaration an incident's impact began at most so long ago; ours: earlier is another incident."""


class Moment(StrEnum):
    """What can be said again."""

    IMPACT = "impact"
    """The impact began: nobody but a person knows."""
    DETECTED = "detected"
    """Somebody, or something, first saw it."""
    ACKNOWLEDGED = "acknowledged"
    IDENTIFIED = "identified"
    MITIGATED = "mitigated"
    """The impact was over."""


SAID = {
    Moment.IMPACT: "the beginning of the impact",
    Moment.DETECTED: "when it was detected",
    Moment.ACKNOWLEDGED: "the first acknowledgement",
    Moment.IDENTIFIED: "when the cause was known",
    Moment.MITIGATED: "the end of the impact",
}
"""As sentences name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One moment as somebody said it. Of several of one moment the last one counts; `at` is UTC."""

    incident_id: int
    cycle: int
    """How often the incident had been reopened: what happened in an earlier life is not when this one was over."""
    moment: Moment
    at: datetime
    author: int
    reason: str
    made_at: datetime
    """UTC."""


def checked(incident: Incident, moment: Moment, at: datetime, reason: str, now: datetime) -> str:
    """Give the reason as it is kept. Raise Refused for a moment that cannot be."""
    if at > now:
        raise Refused(f"{at:%Y-%m-%d %H:%M} UTC is still to come. Say when it was.")
    if at < incident.declared_at - EARLIEST:
        raise Refused(
            f"That is more than {EARLIEST.days} days before {incident.ref} was declared. Choose a later time."
        )
    if moment in (Moment.ACKNOWLEDGED, Moment.IDENTIFIED) and at < incident.declared_at:
        raise Refused(f"{incident.ref} was declared at {incident.declared_at:%Y-%m-%d %H:%M} UTC, so that was later.")
    if moment is Moment.MITIGATED and incident.is_open and incident.mitigated_at is None:
        raise Refused(f"{incident.ref} is not mitigated yet. Write `status {incident.ref} monitoring` when it is.")
    text = readable(reason).strip()
    if len(text) > REASON_LIMIT:
        raise Refused(f"That has {len(text)} characters; {REASON_LIMIT} is the most. Shorten it.")
    return text
