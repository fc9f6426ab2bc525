"""The forms of a problem: what shows that it is solved, another day, somebody else."""

from collections.abc import Mapping
from typing import Any

from bot.action import day_of
from bot.cards import kit
from bot.cards.problem import AGAIN, drawn, problem_of
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from dialogs.parts import form, person_choice, person_chosen, person_in, words
from domain.problem import WORDS_LIMIT
from usecases import problems
from usecases.problems import Result, problem_to_see


def draw_close(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the evidence."""
    value = words(values, "evidence")[:WORDS_LIMIT]
    asked = kit.text_input(
        "evidence",
        "What shows that it is solved?",
        isMultiline=True,
        maxLength=WORDS_LIMIT,
        isRequired=True,
        errorMessage="Say what shows it.",
        **({"value": value} if value else {}),
    )
    return _about(
        turn, asked, values, problem, title="Close a problem", submit=("Close problem", "problem.close.submit")
    )


def submit_close(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Close it. Sent again it changes nothing."""
    return _ended(
        turn, data, problems.close(turn.store, turn.actor, problem_of(data), words(data, "evidence"), turn.now)
    )


def draw_move(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the new day."""
    due = words(values, "due") or problem_to_see(turn.store, problem_of(values)).due_on.isoformat()
    asked = {
        "type": "Input.Date",
        "id": "due",
        "label": "Due on",
        "value": due[:10],
        "isRequired": True,
        "errorMessage": "Choose a day.",
    }
    return _about(turn, asked, values, problem, title="Another due day", submit=("Move", "problem.move.submit"))


def submit_move(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Move it. Sent again it changes nothing."""
    due_on = day_of(words(data, "due"))
    return _ended(turn, data, problems.move(turn.store, turn.actor, problem_of(data), due_on, turn.now))


def draw_hand(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask who has it from now on."""
    chosen = person_in(turn, values, otherwise=turn.actor) if words(values, "person") else None
    asked = {**person_choice(turn, chosen), "label": "Owner", "isRequired": True, "errorMessage": "Choose one person."}
    return _about(turn, asked, values, problem, title="Hand over", submit=("Hand over", "problem.hand.submit"))


def submit_hand(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Hand it over. Sent again it changes nothing."""
    owner = person_chosen(turn, data)
    return _ended(turn, data, problems.hand_over(turn.store, turn.actor, problem_of(data), owner, turn.now))


def _about(
    turn: Turn, asked: Card, values: Mapping[str, Any], problem: str | None, *, title: str, submit: tuple[str, str]
) -> Card:
    found = problem_to_see(turn.store, problem_of(values))
    inputs = [kit.block(kit.plain(found.title)), asked]
    keep = {"problem": found.id}
    return form(turn, title, inputs, submit=submit, values=values, problem=problem, keep=keep, back=AGAIN)


def _ended(turn: Turn, data: Mapping[str, Any], result: Result) -> Reply:
    """Answer a form: in a dialog it closes, a form of its own is done."""
    reply = drawn(turn, result)
    return reply if data.get("embedded") is True else Reply(text=reply.text, card=reply.card, closes=True)


FORMS = (
    Form(
        name="problem-close",
        title="Close a problem",
        draw=draw_close,
        verbs=(Verb(name="problem.close.submit", run=submit_close, again=AGAIN),),
    ),
    Form(
        name="problem-move",
        title="Another due day",
        draw=draw_move,
        verbs=(Verb(name="problem.move.submit", run=submit_move, again=AGAIN),),
    ),
    Form(
        name="problem-hand",
        title="Hand over",
        draw=draw_hand,
        verbs=(Verb(name="problem.hand.submit", run=submit_hand, again=AGAIN),),
    ),
)
