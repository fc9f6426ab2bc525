"""The form behind `reopen` and the button "Reopen"."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import done, drawn, form, late, words
from domain.incident import TEXT_LIMIT


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the reason."""
    incident = turn.incidents.show(turn.actor, incident_of(values)).incident
    asked = kit.text_input(
        "reason",
        "Why is it open again?",
        value=words(values, "reason")[:TEXT_LIMIT],
        maxLength=TEXT_LIMIT,
        isMultiline=True,
        isRequired=True,
        errorMessage="Say what came back.",
    )
    title = f"Reopen {incident.ref}"
    return form(
        turn, title, [asked], submit=("Reopen", "reopen.submit"), values=values, problem=problem, keep=drawn(incident)
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Reopen it."""
    stale = late(turn, data)
    if stale:
        return stale
    result = turn.incidents.reopen(turn.actor, incident_of(data), words(data, "reason"), turn.trail)
    return done(turn, data, result, f"{turn.actor.name} reopened {result.view.incident.ref}.")


FORM = Form(name="reopen", title="Reopen", draw=draw, verbs=(Verb(name="reopen.submit", run=submit),))
