"""The status card: one per conversation, always current. And what its buttons do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.cards import carried, kit
from bot.cards.alike import alike_lines
from bot.cards.change_lines import change_lines
from bot.cards.paging import clock_facts, paged_fact, paging_lines
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.catalog import Side
from domain.errors import Refused
from domain.incident import Incident, Role, Status
from domain.people import Person
from domain.review import Review
from usecases import escalations
from usecases.incidents import Result
from usecases.views import IncidentView

WORDS_SHOWN = 1_000  # characters of the latest words; the timeline has them all
FAILURES_SHOWN = 3  # reasons; ours: the card stays readable on a phone

_NEXT = {
    Status.INVESTIGATING: "Find the cause, then set the status to identified.",
    Status.IDENTIFIED: "Stop the impact, then set the status to monitoring.",
    Status.MONITORING: "Watch it, and resolve when it stays stable.",
    Status.RESOLVED: "Nothing is left to do. Reopen it if it comes back.",
}


def status_card(
    view: IncidentView,
    *,
    reader: Person | None = None,
    said: str | None = None,
    refresh_for: Sequence[str] = (),
    card_id: int | None = None,
) -> Card:
    """Draw an incident: for everybody in UTC, for one `reader` in their zone too. `said` is a sentence on top.

    `card_id` goes with the buttons of the card everybody sees, `refresh_for` (`29:` ids) get their own view of it.
    """
    incident, zone = view.incident, reader.time_zone if reader else None
    body = [
        *([kit.notice(said)] if said else []),
        _band(view),
        _numbers(view),
        *paging_lines(view, zone),
        kit.facts(_facts(view, zone), separator=True, spacing="Medium"),
        *latest_words(view, zone),
        *change_lines(view, zone),
        *alike_lines(view),
        *_undelivered(view),
        *([kit.block(f"**Next:** {_next(incident)}", spacing="Medium")] if incident.is_open else []),
        kit.block(f"As of {kit.moment(view.now, zone, view.now)}", size="Small", isSubtle=True, spacing="Small"),
    ]
    made = kit.card(body, speak=spoken(view), actions=_buttons(view, card_id), wide=True)
    if refresh_for:
        action = kit.execute("Refresh", "incident.view", {"incident": incident.id})
        made["refresh"] = {"action": action, "userIds": list(refresh_for[: kit.REFRESH_LIMIT])}
    return made


def moved_card(ref: str) -> Card:
    """Draw what is left where a card has moved on."""
    return kit.sentence_card(f"{ref}: the live card is further down in this chat.")


def spoken(view: IncidentView) -> str:
    """Say an incident in a sentence, for notifications and screen readers."""
    incident = view.incident
    commander = incident.roles.get(Role.COMMANDER)
    led = f" Commander {view.name_of(commander)}." if commander else ""
    return f"{incident.ref} SEV{incident.severity} {view.severity_name}: {incident.title} ({incident.status}).{led}"


def _band(view: IncidentView) -> Card:
    incident = view.incident
    sign = kit.SEVERITY_SIGN[incident.severity]
    state = f"{sign} SEV{incident.severity} {kit.plain(view.severity_name)}  ·  {incident.status.capitalize()}"
    side = {
        "type": "Column",
        "width": "auto",
        "items": [kit.block(incident.ref, size="Small", horizontalAlignment="Right")],
    }
    style = kit.SEVERITY_STYLE[incident.severity] if incident.is_open else "good"
    title = kit.block(kit.plain(incident.title), size="Large", weight="Bolder", style="heading", spacing="Small")
    return kit.container(
        [kit.columns([kit.block(state, weight="Bolder", size="Small")], side), title], style=style, bleed=True
    )


def _numbers(view: IncidentView) -> Card:
    incident = view.incident
    holder = incident.roles.get(Role.COMMANDER)
    commander = kit.plain(view.name_of(holder)) if holder else "nobody yet" if incident.is_open else "nobody"
    if incident.resolved_at:
        took = kit.span((incident.resolved_at - incident.declared_at).total_seconds())
        first = ("Resolved after", f"**{took}**")
    else:
        running = kit.span((view.now - incident.declared_at).total_seconds())
        first = ("Running for", f"**{running}**")
    if incident.acknowledged_at:
        after = kit.span((incident.acknowledged_at - incident.declared_at).total_seconds())
        second = ("Acknowledged after", f"**{after}**")
    else:
        second = ("Acknowledged", "**not yet**" if incident.is_open else "never")
    groups = [
        (kit.label(t), kit.block(v, spacing="None")) for t, v in (first, second, ("Commander", f"**{commander}**"))
    ]
    return kit.columns(*groups, spacing="Medium")


def _facts(view: IncidentView, zone: str | None) -> list[tuple[str, str]]:
    incident = view.incident
    names = ", ".join(kit.plain(s.name) for s in view.services)
    pairs = [(_plural("Service", view.services), names)] if names else []
    held = ((role, incident.roles.get(role)) for role in Role if role is not Role.COMMANDER)
    pairs += [(role.capitalize(), kit.plain(view.name_of(who))) for role, who in held if who is not None]
    if incident.acknowledged_at:
        at = kit.moment(incident.acknowledged_at, zone, view.now, named=False)
        pairs.append(("Acknowledged by", f"{kit.plain(view.name_of(incident.acknowledged_by))}, {at}"))
    pairs += paged_fact(view)
    at = kit.moment(incident.declared_at, zone, view.now, named=False)
    pairs.append(("Declared by", f"{kit.plain(view.name_of(incident.declared_by))}, {at}"))
    if incident.told_at:
        pairs.append(("Stakeholders", f"told {kit.moment(incident.told_at, zone, view.now, named=False)}"))
    if incident.mitigated_at and incident.is_open:
        pairs.append(("Mitigated", kit.moment(incident.mitigated_at, zone, view.now, named=False)))
    if incident.resolved_at:
        pairs.append(("Resolved", kit.moment(incident.resolved_at, zone, view.now, named=False)))
    if view.problem:
        pairs.append(("Problem", f"{view.problem.name}, seen again: {kit.plain(view.problem.title)}"))
    if view.review:
        pairs.append(("Review", _review(view, view.review, zone)))
    if view.actions:
        pairs.append(("Actions", f"{view.actions} written down: write “actions {incident.ref}”"))
    return [*pairs, *clock_facts(view, zone)]


def _review(view: IncidentView, review: Review, zone: str | None) -> str:
    if review.skipped:
        return f"skipped: {kit.plain(kit.shortened(review.skipped, WORDS_SHOWN))}"
    due = f", due {kit.moment(review.due_at, zone, view.now, named=False)}" if review.is_live else ""
    return f"{str(review.state).replace('_', ' ')}, {kit.plain(view.name_of(review.owner))}{due}"


def latest_words(view: IncidentView, zone: str | None) -> list[Card]:
    """Draw what somebody wrote last, if anybody has."""
    if view.latest is None or not view.latest.text:
        return []
    who = kit.plain(view.name_of(view.latest.actor))
    head = kit.label(f"Latest, {kit.moment(view.latest.at, zone, view.now, named=False)}, {who}")
    words = kit.block(kit.plain(kit.shortened(view.latest.text, WORDS_SHOWN)), spacing="Small")
    return [kit.container([head, words], style="emphasis", spacing="Medium")]


def _undelivered(view: IncidentView) -> list[Card]:
    failures = view.failures
    if not failures:
        return []
    count = "1 message" if len(failures) == 1 else f"{len(failures)} messages"
    reasons = "; ".join(dict.fromkeys(kit.plain(f.reason) for f in failures[:FAILURES_SHOWN]))
    return [
        kit.container(
            [kit.block(f"⚠ **{count} could not be delivered:** {reasons}")], style="warning", spacing="Medium"
        )
    ]


def _plural(word: str, things: Sequence[object]) -> str:
    return word if len(things) == 1 else f"{word}s"


def _next(incident: Incident) -> str:
    if incident.is_open and incident.acknowledged_at is None:
        return "Press Acknowledge if you are on it."
    if incident.is_open and Role.COMMANDER not in incident.roles and incident.severity <= 2:  # noqa: PLR2004 - major
        return "Press Take command if you lead the response."
    return _NEXT[incident.status]


def _buttons(view: IncidentView, card_id: int | None) -> list[Card]:
    """Offer what makes sense now: six at most, of which four stand beside each other on a phone."""
    incident = view.incident
    drawn = {"incident": incident.id, "version": incident.version, "cycle": incident.cycle}
    if card_id is not None:
        drawn["card"] = card_id
    if not incident.is_open:
        words = ("Reopen", *(["Open review"] if view.review else []), "Add action", "Add note", "Timeline")
        return [_button(word, drawn) for word in words]
    shown, further = _words(view)
    likely = shown[0] if shown[0] in _LIKELY else "Resolve" if incident.status is Status.MONITORING else None
    buttons = [_button(word, drawn, likely=word == likely) for word in shown]
    return [*buttons, *({**_button(word, drawn), "mode": "secondary"} for word in further)]


def _words(view: IncidentView) -> tuple[list[str], list[str]]:
    """Choose the buttons of an open incident: those that are seen, and those behind "More"."""
    incident = view.incident
    missing = ["Acknowledge"] if incident.acknowledged_at is None else []
    missing += ["Take command"] if Role.COMMANDER not in incident.roles else []
    if len(missing) == 2:  # noqa: PLR2004 - both
        return [*missing, "Add note", "Escalate"], ["Resolve", "Timeline"]
    if missing:
        return [*missing, "Add note", "Escalate", "Resolve"], ["Change status", "Timeline"]
    side = view.paging.other_side if view.paging else None
    if side is not None:
        return ["Add note", bring_in(side), "Change status", "Resolve"], ["Escalate", "Timeline"]
    return ["Add note", "Escalate", "Change status", "Resolve"], ["Assign", "Timeline"]


def bring_in(side: Side) -> str:
    """Name the button that pages the other side."""
    return f"Bring in {side.capitalize()}"


def _button(word: str, drawn: Mapping[str, Any], *, likely: bool = False) -> Card:
    style = {"style": "positive"} if likely else {}
    if word in _SIDES:
        return kit.execute(word, "incident.bring_in", {**drawn, "side": str(_SIDES[word])}, **style)
    make = kit.opens_dialog if word == "Open review" else kit.execute
    return make(word, _VERB_OF[word], drawn, **style)


_LIKELY = ("Acknowledge", "Take command")
_SIDES = {bring_in(side): side for side in Side}
_VERB_OF = {
    "Acknowledge": "incident.ack",
    "Take command": "incident.command",
    "Add note": "incident.note",
    "Escalate": "incident.escalate",
    "Change status": "incident.status",
    "Assign": "incident.assign",
    "Resolve": "incident.resolve",
    "Reopen": "incident.reopen",
    "Timeline": "incident.timeline",
    "Add action": "incident.action",
    "Open review": "incident.review",
}


# -- the buttons ----------------------------------------------------------------------------------------------------


def press_result(turn: Turn, result: Result) -> Reply:
    """Answer a press with the card as it is now."""
    return Reply(text=spoken(result.view), card=status_card(result.view, reader=turn.actor, said=result.notice))


def incident_of(data: Mapping[str, Any]) -> int:
    """Read which incident a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "incident", chosen=True)
    if number is None:
        raise Refused("This card does not say which incident it belongs to. Write `list` and open it from there.")
    return number


def drawn_at(data: Mapping[str, Any]) -> datetime | None:
    """Read when a button was drawn; None where the card does not say."""
    try:
        moment = datetime.fromisoformat(str(data.get("drawn_at")))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def still_current(turn: Turn, data: Mapping[str, Any]) -> str | None:
    """Say why a button of an earlier life of the incident has no effect, or None."""
    view = turn.incidents.show(turn.actor, incident_of(data))
    cycle = data.get("cycle")
    if isinstance(cycle, int) and cycle != view.incident.cycle:
        return f"This button is from before {view.incident.ref} was reopened, so nothing was changed."
    return None


def _changing(change: Callable[[Turn, int], Result]) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        incident_id = incident_of(data)
        late = still_current(turn, data)
        if late:
            return press_result(turn, Result(turn.incidents.show(turn.actor, incident_id), late))
        return press_result(turn, change(turn, incident_id))

    return run


def _opening(form: str) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        view = turn.incidents.show(turn.actor, incident_of(data))
        return OpenForm(name=form, values={"incident": view.incident.id, "embedded": True})

    return run


def side_of(data: Mapping[str, Any]) -> Side:
    """Read which side a button brings in. Raise Refused for a card that is not ours."""
    try:
        return Side(str(data.get("side")))
    except ValueError:
        raise Refused("This card does not say whom to bring in. Write `escalate` and choose.") from None


def _bring_in(turn: Turn, data: Mapping[str, Any]) -> Answer:
    incident_id, side = incident_of(data), side_of(data)
    said = still_current(turn, data)
    if said is None:
        said = escalations.bring_in(turn.store, turn.actor, incident_id, side, turn.trail, turn.now)
    return press_result(turn, Result(turn.incidents.show(turn.actor, incident_id), said))


def view_again(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Draw the card for one reader, as it is now."""
    return press_result(turn, Result(turn.incidents.show(turn.actor, incident_of(data))))


VERBS = (
    Verb(name="incident.view", run=view_again, kind="view"),
    Verb(name="incident.ack", run=_changing(lambda t, i: t.incidents.acknowledge(t.actor, i, t.trail))),
    Verb(name="incident.command", run=_changing(lambda t, i: t.incidents.take_command(t.actor, i, t.trail))),
    Verb(name="incident.bring_in", run=_bring_in),
    Verb(name="incident.escalate", run=_opening("escalate"), kind="view"),
    Verb(name="incident.note", run=_opening("note"), kind="view"),
    Verb(name="incident.status", run=_opening("status"), kind="view"),
    Verb(name="incident.assign", run=_opening("assign"), kind="view"),
    Verb(name="incident.resolve", run=_opening("resolve"), kind="view"),
    Verb(name="incident.reopen", run=_opening("reopen"), kind="view"),
)
