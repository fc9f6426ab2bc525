"""The form behind the button "Resolve"."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import done, drawn, form, late, words
from domain.incident import TEXT_LIMIT


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for a summary; it may stay empty."""
    incident = turn.incidents.show(turn.actor, incident_of(values)).incident
    asked = kit.text_input(
        "summary",
        "What fixed it? (optional)",
        value=words(values, "summary")[:TEXT_LIMIT],
        maxLength=TEXT_LIMIT,
        isMultiline=True,
    )
    title = f"Resolve {incident.ref}"
    return form(
        turn, title, [asked], submit=("Resolve", "resolve.submit"), values=values, problem=problem, keep=drawn(incident)
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Resolve it."""
    stale = late(turn, data)
    if stale:
        return stale
    result = turn.incidents.resolve(turn.actor, incident_of(data), words(data, "summary"), turn.trail)
    return done(turn, data, result, f"{turn.actor.name} resolved {result.view.incident.ref}.")


FORM = Form(name="resolve", title="Resolve", draw=draw, verbs=(Verb(name="resolve.submit", run=submit),))
