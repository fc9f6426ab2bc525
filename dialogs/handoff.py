"""The forms behind the buttons "Add note" and "Decline" of a handoff."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.handoff import AGAIN, answered, handoff_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import words
from domain.handoff import WORDS_LIMIT, Handoff
from usecases import handoffs
from usecases.handoffs.answers import found


def draw_note(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the notes; what stands there already is filled in."""
    handoff = found(turn.store, handoff_of(values))
    asked = kit.text_input(
        "text",
        "What should the next person know?",
        value=(words(values, "text") or handoff.notes)[:WORDS_LIMIT],
        maxLength=WORDS_LIMIT,
        isMultiline=True,
        isRequired=True,
        errorMessage="Write what the next person should know.",
    )
    title = f"Notes for the handoff of {kit.plain(handoff.schedule)}"
    return _form(turn, handoff, title, asked, problem, submit=("Save note", "handoff.note.submit"))


def submit_note(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Keep the notes; the other card shows them at once."""
    return answered(turn, handoffs.write_notes(turn.store, turn.actor, handoff_of(data), words(data, "text"), turn.now))


def draw_decline(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the reason."""
    handoff = found(turn.store, handoff_of(values))
    asked = kit.text_input(
        "reason",
        "Why can you not take over? The team lead reads it.",
        value=words(values, "reason")[:WORDS_LIMIT],
        maxLength=WORDS_LIMIT,
        isMultiline=True,
        isRequired=True,
        errorMessage="Say why you cannot take over.",
    )
    title = f"Decline the handoff of {kit.plain(handoff.schedule)}"
    return _form(turn, handoff, title, asked, problem, submit=("Decline", "handoff.decline.submit"))


def submit_decline(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Say no."""
    return answered(turn, handoffs.decline(turn.store, turn.actor, handoff_of(data), words(data, "reason"), turn.now))


def _form(
    turn: Turn, handoff: Handoff, title: str, asked: Card, problem: str | None, *, submit: tuple[str, str]
) -> Card:
    """Draw a form in the place of the card; the way back leads to it."""
    kept = {"handoff": handoff.id, "version": handoff.version, "embedded": True, "private": turn.private}
    return kit.card(
        [kit.block(title, weight="Bolder", size="Large", style="heading"), *kit.problem(problem), asked],
        speak=title,
        actions=[
            kit.execute(submit[0], submit[1], kept, style="positive"),
            kit.execute("Back", AGAIN, {"handoff": handoff.id}, associatedInputs="none"),
        ],
    )


FORMS = (
    Form(
        name="handoff-note",
        title="Add a note",
        draw=draw_note,
        verbs=(Verb(name="handoff.note.submit", run=submit_note, again=AGAIN),),
    ),
    Form(
        name="handoff-decline",
        title="Decline",
        draw=draw_decline,
        verbs=(Verb(name="handoff.decline.submit", run=submit_decline, again=AGAIN),),
    ),
)
