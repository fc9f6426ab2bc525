"""The form behind `drill`."""

from collections.abc import Mapping
from typing import Any

from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from dialogs.parts import LISTED, form, searchable, words
from domain.errors import Refused
from usecases import drills


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask on which schedule."""
    schedules = turn.store.schedules.all()
    if not schedules:
        raise Refused("There is no schedule yet, so nobody is on call. An admin can add one to the organisation file.")
    known = {schedule.id: schedule.id for schedule in schedules}
    chosen = known.get(words(values, "schedule"), schedules[0].id)
    choices = [(i, i) for i in known if len(known) <= LISTED or i == chosen]
    asked = searchable("schedule", "Schedule", choices, [chosen], total=len(known), dataset="schedules")
    return form(
        turn,
        "Page whoever is on call, as a drill",
        [asked],
        submit=("Start drill", "drill.submit"),
        values=values,
        problem=problem,
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Start it."""
    schedule = turn.store.schedules.get(words(data, "schedule"))
    if schedule is None:
        raise Refused("Choose a schedule.")
    said = drills.start(turn.store, turn.actor, schedule.id, turn.aside, turn.key, turn.now)
    return Reply(text=said, closes=True)


FORM = Form(name="drill", title="Drill", draw=draw, verbs=(Verb(name="drill.submit", run=submit),))
