"""The handoff card in the 1:1 chat of each of its two people, and the reminder that it waits."""

from datetime import datetime

from bot.cards import kit
from bot.cards.handoff import handoff_card, reminder, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered
from domain.handoff import HandoffState
from usecases import handoffs
from usecases.handoffs import CARD, REMINDER, telling, words
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card as its reader should see it now."""
    handoff = store.handoffs.get(int(payload["handoff"]))
    if handoff is None:
        return None
    view = handoffs.handoff_view(store, handoff, now)
    reader = view.outgoing if int(payload["reader"]) == view.outgoing.id else view.incoming
    return kit.message(spoken(view, reader.time_zone), handoff_card(view, reader, zone=reader.time_zone))


def sent(store: Store, gone: Gone) -> None:
    """Remember where it stands: from now on it follows every change."""
    if gone.activity_id and not gone.payload.get("activity_id"):
        telling.stands(
            store,
            int(gone.payload["handoff"]),
            int(gone.payload["reader"]),
            gone.activity_id,
            drawn=int(gone.payload["version"]),
        )


def failed(store: Store, lost: Undelivered) -> None:
    """Tell the lead that somebody was not asked; a card that could not be brought up to date is no news."""
    handoff = store.handoffs.get(int(lost.payload["handoff"]))
    if handoff is None or not handoff.is_open or lost.unclear or lost.payload.get("activity_id"):
        return
    person = store.people.many([int(lost.payload["reader"])])[int(lost.payload["reader"])]
    telling.say_lead(
        store,
        store.schedules.get(handoff.schedule),
        handoff,
        f"undelivered:{person.id}",
        lambda reader: words.undelivered(handoff, person, reader, lost.reason),
    )


def draw_reminder(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Say that it waits; nothing once it was answered."""
    handoff = store.handoffs.get(int(payload["handoff"]))
    if handoff is None or handoff.state is not HandoffState.OFFERED:
        return None
    return kit.message(reminder(handoffs.handoff_view(store, handoff, now)))


LETTERS = (Letter(name=CARD, draw=draw, sent=sent, failed=failed), Letter(name=REMINDER, draw=draw_reminder))
