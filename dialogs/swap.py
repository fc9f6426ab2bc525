"""The form behind `swap` and the button "Swap": one of my shifts for one of somebody else's."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.cards import kit
from bot.cards.swap import spoken, swap_card
from bot.turn import Answer, Card, Form, OpenForm, Reply, Turn, Verb
from dialogs.parts import form, words
from domain.errors import Refused
from domain.people import Person
from domain.shifts import Shift
from usecases import people, swaps
from usecases.spans import Span
from usecases.wording import between

_WORDS_LIMIT = 200  # characters that a button carries; ours are far shorter
_PARTS = 3  # of a shift in a choice: schedule, start, end
_KEPT = ("schedule", "with", "words", "gives_on", "takes_on")
_ASK = "swap.submit"
_Offered = Sequence[tuple[Shift, str, str]]
"""Shifts to choose from: each with how it is sent back, and how it is told."""


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask which shift to give, and which one of the same schedule to take; until the schedule is clear only the first."""
    mine = swaps.shifts_to_give(turn.store, turn.actor, turn.now, _schedule(turn, values))
    if not mine:
        where = f" on {_schedule(turn, values)}" if _schedule(turn, values) else ""
        return kit.sentence_card(
            f"You have no coming shift{where} that you could swap. Write `oncall me` to see yours."
        )
    names = {shift.schedule for shift in mine}
    chosen = next((shift for shift in mine if _value(shift) == words(values, "mine")), None)
    if chosen is not None:
        mine = tuple(shift for shift in mine if shift.schedule == chosen.schedule)
    offered = [(shift, _value(shift), _told(shift, turn.actor)) for shift in mine]
    first = _choice("mine", "I give", offered, _wanted(turn, values, "mine", "gives_on", offered), alone=not problem)
    if chosen is None and len(names) > 1:
        return _form(turn, values, problem, [first], ("Continue", "swap.next"))
    theirs = _theirs(turn, values, next(iter(names)) if chosen is None else chosen.schedule)
    if not theirs:
        return kit.sentence_card("Nobody else has a coming shift there that you could take. Write `override` instead.")
    wanted = _wanted(turn, values, "theirs", "takes_on", theirs)
    second = _choice("theirs", "I take", theirs, wanted, alone=not problem)
    return _form(turn, values, problem, [first, second], ("Ask to swap", _ASK))


def _form(
    turn: Turn, values: Mapping[str, Any], problem: str | None, inputs: list[Card], submit: tuple[str, str]
) -> Card:
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    kept = {name: words(values, name)[:_WORDS_LIMIT] for name in _KEPT}
    return form(
        turn,
        "Swap shifts",
        inputs,
        submit=submit,
        values=values,
        problem=problem,
        keep={**kept, "nonce": nonce[:_WORDS_LIMIT]},
        back="oncall.view",
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Ask the other person. Sent again it says that they are asked already."""
    schedule, gives, _ = _chosen(data, "mine", "Choose a shift to give.")
    other_schedule, takes, handle = _chosen(data, "theirs", "Choose a shift to take.")
    if schedule != other_schedule:
        raise Refused("Both shifts must be on the same schedule. Choose again.")
    other = people.find(turn.store, handle)
    if not turn.once(f"form:{words(data, 'nonce')[:_WORDS_LIMIT] or turn.key}"):
        return Reply(text=f"{other.name} is asked already; nothing changes until they accept.", closes=True)
    shown = swaps.ask(turn.store, turn.actor, other, schedule, gives=gives, takes=takes, now=turn.now)
    return Reply(text=spoken(shown, turn.actor), card=swap_card(shown, turn.actor), closes=True)


def proceed(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - the form is drawn from what was chosen
    """Go on to the other person's shifts."""
    _chosen(data, "mine", "Choose a shift to give.")
    return OpenForm(name="swap", values=data)


def _schedule(turn: Turn, values: Mapping[str, Any]) -> str:
    wanted = words(values, "schedule")
    found = turn.store.schedules.get(wanted) if wanted else None
    return found.id if found else ""


def _theirs(turn: Turn, values: Mapping[str, Any], schedule: str) -> _Offered:
    """List what can be taken; where one person was named, theirs come first and the others' stay away."""
    found = swaps.shifts_to_take(turn.store, turn.actor, turn.now, schedule)
    wanted = words(values, "with")
    named = [(shift, person) for shift, person in found if person.handle == wanted]
    return [
        (shift, f"{_value(shift)}|{person.handle}", f"{person.name}: {_told(shift, turn.actor, schedule=False)}")
        for shift, person in named or found
    ]


def _wanted(turn: Turn, values: Mapping[str, Any], name: str, day: str, offered: _Offered) -> str:
    """Tell what was chosen; before that, the one shift that begins on the day that was typed."""
    begun = [value for shift, value, _ in offered if swaps.begins_on(shift, words(values, day), turn.actor.time_zone)]
    return words(values, name) or (begun[0] if len(begun) == 1 else "")


def _choice(name: str, title: str, offered: _Offered, wanted: str, *, alone: bool) -> Card:
    """Ask for a shift. `alone`: the only one there is is chosen already; not where something else was typed."""
    known = [value for _, value, _ in offered]
    chosen = {"value": wanted} if wanted in known else {"value": known[0]} if alone and len(known) == 1 else {}
    choices = [(value, told) for _, value, told in offered]
    return kit.choice_input(name, title, choices, isRequired=True, errorMessage="Choose a shift.", **chosen)


def _value(shift: Shift) -> str:
    """Write a shift into a choice."""
    if shift.starts_at is None or shift.ends_at is None:
        raise ValueError(shift)
    return f"{shift.schedule}|{shift.starts_at.isoformat()}|{shift.ends_at.isoformat()}"


def _told(shift: Shift, reader: Person, *, schedule: bool = True) -> str:
    if shift.starts_at is None or shift.ends_at is None:
        raise ValueError(shift)
    when = between(shift.starts_at, shift.ends_at, reader.time_zone)
    return f"{shift.schedule}: {when}" if schedule else when


def _chosen(data: Mapping[str, Any], name: str, otherwise: str) -> tuple[str, Span, str]:
    """Read a choice: schedule, times, and whose it is. What comes back is not trusted; the use case looks again."""
    parts = words(data, name).split("|")
    if len(parts) < _PARTS:
        raise Refused(otherwise)
    try:
        starts_at, ends_at = datetime.fromisoformat(parts[1]), datetime.fromisoformat(parts[2])
    except ValueError:
        raise Refused(otherwise) from None
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise Refused(otherwise)
    return parts[0], (starts_at, ends_at), parts[3] if len(parts) > _PARTS else ""


FORM = Form(
    name="swap",
    title="Swap shifts",
    draw=draw,
    verbs=(Verb(name=_ASK, run=submit), Verb(name="swap.next", run=proceed)),
)
