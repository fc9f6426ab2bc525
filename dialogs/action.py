"""The forms behind `actions`: writing one down, another day, somebody else, and dropping it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.action import day_of, new_action
from bot.cards import carried, kit
from bot.cards.action import AGAIN, KINDS, action_of, answered, drawn
from bot.cards.incident import press_result
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from dialogs.parts import form, person_choice, person_chosen, person_in, words
from domain.action import WORDS_LIMIT, ActionKind
from domain.incident import TITLE_LIMIT
from usecases import actions, incidents
from usecases.actions import Result, action_to_see

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask what is to be done, by whom and until when; what was typed is filled in."""
    incident = carried.number(values, "incident")
    kind = words(values, "kind")
    about = turn.incidents.show(turn.actor, incident).incident if incident else None
    inputs = [
        *([kit.block(kit.plain(f"{about.ref} {about.title}"))] if about else []),
        _field("title", "What is to be done", values, TITLE_LIMIT, isRequired=True, errorMessage="Say what."),
        kit.choice_input(
            "kind",
            "Type",
            [(str(k), said) for k, said in KINDS.items()],
            value=kind if kind in {str(k) for k in ActionKind} else str(ActionKind.PREVENT),
        ),
        _person(turn, values),
        _day(words(values, "due")),
        _field("factor", "Which contributing factor does it answer? (may be empty)", values, WORDS_LIMIT),
        {
            "type": "Input.Toggle",
            "id": "repair",
            "label": "Repair",
            "title": "It only repairs what broke (reactive work)",
            "value": "true" if str(values.get("repair")).lower() == "true" else "false",
        },
    ]
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    keep = {"nonce": nonce[:_NONCE_LIMIT], **({"incident": incident} if incident else {})}
    return form(
        turn,
        "Add an action item",
        inputs,
        submit=("Add", "action.submit"),
        values=values,
        problem=problem,
        keep=keep,
        back="" if incident else "action.list",
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Write it down. Sent again it says that it is there already."""
    new = new_action({**data, "incident": carried.number(data, "incident")}, person_chosen(turn, data))
    if not turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}"):
        return Reply(text=f"“{new.title}” is written down already. Write `actions` to see it.", closes=True)
    action = actions.add(turn.store, turn.actor, new, turn.now, source=turn.source)
    reply = drawn(turn, Result(action=action))
    if new.incident is not None and data.get("embedded") is True:
        # The form stood in the incident's card, which comes back and says so.
        return press_result(turn, incidents.Result(turn.incidents.show(turn.actor, new.incident), reply.text))
    return _ended(reply, data)


def draw_move(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the new day."""
    action = action_to_see(turn.store, action_of(values))
    inputs = [kit.block(kit.plain(action.title)), _day(words(values, "due") or action.due_on.isoformat())]
    return _about(turn, "Another due day", inputs, values, problem, submit=("Move", "action.move.submit"))


def submit_move(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Move it. Sent again it changes nothing."""
    due_on = day_of(words(data, "due"))
    return _pressed(turn, data, actions.move(turn.store, turn.actor, action_of(data), due_on, turn.now))


def draw_hand(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask who does it from now on."""
    action = action_to_see(turn.store, action_of(values))
    inputs = [kit.block(kit.plain(action.title)), _person(turn, values)]
    return _about(turn, "Hand over", inputs, values, problem, submit=("Hand over", "action.hand.submit"))


def submit_hand(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Hand it over. Sent again it changes nothing."""
    owner = person_chosen(turn, data)
    return _pressed(turn, data, actions.hand_over(turn.store, turn.actor, action_of(data), owner, turn.now))


def draw_drop(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask why."""
    action = action_to_see(turn.store, action_of(values))
    asked = _field(
        "reason", "Why is it not done?", values, WORDS_LIMIT, isMultiline=True, isRequired=True, errorMessage="Say why."
    )
    inputs = [kit.block(kit.plain(action.title)), asked]
    return _about(turn, "Drop an action item", inputs, values, problem, submit=("Drop", "action.drop.submit"))


def submit_drop(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Drop it. Sent again it changes nothing."""
    dropped = actions.drop(turn.store, turn.actor, action_of(data), words(data, "reason"), turn.now)
    return _pressed(turn, data, dropped)


# -- shared -----------------------------------------------------------------------------------------------------------


def _about(
    turn: Turn,
    title: str,
    inputs: list[Card],
    values: Mapping[str, Any],
    problem: str | None,
    *,
    submit: tuple[str, str],
) -> Card:
    keep = {"action": action_of(values)}
    return form(turn, title, inputs, submit=submit, values=values, problem=problem, keep=keep, back=AGAIN)


def _field(name: str, title: str, values: Mapping[str, Any], limit: int, **more: Any) -> Card:
    value = words(values, name)[:limit]
    return kit.text_input(name, title, maxLength=limit, **({"value": value} if value else {}), **more)


def _person(turn: Turn, values: Mapping[str, Any]) -> Card:
    chosen = person_in(turn, values, otherwise=turn.actor) if words(values, "person") else None
    return {
        **person_choice(turn, chosen),
        "label": "Owner",
        "isRequired": True,
        "errorMessage": "Choose one person: what belongs to nobody is not done.",
    }


def _day(value: str) -> Card:
    return {
        "type": "Input.Date",
        "id": "due",
        "label": "Due on",
        "isRequired": True,
        "errorMessage": "Choose a day.",
        **({"value": value[:10]} if value else {}),
    }


def _pressed(turn: Turn, data: Mapping[str, Any], result: Result) -> Reply:
    """Answer a form: in a card it stands in its place, a form of its own is done."""
    return answered(turn, result) if data.get("embedded") is True else _ended(drawn(turn, result), data)


def _ended(reply: Reply, data: Mapping[str, Any]) -> Reply:
    return reply if data.get("embedded") is True else Reply(text=reply.text, card=reply.card, closes=True)


FORMS = (
    Form(
        name="action",
        title="Add an action item",
        draw=draw,
        verbs=(Verb(name="action.submit", run=submit, again="action.list"),),
    ),
    Form(
        name="action-move",
        title="Another due day",
        draw=draw_move,
        verbs=(Verb(name="action.move.submit", run=submit_move, again=AGAIN),),
    ),
    Form(
        name="action-hand",
        title="Hand over",
        draw=draw_hand,
        verbs=(Verb(name="action.hand.submit", run=submit_hand, again=AGAIN),),
    ),
    Form(
        name="action-drop",
        title="Drop an action item",
        draw=draw_drop,
        verbs=(Verb(name="action.drop.submit", run=submit_drop, again=AGAIN),),
    ),
)
