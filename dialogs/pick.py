"""Which incident? Asked when a command names none; what was typed goes on with the answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Form, OpenForm, Turn, Verb
from dialogs.parts import form, words
from domain.errors import Refused
from domain.incident import TEXT_LIMIT, ref_of
from usecases.ports import IncidentFilter

SHOWN = 25  # newest incidents; ours: older ones are named by number
_ON_CLOSED = ("show", "timeline", "note", "reopen")  # these make sense for resolved incidents too


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Offer the newest incidents the command can be about."""
    command = words(values, "command")
    found = turn.incidents.list(IncidentFilter(open_only=command not in _ON_CLOSED, limit=SHOWN)).incidents
    if not found:
        return kit.sentence_card("There is no open incident. Write `declare` and a title to begin one.")
    choices = [(str(i.id), f"{i.ref} SEV{i.severity} {kit.shortened(i.title, 60)}") for i in found]
    asked = kit.choice_input(
        "incident", "Incident", choices, value=choices[0][0], isRequired=True, errorMessage="Choose an incident."
    )
    typed = words(values, "rest")[:TEXT_LIMIT]
    shown = [kit.block(f"You wrote: {kit.plain(kit.shortened(typed, 300))}", isSubtle=True)] if typed.strip() else []
    return form(
        turn,
        f"Which incident do you mean with “{kit.plain(command[:40])}”?",
        [*shown, asked],
        submit=("Continue", "pick.submit"),
        values=values,
        problem=problem,
        keep={"command": command, "rest": typed},
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Run the command again, now with its incident."""
    command = turn.commands.get(words(data, "command"))
    if command is None:
        raise Refused("This card is from an older version. Write the command again.")
    answer = command.run(turn, f"{ref_of(incident_of(data))} {words(data, 'rest')}".strip())
    if isinstance(answer, OpenForm):
        return replace(answer, values={**answer.values, "embedded": data.get("embedded") is True})
    return answer if answer.card else replace(answer, closes=True)


FORM = Form(name="pick", title="Which incident?", draw=draw, verbs=(Verb(name="pick.submit", run=submit),))
