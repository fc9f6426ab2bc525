"""The form behind `assign` and the button "Assign"."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import done, drawn, form, late, person_choice, person_chosen, person_in, words
from domain.errors import Refused
from domain.incident import Role


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for a role and a person."""
    incident = turn.incidents.show(turn.actor, incident_of(values)).incident
    role = str(values.get("role") or "")
    chosen = {"value": role} if role in _ROLES else {"value": str(Role.COMMANDER)}
    inputs = [
        kit.choice_input("role", "Role", [(r, r.capitalize()) for r in _ROLES], **chosen),
        person_choice(turn, person_in(turn, values, otherwise=turn.actor)),
    ]
    title = f"Assign a role of {incident.ref}"
    return form(
        turn, title, inputs, submit=("Assign", "assign.submit"), values=values, problem=problem, keep=drawn(incident)
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Give the role."""
    stale = late(turn, data)
    if stale:
        return stale
    role = words(data, "role")
    if role not in _ROLES:
        raise Refused(f"Choose a role: {', '.join(_ROLES)}.")
    person = person_chosen(turn, data)
    result = turn.incidents.assign(turn.actor, incident_of(data), Role(role), person, turn.trail)
    return done(turn, data, result, f"{person.name} is now {role} of {result.view.incident.ref}.")


_ROLES = tuple(str(role) for role in Role)
FORM = Form(name="assign", title="Assign a role", draw=draw, verbs=(Verb(name="assign.submit", run=submit),))
