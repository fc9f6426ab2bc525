"""The form behind `update`: what stakeholders are told, and when they hear more."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.cards.update import update_of
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from bot.when import read_promise
from dialogs.parts import form, words
from domain.update import UPDATE_LIMIT
from usecases.updates import writing
from usecases.updates.writing import Draft, Plan
from usecases.wording import length

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column
_NEXT_LIMIT = 40


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the words, which begin with the template of the severity, and for the promise."""
    plan = writing.plan(turn.store, turn.actor, incident_of(values), turn.now)
    incident = plan.incident
    typed = words(values, "text") or plan.text
    inputs = [
        *_about(plan),
        kit.text_input(
            "text",
            "What should they know?",
            value=typed[:UPDATE_LIMIT],
            maxLength=UPDATE_LIMIT,
            isMultiline=True,
            isRequired=True,
            errorMessage="Write what stakeholders should know.",
        ),
        kit.text_input(
            "next",
            "Next update in",
            value=(words(values, "next") if "next" in values else _usual(plan, turn.now))[:_NEXT_LIMIT],
            placeholder="30m, 2h or 16:30; empty: when there is news",
            maxLength=_NEXT_LIMIT,
        ),
    ]
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    keep = {"incident": incident.id, "update": update_of(values), "nonce": nonce[:_NONCE_LIMIT]}
    return form(
        turn,
        f"Update stakeholders of {incident.ref}",
        inputs,
        submit=("Ask for approval" if plan.approver else "Send update", "update.submit"),
        values=values,
        problem=problem or plan.objection or None,
        keep=keep,
    )


def _about(plan: Plan) -> list[Card]:
    lines = [f"Goes to {kit.plain(plan.reach.told)}.{kit.plain(plan.reach.missing)}"]
    if plan.approver is not None:
        lines.append(f"{kit.plain(plan.approver.name)} approves it first.")
    return [kit.block(" ".join(lines), size="Small", isSubtle=True)]


def _usual(plan: Plan, now: datetime) -> str:
    return length(plan.next_at - now) if plan.next_at else ""


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Send it, or ask for approval. A form does that once: sent again it says so."""
    number = incident_of(data)
    promise = read_promise(words(data, "next"), turn.actor.time_zone, turn.now)
    draft = Draft(incident_id=number, text=words(data, "text"), next_at=promise, update_id=update_of(data))
    if not turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}"):
        return _answer("This update was sent already, or waits for its approval. Write `timeline` to see.", number)
    return _answer(writing.propose(turn.store, turn.actor, draft, turn.trail, turn.now), number)


def _answer(said: str, number: int) -> Reply:
    return Reply(text=said, card=kit.sentence_card(said), about=number, closes=True)


FORM = Form(name="update", title="Update stakeholders", draw=draw, verbs=(Verb(name="update.submit", run=submit),))
