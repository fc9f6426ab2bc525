"""The forms behind `change` and the button "Rolled back"."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.change import RISK_SIGN, change_in, drawn
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from dialogs.moments import picked_if_any, pickers, zone_line, zone_of
from dialogs.parts import LISTED, form, searchable, words
from domain.change import (
    COMMENT_LIMIT,
    LINK_LIMIT,
    MOST_LINKS,
    ROLLBACK_LIMIT,
    ChangeState,
    Risk,
    checked_risk,
)
from domain.errors import Refused
from domain.incident import TITLE_LIMIT
from usecases.changes import outcomes
from usecases.changes.recording import Draft, record
from usecases.changes.views import change_view

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column
_LINKS_LIMIT = MOST_LINKS * (LINK_LIMIT + 1)


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for a title, a service, a risk, a time, the way back and links; what was typed is filled in."""
    zone = zone_of(turn, values)
    inputs = [
        kit.text_input(
            "title",
            "What changes?",
            value=words(values, "title")[:TITLE_LIMIT],
            maxLength=TITLE_LIMIT,
            isRequired=True,
            errorMessage="Say in a few words what changes.",
        ),
        _service_choice(turn, values),
        _risk_choice(values),
        kit.block("Leave the times empty for a change that has just happened.", size="Small", isSubtle=True),
        zone_line(zone),
        pickers("at", "At", values, zone, required=False),
        pickers("ends", "Until (optional)", values, zone, required=False),
        _text("rollback", "How can it be taken back? (optional)", values, ROLLBACK_LIMIT),
        _text("links", "Links, one per line (optional)", values, _LINKS_LIMIT),
    ]
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    return form(
        turn,
        "Record a change",
        inputs,
        submit=("Record change", "change.submit"),
        values=values,
        problem=problem,
        keep={"nonce": nonce[:_NONCE_LIMIT], "zone": zone},
        back="change.page",
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Record it. A form records once."""
    if not turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}"):
        return Reply(text="This form has recorded its change already. Write `change list` to see it.", closes=True)
    zone = zone_of(turn, data)
    if not words(data, "service").strip():
        raise Refused("Choose a service.")
    draft = Draft(
        title=words(data, "title"),
        service=words(data, "service"),
        risk=checked_risk(words(data, "risk") or Risk.LOW),
        at=picked_if_any(data, "at", zone, "At"),
        ends_at=picked_if_any(data, "ends", zone, "Until"),
        rollback=words(data, "rollback"),
        links=tuple(words(data, "links").split()),
    )
    change = record(turn.store, turn.actor, draft, turn.aside, turn.now)
    if data.get("embedded") is True:
        return drawn(turn, change.id)
    where = "posted here" if turn.aside == turn.place else "in your chat with me"
    return Reply(text=f"{change.name} is recorded; its card is {where}.", closes=True)


def draw_rollback(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask what happened; it may stay empty."""
    change = change_view(turn.store, change_in(values), turn.now).change
    asked = _text("comment", "What happened? (optional)", values, COMMENT_LIMIT)
    return form(
        turn,
        f"{change.name} was rolled back",
        [kit.block(kit.plain(change.title)), asked],
        submit=("Rolled back", "change.rolled_back"),
        values=values,
        problem=problem,
        keep={"change": change.id},
        back="change.view",
    )


def submit_rollback(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Write it down. Sent again it shows the change."""
    number = change_in(data)
    outcomes.say(turn.store, turn.actor, number, ChangeState.ROLLED_BACK, turn.now, comment=words(data, "comment"))
    return drawn(turn, number)


def _service_choice(turn: Turn, values: Mapping[str, Any]) -> Card:
    wanted = words(values, "service").casefold()
    services = turn.store.catalog.services()
    chosen = [service.id for service in services if service.id.casefold() == wanted]
    choices = [(s.id, s.name) for s in services if len(services) <= LISTED or s.id in chosen]
    made = searchable("service", "Service", choices, chosen, total=len(services), dataset="services")
    return {**made, "isRequired": True, "errorMessage": "Choose a service."}


def _risk_choice(values: Mapping[str, Any]) -> Card:
    choices = [(str(risk), f"{RISK_SIGN[risk]} {risk.capitalize()}") for risk in Risk]
    typed = values.get("risk", str(Risk.LOW))
    chosen = {"value": typed} if typed in [str(risk) for risk in Risk] else {}
    return kit.choice_input("risk", "Risk", choices, isRequired=True, errorMessage="Choose a risk.", **chosen)


def _text(name: str, title: str, values: Mapping[str, Any], limit: int) -> Card:
    return kit.text_input(name, title, value=words(values, name)[:limit], maxLength=limit, isMultiline=True)


FORMS = (
    Form(name="change", title="Record a change", draw=draw, verbs=(Verb(name="change.submit", run=submit),)),
    Form(
        name="change_rollback",
        title="Rolled back",
        draw=draw_rollback,
        verbs=(Verb(name="change.rolled_back", run=submit_rollback),),
    ),
)
