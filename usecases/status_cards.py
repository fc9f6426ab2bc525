"""Status cards in conversations: put up once, redrawn with every change, taken along when they are asked for again."""

from domain.conversation import ConversationKind, Place
from domain.incident import Incident
from usecases.letters import place_json
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import PostedCard, Store

REDRAW_PAUSE_MS = (
    1_000  # ours: a later redraw takes away a form somebody has just opened in the card; lanes keep the rate
)


def stand(
    store: Store, incident: Incident, place: Place, *, activity_id: str | None = None, original: bool = True
) -> PostedCard:
    """Put an incident's status card into a conversation; from now on it follows every change."""
    card = store.cards.add(
        PostedCard(id=0, incident_id=incident.id, place=place, activity_id=activity_id, original=original)
    )
    _draw(store, incident, card, key=f"card:{card.id}:first")
    return card


def stand_again(store: Store, incident: Incident, place: Place) -> None:
    """Show the live card further down. In a chat it moves; a channel keeps the post that its thread hangs on."""
    for card in store.cards.of_incident(incident.id):
        keeps = card.original and place.kind is ConversationKind.CHANNEL
        if card.place.lane == place.lane and not keeps:
            _retire(store, incident, card)
    stand(store, incident, place, original=False)


def adopt(store: Store, card: PostedCard, place: Place, activity_id: str) -> None:
    """Let a double of a card follow too. It exists because Teams' answer to the first post was lost."""
    if card.activity_id in (None, activity_id):
        return  # the first post is still on its way, or this is the card itself
    incident = store.incidents.get(card.incident_id)
    if incident is not None and store.cards.at(place.base_id, activity_id) is None:
        stand(store, incident, place, activity_id=activity_id, original=False)  # drawn too: it may be old by now


def redraw(store: Store, incident: Incident, *, because: str = "") -> None:
    """Bring every card of an incident up to date; lanes are locked in one order, so two turns cannot deadlock.

    `because` of something that is no change of the incident's own version.
    """
    # Where nothing arrives it was said once: the failure stands on the card until somebody writes there again.
    for card in sorted(store.cards.reachable(incident.id), key=lambda c: c.place.lane):
        _draw(store, incident, card, key=f"card:{card.id}:v{incident.version}{because}")


def home_of(store: Store, incident_id: int) -> Place | None:
    """Tell where an incident is talked about: where it was declared, in the thread of its card where there is one."""
    cards = store.cards.of_incident(incident_id)
    first = next((card for card in cards if card.original), cards[0] if cards else None)
    return first.place if first else None


def _retire(store: Store, incident: Incident, card: PostedCard) -> None:
    store.cards.remove(card.id)
    if card.activity_id is None:
        return
    store.outbox.enqueue(
        NewMessage(
            lane=card.place.lane,
            tenant_id=card.place.tenant_id,
            dedupe_key=f"card:{card.id}:moved",
            message_class=MessageClass.CARD,
            payload={
                "do": "moved",
                "place": place_json(card.place),
                "activity_id": card.activity_id,
                "ref": incident.ref,
            },
            incident_id=incident.id,
        )
    )


def _draw(store: Store, incident: Incident, card: PostedCard, *, key: str) -> None:
    store.outbox.enqueue(
        NewMessage(
            lane=card.place.lane,
            tenant_id=card.place.tenant_id,
            dedupe_key=key,
            message_class=MessageClass.CARD,
            payload={"do": "draw", "card": card.id},
            coalesce_key=f"card:{card.id}",
            version=incident.version,
            incident_id=incident.id,
            not_before_ms=card.sent_at_ms + REDRAW_PAUSE_MS if card.sent_at_ms else 0,
        )
    )
