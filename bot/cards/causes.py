"""The changes around an incident, each with a button that links it as the cause."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.cards import kit
from bot.cards.change import STATE, change_in
from bot.cards.change_lines import change_row
from bot.cards.changes import carried_position, position_in
from bot.cards.incident import incident_of, press_result
from bot.turn import Answer, Card, Reply, Turn, Verb
from usecases.changes import causes
from usecases.changes.beside import around
from usecases.changes.views import ChangePage, change_page
from usecases.incidents import Result
from usecases.views import IncidentView
from usecases.wording import listed

PAGE = 4
"""Rows; each has a button, and six on a card are the most."""


def causes_card(view: IncidentView, page: ChangePage, zone: str | None) -> Card:
    """Draw one page, the latest first."""
    incident, cause = view.incident, view.changes.cause if view.changes else None
    names = kit.plain(listed([service.name for service in view.services], most=kit.NAMES))
    body = [kit.block(f"Changes on {names} around {incident.ref}", weight="Bolder", size="Large", style="heading")]
    if cause is not None:
        body.append(kit.block(f"**Cause:** {cause.name}, {kit.plain(cause.title)} ({STATE[cause.state].lower()})"))
    for change in page.changes:
        row = change_row(change, page.services[change.service], page.author_of(change), zone, page.now)
        about = {"incident": incident.id, "change": change.id}
        link = {"type": "ActionSet", "actions": [kit.execute("Link as cause", "change.link", about)]}
        body.append(kit.container([*row, *([] if cause else [link])], separator=True))
    if not page.changes:
        body.append(kit.block("Nothing changed from 24 h before it was declared."))
    return kit.card(body, speak=f"Changes around {incident.ref}", actions=_buttons(view, page), wide=True)


def _buttons(view: IncidentView, page: ChangePage) -> list[Card]:
    incident, cause = view.incident, view.changes.cause if view.changes else None
    buttons: list[Card] = []
    if page.more:
        buttons.append(kit.execute("Older", "incident.changes", {"incident": incident.id, **carried_position(page)}))
    if cause is not None:
        about = {"incident": incident.id, "change": cause.id}
        buttons.append(kit.execute(f"Unlink {cause.name}", "change.unlink", about))
    return [*buttons, kit.execute("Back to status", "incident.view", {"incident": incident.id})]


def _show(turn: Turn, data: Mapping[str, Any]) -> Answer:
    view = turn.incidents.show(turn.actor, incident_of(data))
    if not view.services:
        return press_result(turn, Result(view, f"{view.incident.ref} names no service, so no change belongs to it."))
    page = change_page(turn.store, around(view.incident, turn.now, limit=PAGE, before=position_in(data)), turn.now)
    return Reply(text=f"Changes around {view.incident.ref}", card=causes_card(view, page, turn.zone))


def _linking(link: Callable[..., str]) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        incident_id = incident_of(data)
        said = link(turn.store, turn.actor, incident_id, change_in(data), trail=turn.trail, now=turn.now)
        return press_result(turn, Result(turn.incidents.show(turn.actor, incident_id), said))

    return run


VERBS = (
    Verb(name="incident.changes", run=_show, kind="view"),
    Verb(name="change.link", run=_linking(causes.link)),
    Verb(name="change.unlink", run=_linking(causes.unlink)),
)
