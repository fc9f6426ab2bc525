"""The forms behind `care`: planning it, and saying that it is done, somebody else's, or not for this time."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.care import AGAIN, answered, care_of, drawn, occurrence_of
from bot.care import NONE, UNITS, plan_of, proof_of
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from dialogs.parts import LISTED, person_choice, person_chosen, person_in, searchable, words
from domain.care import END_OF_DAY, TITLE_LIMIT, WORDS_LIMIT, CareTask, Evidence
from usecases.care import doing, planning
from usecases.care.doing import Result, care_to_see, shown_of

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column
_FIELD_LIMIT = 300  # characters of a rule; domain.recurrence takes no longer one


# -- planning ---------------------------------------------------------------------------------------------------------


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask what has to be done, by whom and how often; what was typed is filled in."""
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    evidence = [(NONE, "nothing"), *((str(e), f"a {e}") for e in Evidence)]
    every = words(values, "every")
    inputs = [
        _field("title", "What has to be done", values, TITLE_LIMIT, isRequired=True, errorMessage="Give it a title."),
        _one_of("service", turn, values),
        _one_of("team", turn, values),
        _person(turn, values, "Owner (nobody: the team's lead)"),
        kit.columns(
            [_field("every", "Every", {"every": every or "1"}, 9)],
            [kit.choice_input("unit", "Unit", [(u, u) for u in UNITS], value=words(values, "unit") or "weeks")],
        ),
        kit.columns(
            [
                {
                    "type": "Input.Date",
                    "id": "day",
                    "label": "First due, day (none: one interval from today)",
                    **_kept(values, "day", 10),
                }
            ],
            [
                {
                    "type": "Input.Time",
                    "id": "time",
                    "label": "Time, in the team's zone",
                    "value": words(values, "time")[:5] or f"{END_OF_DAY:%H:%M}",
                }
            ],
        ),
        _field("hours", "Planned hours each time", values, 20, placeholder="1.5"),
        kit.choice_input("evidence", "Has to show", evidence, value=words(values, "evidence") or NONE),
        {
            "type": "Input.Toggle",
            "id": "sign_off",
            "label": "Sign-off",
            "title": "Somebody else has to look at it",
            "value": "true" if words(values, "sign_off") == "true" else "false",
        },
        _field(
            "rule", "Advanced: an RRULE instead of “Every”", values, _FIELD_LIMIT, placeholder="FREQ=MONTHLY;BYDAY=1SU"
        ),
    ]
    return _form(
        turn,
        "Plan care",
        inputs,
        values,
        problem,
        submit=("Plan care", "care.submit"),
        keep={"nonce": nonce[:_NONCE_LIMIT]},
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Plan it. Sent again it says that it is planned already."""
    plan = plan_of(turn, data)
    if not turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}"):
        return Reply(text="This is planned already. Write `care list` to see it.", closes=True)
    task = planning.add(turn.store, turn.actor, plan, turn.now)
    return _closed(drawn(turn, Result(task=task, occurrence=shown_of(turn.store, task))))


def _one_of(name: str, turn: Turn, values: Mapping[str, Any]) -> Card:
    """Ask for a service or a team; a team is only needed where no service is chosen."""
    services = name == "service"
    things = turn.store.catalog.services() if services else turn.store.catalog.teams()
    chosen = [thing.id for thing in things if thing.id.casefold() == words(values, name).casefold()]
    choices = [(NONE, "none" if services else "the owner of the service")]
    choices += [(thing.id, thing.name) for thing in things if len(things) <= LISTED or thing.id in chosen]
    title = "Service" if services else "Team"
    made = searchable(name, title, choices, chosen, total=len(things), dataset=f"{name}s")
    return made if chosen else {**made, "value": NONE}


# -- one time ---------------------------------------------------------------------------------------------------------


def draw_done(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask what shows that it was done, and how long it took."""
    task = care_to_see(turn.store, care_of(values))
    hours = words(values, "hours") if "hours" in values else f"{task.hours:g}" if task.hours else ""
    inputs = [
        _field("note", _wants(task, Evidence.NOTE, "Note"), values, WORDS_LIMIT, isMultiline=True),
        _field("link", _wants(task, Evidence.LINK, "Link"), values, WORDS_LIMIT, placeholder="https://"),
        _field("number", _wants(task, Evidence.NUMBER, "Number"), values, 30),
        _field("hours", "Hours spent", {"hours": hours}, 20),
    ]
    title = f"“{kit.plain(task.title)}” is done"
    return _about(turn, title, inputs, values, problem, submit=("Done", "care.done.submit"))


def submit_done(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Take it down. Sent again it changes nothing."""
    number, time = care_of(data), occurrence_of(data)
    return _pressed(turn, data, doing.done(turn.store, turn.actor, number, proof_of(data), turn.now, occurrence=time))


def draw_assign(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask who looks after it from now on."""
    task = care_to_see(turn.store, care_of(values))
    asked = {**_person(turn, values, "Owner"), "isRequired": True, "errorMessage": "Choose a person."}
    title = f"Who looks after “{kit.plain(task.title)}”?"
    return _about(turn, title, [asked], values, problem, submit=("Hand over", "care.assign.submit"))


def submit_assign(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Hand it over. Sent again it changes nothing."""
    owner = person_chosen(turn, data)
    return _pressed(turn, data, doing.assign(turn.store, turn.actor, care_of(data), owner, turn.now))


def draw_skip(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask why not."""
    task = care_to_see(turn.store, care_of(values))
    asked = _field(
        "reason", "Why not this time?", values, WORDS_LIMIT, isMultiline=True, isRequired=True, errorMessage="Say why."
    )
    title = f"Skip “{kit.plain(task.title)}” this time"
    return _about(turn, title, [asked], values, problem, submit=("Skip", "care.skip.submit"))


def submit_skip(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Skip it. Sent again it changes nothing."""
    number, time = care_of(data), occurrence_of(data)
    return _pressed(
        turn, data, doing.skip(turn.store, turn.actor, number, words(data, "reason"), turn.now, occurrence=time)
    )


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
    kept = {"care": care_of(values), "occurrence": occurrence_of(values)}
    return _form(turn, title, inputs, values, problem, submit=submit, keep=kept)


def _form(
    turn: Turn,
    title: str,
    inputs: list[Card],
    values: Mapping[str, Any],
    problem: str | None,
    *,
    submit: tuple[str, str],
    keep: Mapping[str, Any],
) -> Card:
    """Draw a form; where it stands in a card the way back leads to that card, or to the list."""
    where = {"embedded": values.get("embedded") is True, "private": turn.private}
    back, away = (AGAIN if "care" in keep else "care.list", "Back") if where["embedded"] else ("form.cancel", "Cancel")
    return kit.card(
        [kit.block(title, weight="Bolder", size="Large", style="heading"), *kit.problem(problem), *inputs],
        speak=title,
        actions=[
            kit.execute(submit[0], submit[1], {**where, **keep}, style="positive"),
            kit.execute(away, back, {**where, **keep}, associatedInputs="none"),
        ],
    )


def _field(name: str, title: str, values: Mapping[str, Any], limit: int, **more: Any) -> Card:
    return kit.text_input(name, title, maxLength=limit, **_kept(values, name, limit), **more)


def _kept(values: Mapping[str, Any], name: str, limit: int) -> dict[str, str]:
    value = words(values, name)[:limit]
    return {"value": value} if value else {}


def _person(turn: Turn, values: Mapping[str, Any], title: str) -> Card:
    chosen = person_in(turn, values, otherwise=turn.actor) if words(values, "person") else None
    return {**person_choice(turn, chosen), "label": title}


def _wants(task: CareTask, kind: Evidence, title: str) -> str:
    return f"{title} (wanted)" if task.evidence is kind else title


def _pressed(turn: Turn, data: Mapping[str, Any], result: Result) -> Reply:
    """Answer a form: in a card it stands in its place, a form of its own is done."""
    return answered(turn, result) if data.get("embedded") is True else _closed(drawn(turn, result))


def _closed(reply: Reply) -> Reply:
    return Reply(text=reply.text, card=reply.card, closes=True)


FORMS = (
    Form(
        name="care",
        title="Plan care",
        draw=draw,
        verbs=(Verb(name="care.submit", run=submit, again="care.list"),),
    ),
    Form(
        name="care-done",
        title="Done",
        draw=draw_done,
        verbs=(Verb(name="care.done.submit", run=submit_done, again=AGAIN),),
    ),
    Form(
        name="care-assign",
        title="Hand over",
        draw=draw_assign,
        verbs=(Verb(name="care.assign.submit", run=submit_assign, again=AGAIN),),
    ),
    Form(
        name="care-skip",
        title="Skip",
        draw=draw_skip,
        verbs=(Verb(name="care.skip.submit", run=submit_skip, again=AGAIN),),
    ),
)
