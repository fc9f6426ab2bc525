"""Sending an update: one message for each place, person and address, and a line on the timeline."""

from datetime import datetime

from domain import incident as steps
from domain import update as update_steps
from domain.incident import Incident
from domain.people import BOT_ID, Person
from domain.timeline import EntryKind, NewEntry
from domain.update import DeliveryWay, Update, UpdateDelivery
from usecases import followups, letters, log, status_cards
from usecases.incident_change import Change
from usecases.incidents import Trail
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import Store
from usecases.updates.reach import Destination, Reach
from usecases.wording import listed

LETTER = "stakeholder_update"
"""The letter that tells stakeholders; its payload names `delivery`."""
EMAIL = "update_email"
"""What a message asks for that goes by mail: {"do": "update_email", "delivery": id}."""


def send(  # noqa: PLR0917 - everything that is known of a message
    store: Store, incident: Incident, update: Update, reach: Reach, author: Person | None, trail: Trail, now: datetime
) -> Incident:
    """Send a stored update of a locked incident; return the incident as it is now."""
    sent = update_steps.send(update, reach.names, now)
    store.updates.save(sent, seen=update.version)
    entry = NewEntry(EntryKind.UPDATE_SENT, _sentence(sent, reach, author), {"update": sent.id})
    changed = steps.tell_stakeholders(incident, entry, now, promised_at=sent.next_at)
    store.incidents.save(changed.incident, seen=incident.version)
    actor = author.id if author else BOT_ID
    written = log.append(store, changed, now, actor=actor, source=trail.source, activity=trail.activity)
    if author is not None:
        change = Change(before=incident, after=changed.incident, kind=written.kind, actor=author, now=now)
        followups.follow(store, change)
    status_cards.redraw(store, changed.incident)
    for destination in reach.destinations:
        _deliver(store, sent, destination)
    return changed.incident


def _sentence(update: Update, reach: Reach, author: Person | None) -> str:
    if author is None:
        whom = f"{listed(update.audiences)} " if update.audiences else ""
        return f"Told {whom}that it is resolved: everybody who was told before.{reach.missing}"
    return f"{author.name} sent an update to {reach.told}: “{update.text}”{reach.missing}"


def _deliver(store: Store, update: Update, to: Destination) -> None:
    row = store.updates.add_delivery(
        UpdateDelivery(
            id=0, update_id=update.id, incident_id=update.incident_id, way=to.way, target=to.target, name=to.name
        )
    )
    key, about = f"update:{update.id}:{row.id}", update.incident_id
    # Read twice an update does no harm, unread it does.
    again = MessageClass.CARD
    if to.person is not None:
        letters.to_person(store, to.person, LETTER, key=key, message_class=again, incident_id=about, delivery=row.id)
    elif to.place is not None:
        letters.to_place(store, to.place, LETTER, key=key, message_class=again, incident_id=about, delivery=row.id)
    elif to.way is DeliveryWay.EMAIL:
        store.outbox.enqueue(
            NewMessage(
                lane=f"email:{to.target}",
                tenant_id="",
                dedupe_key=key,
                message_class=MessageClass.CHATTER,
                payload={"do": EMAIL, "delivery": row.id},
                incident_id=about,
            )
        )
