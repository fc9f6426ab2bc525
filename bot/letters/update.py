"""What stakeholders are told, and what an author gets back that was not approved."""

from dataclasses import replace
from datetime import datetime

from bot.cards import kit
from bot.cards.update import returned_card, returned_words, spoken, update_card
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered
from domain.conversation import THREAD_MARK, ConversationKind, Place
from domain.update import DeliveryWay, UpdateState
from usecases import letters
from usecases.ports import Store
from usecases.updates import delivering
from usecases.updates.returning import RETURNED
from usecases.updates.sending import LETTER
from usecases.updates.words import update_view


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the message: in the reader's zone in a 1:1 chat, in UTC where several people read it."""
    delivery = store.updates.delivery(int(payload["delivery"]))
    update = store.updates.get(delivery.update_id) if delivery else None
    view = update_view(store, update, now) if update else None
    if delivery is None or view is None:
        return None
    person = store.people.by_object_id(payload["object_id"]) if delivery.way is DeliveryWay.CHAT else None
    zone = person.time_zone if person else None
    return kit.message(spoken(view, zone), update_card(view, zone))


def where(store: Store, payload: Payload) -> Place | None:
    """Find the thread: of the first update there, else of the incident's card."""
    delivery = store.updates.delivery(int(payload["delivery"]))
    if delivery is None or delivery.way is not DeliveryWay.POST:
        return None
    first = store.updates.thread_of(delivery.incident_id, delivery.target)
    if first is not None:
        return replace(letters.channel_at(store, delivery.target), conversation_id=first)
    cards = store.cards.of_incident(delivery.incident_id)
    return next((card.place for card in cards if card.place.base_id == delivery.target), None)


def _sent(store: Store, gone: Gone) -> None:
    conversation = gone.place.conversation_id
    if gone.place.kind is ConversationKind.CHANNEL and not gone.place.thread_root and gone.activity_id:
        conversation = f"{conversation}{THREAD_MARK}{gone.activity_id}"
    number = int(gone.payload["delivery"])
    delivering.delivered(store, number, gone.at, conversation_id=conversation, activity_id=gone.activity_id)


def _failed(store: Store, undelivered: Undelivered) -> None:
    number = int(undelivered.payload["delivery"])
    delivering.undelivered(store, number, undelivered.reason, undelivered.at, unclear=undelivered.unclear)


def draw_returned(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Give an update back to its author; nothing where they have asked again meanwhile."""
    update = store.updates.get(int(payload["update"]))
    view = update_view(store, update, now) if update else None
    if update is None or view is None or update.state is not UpdateState.RETURNED:
        return None
    if update.version != payload["version"]:
        return None
    return kit.message(returned_words(view, payload["why"]), returned_card(view, payload["why"]))


LETTERS = (
    Letter(name=LETTER, draw=draw, sent=_sent, failed=_failed, where=where),
    Letter(name=RETURNED, draw=draw_returned),
)
