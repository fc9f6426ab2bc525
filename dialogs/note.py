"""The form behind `note` and the button "Add note"."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import done, drawn, form, words
from domain.incident import TEXT_LIMIT


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the words."""
    incident = turn.incidents.show(turn.actor, incident_of(values)).incident
    asked = kit.text_input(
        "text",
        "What should stand on the timeline?",
        value=words(values, "text")[:TEXT_LIMIT],
        maxLength=TEXT_LIMIT,
        isMultiline=True,
        isRequired=True,
        errorMessage="Write what should stand on the timeline.",
    )
    title = f"Add a note to {incident.ref}"
    return form(
        turn, title, [asked], submit=("Save note", "note.submit"), values=values, problem=problem, keep=drawn(incident)
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Write the note. Notes count at any time, also when the card is old."""
    result = turn.incidents.note(turn.actor, incident_of(data), words(data, "text"), turn.trail)
    return done(turn, data, result, f"Noted on {result.view.incident.ref}.")


FORM = Form(name="note", title="Add a note", draw=draw, verbs=(Verb(name="note.submit", run=submit),))
