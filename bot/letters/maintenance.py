"""The card of a maintenance window, in channels and chats, and what is said in the threads below it."""

from dataclasses import replace
from datetime import datetime

from bot.cards import kit
from bot.cards.maintenance import maintenance_card, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered
from bot.transport.addressing import thread_of
from domain.conversation import Place
from domain.people import Person
from usecases import maintenance
from usecases.maintenance import telling
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card as it is true now."""
    window = store.maintenance.get(int(payload["maintenance"]))
    if window is None:
        return None
    reader = _person(store, payload["reader"])
    view = maintenance.maintenance_view(store, window, now)
    return kit.message(spoken(view, reader.time_zone if reader else None), maintenance_card(view, reader))


def sent(store: Store, gone: Gone) -> None:
    """Remember where it stands: from now on it follows every change, and what is said hangs under it."""
    payload = gone.payload
    if not gone.activity_id or "activity_id" in payload:
        return
    drawn = int(payload["version"])
    if payload.get("post") is not None:
        telling.stands(store, int(payload["post"]), gone.activity_id, drawn=drawn)
    else:
        telling.stands_in_chat(
            store, int(payload["maintenance"]), int(payload["reader"]), gone.place, gone.activity_id, drawn=drawn
        )


def failed(store: Store, lost: Undelivered) -> None:
    """Tell the leads that their channel hears nothing; a card that could not be brought up to date is no news."""
    window = store.maintenance.get(int(lost.payload["maintenance"]))
    if window is not None and lost.payload.get("post") is not None and "activity_id" not in lost.payload:
        telling.unposted(store, window, int(lost.payload["post"]), lost.reason)


def failed_root(store: Store, lost: Undelivered) -> None:
    """Tell the leads, and post again with the next news what did not arrive."""
    failed(store, lost)
    if lost.payload.get("post") is not None and "activity_id" not in lost.payload:
        telling.lost(store, int(lost.payload["post"]))


def draw_note(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Say what happened; remind of nothing that was moved or called off before the reminder could leave."""
    del now
    window = store.maintenance.get(int(payload["maintenance"]))
    if window is None or payload["plan"] not in (None, window.plan):
        return None
    text, mention = str(payload["text"]), _person(store, payload["mention"])
    return kit.mentioning(mention, text) if mention else kit.message(text)


def thread(store: Store, payload: Payload) -> Place | None:
    """Tell in which thread a note belongs: its channel's lane has sent the post before it."""
    post = store.maintenance.post(int(payload["post"])) if payload["post"] is not None else None
    if post is None or not post.activity_id:
        return None
    return replace(post.place, conversation_id=thread_of(post.place.conversation_id, post.activity_id))


def _person(store: Store, person_id: int | None) -> Person | None:
    return None if person_id is None else store.people.many([int(person_id)]).get(int(person_id))


LETTERS = (
    Letter(name=maintenance.CARD, draw=draw, sent=sent, failed=failed_root),
    Letter(name=maintenance.NOTE, draw=draw_note, where=thread, failed=failed),
)
