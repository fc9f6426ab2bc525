"""The form behind `override` and the button "Override"."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.cards.oncall import answer
from bot.cards.override import override_card, spoken
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from dialogs.moments import pickers, span_picked, zone_line, zone_of
from dialogs.parts import LISTED, form, person_choice, person_chosen, person_in, searchable, words
from domain.errors import Refused
from domain.people import Person
from usecases import overrides

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for a schedule, a person and two moments; what was typed is filled in."""
    zone = zone_of(turn, values)
    inputs = [
        _schedule_choice(turn, values),
        {**person_choice(turn, _person(turn, values)), "isRequired": True, "errorMessage": "Choose a person."},
        zone_line(zone),
        pickers("starts", "From", values, zone, None if _stays_empty(values, "starts") else turn.now),
        pickers("ends", "To", values, zone),
    ]
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    return form(
        turn,
        "Put somebody on call",
        inputs,
        submit=("Override", "override.submit"),
        values=values,
        problem=problem,
        keep={"nonce": nonce[:_NONCE_LIMIT], "zone": zone, "words": words(values, "words")[:_NONCE_LIMIT]},
        back="oncall.view",
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Make the override. Sent again it shows what it has made."""
    first = turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}")
    zone = zone_of(turn, data)
    if not words(data, "schedule"):
        raise Refused("Choose a schedule.")
    person = person_chosen(turn, data)
    made = overrides.make(
        turn.store,
        turn.actor,
        words(data, "schedule"),
        person,
        when=span_picked(data, zone, "An override"),
        now=turn.now,
        again=not first,
    )
    said = spoken(made, turn.actor)
    if data.get("embedded") is True:
        return answer(turn, words(data, "words"), said=said)
    return Reply(text=said, card=override_card(made, turn.actor), closes=True)


def _schedule_choice(turn: Turn, values: Mapping[str, Any]) -> Card:
    """Ask for a schedule; the only one there is stands in for none."""
    wanted = words(values, "schedule").casefold()
    known = [schedule.id for schedule in turn.store.schedules.all()]
    chosen = [name for name in known if name.casefold() == wanted]
    if len(known) == 1 and not _stays_empty(values, "schedule"):
        chosen = known
    choices = [(name, name) for name in known if len(known) <= LISTED or name in chosen]
    made = searchable("schedule", "Schedule", choices, chosen, total=len(known), dataset="schedules")
    return {**made, "isRequired": True, "errorMessage": "Choose a schedule."}


def _stays_empty(values: Mapping[str, Any], name: str) -> bool:
    """Tell whether nothing else takes the place of a missing part.

    It was typed and not understood (None), or the form was filled in before.
    """
    return "nonce" in values or (name in values and values[name] is None)


def _person(turn: Turn, values: Mapping[str, Any]) -> Person | None:
    """Choose who stands in the form: as typed; where nobody was, the asker."""
    if not words(values, "person"):
        return None if _stays_empty(values, "person") else turn.actor
    return person_in(turn, values, otherwise=turn.actor)


FORM = Form(name="override", title="Put somebody on call", draw=draw, verbs=(Verb(name="override.submit", run=submit),))
