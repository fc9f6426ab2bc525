"""The forms of maintenance windows: plan one, give it another time, call it off, and say that it is done."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import kit
from bot.cards.maintenance import AGAIN, answered, draft_lines, moment_carried, shown, window_in
from bot.turn import Answer, Card, Form, OpenForm, Reply, Turn, Verb
from dialogs.moments import picked, pickers, span_picked, zone_line, zone_of
from dialogs.parts import form, person_choice, person_chosen, person_in, services_choice, several, words
from domain.errors import Refused
from domain.incident import TITLE_LIMIT
from domain.maintenance import WORDS_LIMIT, Maintenance, Plan
from usecases import maintenance
from usecases.maintenance import Changed
from usecases.maintenance.words import titled

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column
_COUNT_LIMIT = 3  # digits of "every n weeks"
_RULE_LIMIT = 300  # characters; what a rule may have
_ONCE, _RULE = "once", "rule"
_UNITS = (
    (_ONCE, "Once"),
    ("days", "Every so many days"),
    ("weeks", "Every so many weeks"),
    ("months", "Every so many months"),
    (_RULE, "By a rule (RRULE)"),
)


# -- planning ----------------------------------------------------------------------------------------------------------


def draw_schedule(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for everything a window needs; what was typed is filled in. `checked` shows what would be planned."""
    zone, checked = zone_of(turn, values), list[Card]()
    if values.get("checked") is True and problem is None:
        try:
            plan = _plan(turn, values, zone)
            checked = draft_lines(maintenance.preview(turn.store, turn.actor, plan, turn.now), turn.actor.time_zone)
        except Refused as refused:
            problem = str(refused)
    services = several(values, "services")
    inputs = [
        _text("title", "What is done?", values, TITLE_LIMIT, required="Say in a few words what is done."),
        {**services_choice(turn, services), "isRequired": True, "errorMessage": "Choose at least one service."},
        zone_line(zone),
        pickers("starts", "From", values, zone),
        pickers("ends", "To", values, zone),
        *_repeats(values),
        _text("impact", "What will people notice? (may be empty)", values, WORDS_LIMIT, lines=True),
        _text("runbook", "Runbook, as an address or in words (may be empty)", values, WORDS_LIMIT),
        {**person_choice(turn, person_in(turn, values, otherwise=turn.actor)), "label": "Owner"},
        *checked,
    ]
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    keep = {"nonce": nonce[:_NONCE_LIMIT], "zone": zone}
    drawn = form(
        turn,
        "Plan maintenance",
        inputs,
        submit=("Plan", "maintenance.schedule.submit"),
        values=values,
        problem=problem,
        keep=keep,
        back="maintenance.list",
    )
    drawn["actions"].insert(1, kit.execute("Check", "maintenance.schedule.check", drawn["actions"][0]["data"]))
    return drawn


def check(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Show what would be planned, with its next times and clashes."""
    del turn
    return OpenForm(name="maintenance-schedule", values={**data, "checked": True})


def submit_schedule(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Plan it. Sent again it says that it is planned."""
    plan = _plan(turn, data, zone_of(turn, data))
    if not turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}"):
        return Reply(text=f"“{plan.title}” is planned already: write `maintenance list` to see it.", closes=True)
    return _ended(turn, data, maintenance.schedule(turn.store, turn.actor, plan, turn.now))


def _plan(turn: Turn, data: Mapping[str, Any], zone: str) -> Plan:
    """Read the whole form. Raise Refused for the first thing that is missing or wrong."""
    if not words(data, "title").strip():
        raise Refused("Say in a few words what is done.")
    services = several(data, "services")
    if not services:
        raise Refused("Choose at least one service.")
    starts_at, ends_at = span_picked(data, zone, "A window")
    return Plan(
        title=words(data, "title"),
        services=services,
        starts_at=starts_at,
        ends_at=ends_at,
        zone=zone,
        owner=person_chosen(turn, data).id if words(data, "person") else turn.actor.id,
        recurrence=maintenance.recurrence_of(starts_at, zone, every=_every(data), rule=_rule(data)),
        impact=words(data, "impact"),
        runbook=words(data, "runbook"),
    )


def _repeats(values: Mapping[str, Any]) -> Sequence[Card]:
    unit = words(values, "unit").lower()
    chosen = next((value for value, _ in _UNITS if value.removesuffix("s") == unit.removesuffix("s")), _ONCE)
    count, rule = _count(values), words(values, "rule")
    return (
        kit.columns(
            [kit.choice_input("unit", "Repeats", _UNITS, value=chosen)],
            [kit.text_input("count", "How many?", maxLength=_COUNT_LIMIT, **_filled(count[:_COUNT_LIMIT]))],
        ),
        kit.text_input(
            "rule",
            "Rule, where it repeats by one",
            maxLength=_RULE_LIMIT,
            placeholder="FREQ=MONTHLY;BYDAY=1SU",
            **_filled(rule[:_RULE_LIMIT]),
        ),
    )


def _every(data: Mapping[str, Any]) -> tuple[int, str] | None:
    unit, count = words(data, "unit"), _count(data) or "1"
    if unit in ("", _ONCE, _RULE):
        return None
    if not (count.isascii() and count.isdecimal()):
        raise Refused(f"“{count[:20]}” is no number: write how many {unit[:10]} lie between two times, such as 2.")
    return int(count), unit


def _count(values: Mapping[str, Any]) -> str:
    count = values.get("count")
    return "" if count is None else str(count).strip()


def _rule(data: Mapping[str, Any]) -> str:
    if words(data, "unit") != _RULE:
        return ""
    rule = words(data, "rule").strip()
    if not rule:
        raise Refused("Write the rule, such as FREQ=MONTHLY;BYDAY=1SU, or choose another way to repeat.")
    return rule


# -- the others --------------------------------------------------------------------------------------------------------


def draw_move(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the new time; of a running one only for its end."""
    window, zone = maintenance.to_offer(turn.store, turn.actor, window_in(values)), zone_of(turn, values)
    first = "starts" in values and "starts_day" not in values
    lines = [kit.block(kit.plain(titled(window)))]
    if window.recurrence is not None and not window.is_running:
        lines.append(kit.block(f"Only the next time moves; the others stay {kit.plain(window.recurrence.words())}."))
    inputs = [*lines, zone_line(zone)]
    if not window.is_running:
        inputs.append(pickers("starts", "From", values, zone, None if first else window.starts_at))
    inputs.append(pickers("ends", "To", values, zone, None if first else window.ends_at))
    return _small(
        turn, window, values, problem, ("Move maintenance", inputs, "Move", "maintenance.move.submit"), zone=zone
    )


def submit_move(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Give it another time."""
    window, zone = maintenance.to_offer(turn.store, turn.actor, window_in(data)), zone_of(turn, data)
    if window.is_running:
        when = (window.starts_at, picked(data, "ends", zone, "To"))
    else:
        when = span_picked(data, zone, "A window")
    return _ended(turn, data, maintenance.move(turn.store, turn.actor, window.id, when, turn.now))


def draw_cancel(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the reason, and for what exactly is called off."""
    window = maintenance.to_offer(turn.store, turn.actor, window_in(values))
    inputs = [kit.block(kit.plain(titled(window))), _reason(values)]
    if window.recurrence is not None and window.is_running:
        title = "Cancel all later times too"
        inputs.append(
            {"type": "Input.Toggle", "id": "everything", "label": "Later times", "title": title, "value": "false"}
        )
    elif window.recurrence is not None:
        inputs.append(kit.block("All its times are cancelled. To leave only the next one out, press Skip this one."))
    submit = "maintenance.cancel.submit"
    return _small(turn, window, values, problem, ("Cancel maintenance", inputs, "Cancel maintenance", submit))


def submit_cancel(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Call it off."""
    everything = str(data.get("everything")).lower() == "true"
    _require_same(turn, data)
    changed = maintenance.cancel(
        turn.store, turn.actor, window_in(data), words(data, "reason"), turn.now, everything=everything
    )
    return _ended(turn, data, changed)


def draw_skip(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the reason."""
    window = maintenance.to_offer(turn.store, turn.actor, window_in(values))
    inputs = [kit.block(kit.plain(titled(window))), _reason(values)]
    return _small(turn, window, values, problem, ("Skip this time", inputs, "Skip", "maintenance.skip.submit"))


def submit_skip(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Leave this one out."""
    _require_same(turn, data)
    changed = maintenance.skip(turn.store, turn.actor, window_in(data), words(data, "reason"), turn.now)
    return _ended(turn, data, changed)


def draw_done(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for the evidence."""
    window = maintenance.to_offer(turn.store, turn.actor, window_in(values))
    asked = "What shows that it is done? A note, a link or a number; the other side signs it off."
    evidence = _text("evidence", asked, values, WORDS_LIMIT, lines=True, required="Write what shows that it is done.")
    inputs = [kit.block(kit.plain(titled(window))), evidence]
    return _small(turn, window, values, problem, ("Maintenance done", inputs, "Done", "maintenance.done.submit"))


def submit_done(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Say that it is done; pressed again it shows how it stands."""
    began, number = moment_carried(data, "began"), window_in(data)
    view = maintenance.finish(turn.store, turn.actor, number, words(data, "evidence"), turn.now, began=began)
    return _ended(turn, data, Changed(view=view))


def _small(
    turn: Turn,
    window: Maintenance,
    values: Mapping[str, Any],
    problem: str | None,
    asked: tuple[str, Sequence[Card], str, str],
    *,
    zone: str = "",
) -> Card:
    """Draw a form about one window: title, inputs, button and verb. The occurrence it is about goes with it."""
    title, inputs, button, verb = asked
    began = moment_carried(values, "began") or window.starts_at
    keep = {"maintenance": window.id, "began": began.isoformat(), "zone": zone}
    return form(turn, title, inputs, submit=(button, verb), values=values, problem=problem, keep=keep, back=AGAIN)


def _require_same(turn: Turn, data: Mapping[str, Any]) -> None:
    """Raise Refused where another occurrence than the one somebody looked at would be called off."""
    began = moment_carried(data, "began")
    window = maintenance.to_offer(turn.store, turn.actor, window_in(data))
    if began is not None and not window.is_over and began != window.starts_at:
        raise Refused(f"{window.name} has another time by now. Look at its card, and press again if you still want to.")


def _ended(turn: Turn, data: Mapping[str, Any], changed: Changed) -> Reply:
    if data.get("embedded") is True:
        return shown(turn, changed.view, said=changed.notice)
    return answered(turn, changed, closes=True)


def _reason(values: Mapping[str, Any]) -> Card:
    return _text("reason", "Why? Everybody concerned reads it. (may be empty)", values, WORDS_LIMIT, lines=True)


def _text(
    name: str, title: str, values: Mapping[str, Any], limit: int, *, lines: bool = False, required: str = ""
) -> Card:
    more: dict[str, Any] = {"isRequired": True, "errorMessage": required} if required else {}
    return kit.text_input(
        name, title, maxLength=limit, isMultiline=lines, **_filled(words(values, name)[:limit]), **more
    )


def _filled(value: str) -> dict[str, str]:
    return {"value": value} if value else {}


FORMS = (
    Form(
        name="maintenance-schedule",
        title="Plan maintenance",
        draw=draw_schedule,
        verbs=(
            Verb(name="maintenance.schedule.submit", run=submit_schedule, again="maintenance.list"),
            Verb(name="maintenance.schedule.check", run=check, kind="view", again="maintenance.list"),
        ),
    ),
    Form(
        name="maintenance-move",
        title="Move maintenance",
        draw=draw_move,
        verbs=(Verb(name="maintenance.move.submit", run=submit_move, again=AGAIN),),
    ),
    Form(
        name="maintenance-cancel",
        title="Cancel maintenance",
        draw=draw_cancel,
        verbs=(Verb(name="maintenance.cancel.submit", run=submit_cancel, again=AGAIN),),
    ),
    Form(
        name="maintenance-skip",
        title="Skip this time",
        draw=draw_skip,
        verbs=(Verb(name="maintenance.skip.submit", run=submit_skip, again=AGAIN),),
    ),
    Form(
        name="maintenance-done",
        title="Maintenance done",
        draw=draw_done,
        verbs=(Verb(name="maintenance.done.submit", run=submit_done, again=AGAIN),),
    ),
)
