"""The list of incidents, and its buttons."""

from collections.abc import Mapping
from typing import Any

from bot.cards import carried, kit
from bot.turn import Answer, Card, Reply, Turn, Verb
from domain.incident import Incident, Role
from usecases.ports import IncidentFilter
from usecases.views import ListView

SERVICES_SHOWN = 3  # in a row; the incident's own card names all
_HEADINGS = {"open": "Open incidents", "mine": "My open incidents", "all": "All incidents"}


def list_card(view: ListView, which: str, zone: str | None) -> Card:
    """Draw one page; each row opens its incident."""
    heading = _HEADINGS[which]
    if view.wanted.service:
        heading += f" of {kit.plain(view.services.get(view.wanted.service, view.wanted.service))}"
    body = [kit.block(heading, weight="Bolder", size="Large", style="heading")]
    body += [_row(view, incident, zone) for incident in view.incidents]
    if not view.incidents:
        body.append(kit.block("There are none. Write “declare” and a title to begin one."))
    actions = [kit.execute("Declare incident", "declare.open", {})]
    if view.next_before is not None:
        more = {"which": which, "service": view.wanted.service, "before": view.next_before}
        actions.insert(0, kit.execute("Older", "incidents.page", more))
    speak = f"{_HEADINGS[which]}: " + (
        "; ".join(f"{i.ref} {kit.shortened(i.title, 60)}" for i in view.incidents) or "none"
    )
    return kit.card(body, speak=speak, actions=actions, wide=True)


def _row(view: ListView, incident: Incident, zone: str | None) -> Card:
    sign = kit.SEVERITY_SIGN[incident.severity]
    state = f"{sign} SEV{incident.severity} {kit.plain(view.severity_names[incident.severity])}  ·  {incident.status.capitalize()}"
    details = [f"declared {kit.moment(incident.declared_at, zone, view.now)}"]
    named = [kit.plain(view.services.get(s, s)) for s in incident.services]
    details += (
        named if len(named) <= SERVICES_SHOWN else [*named[:SERVICES_SHOWN], f"{len(named) - SERVICES_SHOWN} more"]
    )
    commander = view.people.get(incident.roles.get(Role.COMMANDER, -1))
    if commander:
        details.append(f"commander {kit.plain(commander.name)}")
    return kit.container(
        [
            kit.block(f"**{incident.ref}**  ·  {state}  ›", size="Small"),
            kit.block(kit.plain(incident.title), spacing="None", weight="Bolder"),
            kit.block("  ·  ".join(details), size="Small", isSubtle=True, spacing="None"),
        ],
        separator=True,
        selectAction=kit.execute(f"Open {incident.ref}", "incident.view", {"incident": incident.id}),
    )


def _page(turn: Turn, data: Mapping[str, Any]) -> Answer:
    which = next((word for word in _HEADINGS if word == data.get("which")), "open")
    service = data.get("service")
    wanted = IncidentFilter(
        open_only=which != "all",
        person_id=turn.actor.id if which == "mine" else None,
        service=service if isinstance(service, str) else None,
        before=carried.number(data, "before"),
        limit=10,
    )
    view = turn.incidents.list(wanted)
    return Reply(text=_HEADINGS[which], card=list_card(view, which, turn.zone))


VERBS = (Verb(name="incidents.page", run=_page, kind="view"),)
