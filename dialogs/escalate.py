"""The form behind `escalate` and the button "Escalate"."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.incident import bring_in, drawn_at, incident_of
from bot.targets import a_person, policies, side_named, target_of
from bot.turn import Answer, Card, Form, Turn, Verb
from dialogs.parts import LISTED, done, drawn, form, late, person_choice, person_chosen, person_in, words
from domain.errors import Refused
from domain.people import Person
from usecases import escalations
from usecases.access import incident_to_change
from usecases.incidents import Result
from usecases.page_view import paged_since
from usecases.views import IncidentView
from usecases.wording import listed

NEXT, SOMEBODY = "next", "person"


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask who should be paged: the next step stands first where there is one."""
    view = turn.incidents.show(turn.actor, incident_of(values))
    choices = _choices(turn, view)
    wanted = words(values, "target")
    # Where somebody was named nobody else is paged by a quick press.
    first = SOMEBODY if "person" in values else choices[0][0]
    chosen = wanted if any(value == wanted for value, _ in choices) else first
    inputs = [
        kit.choice_input("target", "Who should be paged?", choices, value=chosen),
        person_choice(turn, person_in(turn, values, otherwise=_lead(turn, view))),
    ]
    keep = {**drawn(view.incident), "drawn_at": turn.now.isoformat()}
    title = f"Escalate {view.incident.ref}"
    return form(turn, title, inputs, submit=("Escalate", "escalate.submit"), values=values, problem=problem, keep=keep)


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Page them."""
    stale = late(turn, data)
    if stale:
        return stale
    said = _escalate(turn, data, words(data, "target"))
    return done(turn, data, Result(turn.incidents.show(turn.actor, incident_of(data)), said), said)


def _escalate(turn: Turn, data: Mapping[str, Any], wanted: str) -> str:
    incident = incident_to_change(turn.store, turn.actor, incident_of(data))
    side = side_named(wanted)
    if side is not None:
        return escalations.bring_in(turn.store, turn.actor, incident.id, side, turn.trail, turn.now)
    if wanted == NEXT:
        meanwhile = paged_since(turn.store, incident, drawn_at(data), turn.now)
        return meanwhile or escalations.escalate(turn.store, turn.actor, incident.id, None, turn.trail, turn.now)
    if wanted == SOMEBODY:
        target = a_person(person_chosen(turn, data))
    elif ":" in wanted:
        target = target_of(turn, wanted)
    else:
        raise Refused("Choose who should be paged.")
    return escalations.escalate(turn.store, turn.actor, incident.id, target, turn.trail, turn.now)


def _choices(turn: Turn, view: IncidentView) -> list[tuple[str, str]]:
    """List whom to page; where there are very many only those the incident's services name."""
    paging, store = view.paging, turn.store
    services = [s for i in view.incident.services if (s := store.catalog.service(i)) is not None]
    wanted = {policy for s in services if (policy := s.policy_for(view.incident.severity))}
    near = wanted | {team for s in services for team in (s.owner, s.operations) if team}
    first = [(NEXT, _next_step(view))] if wanted or (paging and paging.state is not None) else []
    if paging and paging.other_side:
        first.append((f"side:{paging.other_side}", bring_in(paging.other_side)))
    first.append((SOMEBODY, "The person chosen below"))
    teams = [(f"team:{t.id}", f"Team {t.name}", t.id) for t in store.catalog.teams()]
    schedules = [(f"schedule:{s.id}", f"On call for {s.id}", s.team) for s in store.schedules.all()]
    named = [(f"policy:{policy}", f"Policy {policy}", policy) for policy in policies(store)]
    rest = sorted([*teams, *schedules, *named], key=lambda choice: choice[2] not in near)
    return [*first, *((value, shown) for value, shown, _ in rest[: LISTED - len(first)])]


def _next_step(view: IncidentView) -> str:
    names = listed(view.paging.next_names, most=kit.NAMES) if view.paging else ""
    return f"Next step: {names}" if names else "The next step"


def _lead(turn: Turn, view: IncidentView) -> Person:
    """Find the lead of whoever owns the first service; where there is none, the asker."""
    service = turn.store.catalog.service(view.incident.services[0]) if view.incident.services else None
    team = turn.store.catalog.team(service.owner) if service else None
    lead = turn.store.people.by_handle(team.lead) if team and team.lead else None
    return lead if lead is not None and lead.active else turn.actor


FORM = Form(name="escalate", title="Escalate", draw=draw, verbs=(Verb(name="escalate.submit", run=submit),))
