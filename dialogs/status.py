"""The form behind `status`, `severity` and the button "Change status"."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import done, drawn, form, late, severity_choice, words
from domain.errors import Refused
from domain.incident import OPEN_STATUSES, Status
from usecases.incidents import Result, Trail


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for status and severity; both stand as they are now."""
    incident = turn.incidents.show(turn.actor, incident_of(values)).incident
    status = words(values, "status") or str(incident.status)
    chosen = {"value": status} if status in OPEN_STATUSES else {}
    severity = words(values, "severity")
    inputs = [
        kit.choice_input("status", "Status", [(str(s), s.capitalize()) for s in OPEN_STATUSES], **chosen),
        severity_choice(turn, int(severity) if severity in ("1", "2", "3", "4") else incident.severity),
    ]
    title = f"Change {incident.ref}"
    return form(
        turn, title, inputs, submit=("Save", "status.submit"), values=values, problem=problem, keep=drawn(incident)
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Change what differs."""
    stale = late(turn, data)
    if stale:
        return stale
    incident = turn.incidents.show(turn.actor, incident_of(data)).incident
    status, severity = words(data, "status") or str(incident.status), str(data.get("severity") or incident.severity)
    if status not in OPEN_STATUSES or severity not in ("1", "2", "3", "4"):
        raise Refused("Choose a status (investigating, identified or monitoring) and a severity from 1 to 4.")
    result = Result(turn.incidents.show(turn.actor, incident.id), f"{incident.ref} stands like that already.")
    if status != incident.status:
        result = turn.incidents.change_status(turn.actor, incident.id, Status(status), turn.trail)
    if int(severity) != incident.severity:
        # One activity may write two entries, and each needs a key of its own.
        trail = Trail(turn.source, f"{turn.key}#severity") if turn.incidents.wrote else turn.trail
        result = turn.incidents.change_severity(turn.actor, incident.id, int(severity), trail)
    now = result.view.incident
    return done(turn, data, result, f"{now.ref} is now SEV{now.severity}, {now.status}.")


FORM = Form(name="status", title="Change the status", draw=draw, verbs=(Verb(name="status.submit", run=submit),))
