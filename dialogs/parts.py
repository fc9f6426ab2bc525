"""What the forms share: their choices, their buttons, and reading what was sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.cards import kit
from bot.cards.incident import incident_of, press_result, still_current
from bot.turn import Answer, Card, Reply, Turn
from domain.errors import Refused
from domain.incident import SEVERITIES, Incident
from domain.people import Person
from usecases import people
from usecases.incidents import Result

ME = "me"  # whoever sends the form: somebody who is not stored yet has no handle
LISTED = 50  # choices written into a card; more are searched while typing, or the card outgrows Teams' limit


def form(
    turn: Turn,
    title: str,
    inputs: Iterable[Card],
    *,
    submit: tuple[str, str],
    values: Mapping[str, Any],
    problem: str | None,
    keep: Mapping[str, Any] | None = None,
    back: str = "",
) -> Card:
    """Draw a form. `submit` is (button, verb); `keep` goes with it. The way back depends on where the form stands.

    `back` is the verb that shows the card it was opened from, with the `words`, `change`,
    `maintenance`, `action`, `problem` or `review` kept; empty for an incident's card.
    """
    where = {"embedded": values.get("embedded") is True, "private": turn.private}
    kept = {**where, **(keep or {})}
    body = [kit.block(title, weight="Bolder", size="Large", style="heading"), *kit.problem(problem), *inputs]
    actions = [kit.execute(submit[0], submit[1], kept, style="positive")]
    actions.append(
        _back(kept, back) if where["embedded"] else kit.execute("Cancel", "form.cancel", where, associatedInputs="none")
    )
    return kit.card(body, speak=title, actions=actions)


def _back(kept: Mapping[str, Any], verb: str) -> Card:
    if verb:
        about = {
            name: kept[name]
            for name in ("change", "maintenance", "action", "problem", "review", "within")
            if name in kept
        }
        about = about or {"words": kept.get("words", "")}
        return kit.execute("Back", verb, about, associatedInputs="none")
    if "incident" in kept:
        return kit.execute("Back", "incident.view", {"incident": kept["incident"]}, associatedInputs="none")
    return kit.execute("Back", "help", {}, associatedInputs="none")


def drawn(incident: Incident) -> dict[str, Any]:
    """Name the incident a form is about, and the moment it was drawn."""
    return {"incident": incident.id, "version": incident.version, "cycle": incident.cycle}


def late(turn: Turn, data: Mapping[str, Any]) -> Answer | None:
    """Answer a form that was drawn before the incident was reopened; None when it still counts."""
    sentence = still_current(turn, data)
    if sentence is None:
        return None
    return press_result(turn, Result(turn.incidents.show(turn.actor, incident_of(data)), sentence + _typed(data)))


def done(turn: Turn, data: Mapping[str, Any], result: Result, said: str) -> Reply:
    """Answer a form: with the card it stood in, or with a sentence in its own place."""
    if data.get("embedded") is True:
        return press_result(turn, replace(result, notice=result.notice + _typed(data)) if result.notice else result)
    return Reply(text=result.notice + _typed(data) if result.notice else said, closes=True)


def _typed(data: Mapping[str, Any]) -> str:
    """Give back words that were not used: the form they stood in is gone."""
    text = (words(data, "summary") or words(data, "reason")).strip()
    return f" You wrote: {text}" if text else ""


def words(data: Mapping[str, Any], name: str) -> str:
    """Read a text a person typed; anything else counts as empty."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def several(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Read a multiple choice: Teams sends the values with commas between them."""
    value = data.get(name)
    parts = value if isinstance(value, list | tuple) else str(value or "").split(",")
    return tuple(s.strip() for s in parts if isinstance(s, str) and s.strip())


def severity_choice(turn: Turn, current: object) -> Card:
    """Ask for a severity."""
    names = turn.store.organisations.severity_names()
    choices = [(str(s), f"{kit.SEVERITY_SIGN[s]} SEV{s} {names[s]}") for s in SEVERITIES]
    chosen = {"value": str(current)} if current in SEVERITIES else {}
    return kit.choice_input("severity", "Severity", choices, **chosen)


def services_choice(turn: Turn, chosen: Sequence[str]) -> Card:
    """Ask for services, several at once."""
    services = turn.store.catalog.services()
    known = {s.id.lower(): s.id for s in services}
    picked = [known[c.lower()] for c in chosen if c.lower() in known]
    choices = [(s.id, s.name) for s in services if len(services) <= LISTED or s.id in picked]
    return searchable("services", "Services", choices, picked, total=len(services), isMultiSelect=True)


def person_choice(turn: Turn, chosen: Person | None) -> Card:
    """Ask for a person; None: nobody is chosen yet."""
    known = turn.store.people.active()
    everybody = known if chosen is None or any(p.id == chosen.id for p in known) else [*known, chosen]
    names = people.told_apart(everybody)
    shown = everybody if len(everybody) <= LISTED else [chosen] if chosen else []
    choices = [(p.handle or ME, names[p.handle]) for p in shown]
    picked = [chosen.handle or ME] if chosen else []
    return searchable("person", "Person", choices, picked, total=len(everybody), dataset="people")


def person_in(turn: Turn, values: Mapping[str, Any], *, otherwise: Person) -> Person | None:
    """Choose who stands in a form: as typed, `otherwise` where nobody was; None where that was not understood."""
    try:
        return person_chosen(turn, values) if "person" in values else otherwise
    except Refused:
        return None


def person_chosen(turn: Turn, values: Mapping[str, Any]) -> Person:
    """Find who was chosen. Raise Refused where that is nobody."""
    handle = words(values, "person")
    if not handle:
        raise Refused("Choose a person.")
    return turn.actor if handle == ME else people.find(turn.store, handle)


def searchable(
    name: str,
    title: str,
    choices: Sequence[tuple[str, str]],
    chosen: Sequence[str],
    *,
    total: int,
    dataset: str | None = None,
    **more: Any,
) -> Card:
    """Ask to choose from a list that may grow with the customer."""
    made = kit.choice_input(name, title, choices, **more)
    if chosen:
        made["value"] = ",".join(chosen)
    if total > LISTED:
        made["style"] = "filtered"
        made["choices.data"] = {"type": "Data.Query", "dataset": dataset or name}
    return made
