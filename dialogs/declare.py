"""The form behind `declare`."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import spoken, status_card
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from dialogs.parts import form, services_choice, several, severity_choice, words
from domain.errors import Refused
from domain.incident import DEFAULT_SEVERITY, TEXT_LIMIT, TITLE_LIMIT
from usecases.incidents import Trail

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for a title, a severity, services and details; what was typed is filled in."""
    inputs = [
        kit.text_input(
            "title",
            "What is broken?",
            value=words(values, "title")[:TITLE_LIMIT],
            maxLength=TITLE_LIMIT,
            isRequired=True,
            errorMessage="Say in a few words what is broken.",
        ),
        severity_choice(turn, _severity(values) or DEFAULT_SEVERITY),
        services_choice(turn, several(values, "services")),
        kit.text_input(
            "details",
            "Details (optional)",
            value=words(values, "details")[:TEXT_LIMIT],
            maxLength=TEXT_LIMIT,
            isMultiline=True,
        ),
    ]
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    return form(
        turn,
        "Declare an incident",
        inputs,
        submit=("Declare incident", "declare.submit"),
        values=values,
        problem=problem,
        keep={"nonce": nonce[:_NONCE_LIMIT]},
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Declare. A form declares once: sent again, by whomever, it shows the incident it has made."""
    once = f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}"
    earlier = None if turn.once(once) else turn.incidents.declared_by_form(once)
    if earlier is not None:
        view = turn.incidents.show(turn.actor, earlier)
        return Reply(text=spoken(view), card=status_card(view, reader=turn.actor))
    severity = _severity(data)
    if data.get("severity") not in (None, "") and severity is None:
        raise Refused("Choose a severity from 1 (critical) to 4 (low).")
    becomes_card = turn.message_id if data.get("embedded") is not True and not turn.private else None
    view = turn.incidents.declare(
        turn.actor,
        title=words(data, "title"),
        severity=severity or DEFAULT_SEVERITY,
        services=several(data, "services"),
        details=words(data, "details"),
        place=turn.place,
        trail=Trail(turn.source, once),
        card_activity=becomes_card,
    )
    if becomes_card:
        return Reply(text=spoken(view), card=status_card(view, reader=turn.actor))
    return Reply(text=f"{view.incident.ref} is declared; its card is posted here.", closes=True)


def _severity(values: Mapping[str, Any]) -> int | None:
    found = str(values.get("severity") or "")
    return int(found) if found in ("1", "2", "3", "4") else None


FORM = Form(name="declare", title="Declare an incident", draw=draw, verbs=(Verb(name="declare.submit", run=submit),))
