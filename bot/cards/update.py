"""What stakeholders read of an incident, and an update that came back to its author."""

from collections.abc import Mapping
from typing import Any

from bot.cards import carried, kit
from bot.turn import Answer, Card, OpenForm, Turn, Verb
from domain.errors import Refused
from usecases.updates import writing
from usecases.updates.words import UpdateView

SPOKEN = 300
"""Characters of an update in a notification; the card has them all."""


def update_card(view: UpdateView, zone: str | None) -> Card:
    """Draw an update for one reader's `zone`, for several readers in UTC. It has no buttons: nobody has to do anything."""
    incident, update = view.incident, view.update
    sign = kit.SEVERITY_SIGN[incident.severity]
    state = f"{sign} SEV{incident.severity} {kit.plain(view.severity_name)}  ·  {incident.status.capitalize()}"
    side = {
        "type": "Column",
        "width": "auto",
        "items": [kit.block(incident.ref, size="Small", horizontalAlignment="Right")],
    }
    title = kit.block(kit.plain(incident.title), size="Large", weight="Bolder", style="heading", spacing="Small")
    style = kit.SEVERITY_STYLE[incident.severity] if incident.is_open else "good"
    band = kit.container(
        [kit.columns([kit.block(state, weight="Bolder", size="Small")], side), title], style=style, bleed=True
    )
    pairs = [("Affected", ", ".join(map(kit.plain, view.services)))] if view.services else []
    pairs.append(("Next update", view.promise(zone)))
    sent = kit.moment(update.sent_at or view.now, zone, view.now, named=False)
    by = f", {kit.plain(view.author)}" if view.author else ""
    body = [
        band,
        kit.block(kit.plain(view.text(zone)), spacing="Medium"),
        kit.facts(pairs, separator=True, spacing="Medium"),
        kit.block(f"Sent {sent}{by}", size="Small", isSubtle=True, spacing="Small"),
    ]
    return kit.card(body, speak=spoken(view, zone), wide=True)


def spoken(view: UpdateView, zone: str | None) -> str:
    """Say an update for notifications and screen readers."""
    return f"Update on {view.headline}. {kit.shortened(view.text(zone), SPOKEN)}"


def returned_card(view: UpdateView, why: str) -> Card:
    """Draw an update that was not sent, for its author: nothing of it is lost."""
    body = [
        kit.block(f"The update of {view.incident.ref} was not sent", weight="Bolder", size="Medium", style="heading"),
        kit.block(kit.plain(why)),
        kit.container(
            [kit.label("You wrote"), kit.block(kit.plain(view.update.text), spacing="Small")], style="emphasis"
        ),
    ]
    actions = []
    if view.incident.is_open:
        actions.append(kit.execute("Edit and ask again", "update.edit", {"update": view.update.id}, style="positive"))
    return kit.card(body, speak=returned_words(view, why), actions=actions)


def returned_words(view: UpdateView, why: str) -> str:
    """Say that an update was not sent, and why."""
    return f"The update of {view.incident.ref} was not sent. {why}"


# -- the buttons ------------------------------------------------------------------------------------------------------


def update_of(data: Mapping[str, Any]) -> int | None:
    """Read which update a form or a button is about; None: a new one."""
    return carried.number(data, "update")


def _edit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    number = update_of(data)
    if number is None:
        raise Refused("This card does not say which update it belongs to. Write `update` to send one.")
    update = writing.to_edit(turn.store, turn.actor, number)
    values = {"incident": update.incident_id, "update": update.id, "text": update.text, "embedded": True}
    return OpenForm(name="update", values=values)


VERBS = (Verb(name="update.edit", run=_edit, kind="view"),)
