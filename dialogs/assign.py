"""The form behind `assign` and the button "Assign"."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import ME, done, drawn, form, late, person_choice, words
from domain.errors import Refused, Unknown
from domain.incident import Role
from domain.people import Person
from usecases import people


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for a role and a person."""
    incident = turn.incidents.show(turn.actor, incident_of(values)).incident
    role = str(values.get("role") or "")
    chosen = {"value": role} if role in _ROLES else {"value": str(Role.COMMANDER)}
    inputs = [
        kit.choice_input("role", "Role", [(r, r.capitalize()) for r in _ROLES], **chosen),
        person_choice(turn, _person(turn, words(values, "person"))),
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
    wanted = words(data, "person")
    person = turn.actor if wanted == ME else people.find(turn.store, wanted)
    result = turn.incidents.assign(turn.actor, incident_of(data), Role(role), person, turn.trail)
    return done(turn, data, result, f"{person.name} is now {role} of {result.view.incident.ref}.")


def _person(turn: Turn, handle: str) -> Person:
    try:
        return people.find(turn.store, handle) if handle else turn.actor
    except Unknown:
        return turn.actor


_ROLES = tuple(str(role) for role in Role)
FORM = Form(name="assign", title="Assign a role", draw=draw, verbs=(Verb(name="assign.submit", run=submit),))
