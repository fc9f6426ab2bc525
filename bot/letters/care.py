"""The card of planned care in somebody's 1:1 chat, and the sentences that it is due, and that it is neglected."""

from datetime import datetime

from bot.cards import kit
from bot.cards.care import care_card, due_text, overdue_text, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered, reader_of
from usecases.care import people, telling
from usecases.care.views import care_view
from usecases.care_ports import CareCard
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card for its reader; one that nobody has to act on any more is not sent."""
    occurrence = store.care.occurrence(int(payload["occurrence"]))
    task = store.care.get(occurrence.task) if occurrence else None
    if occurrence is None or task is None:
        return None
    if "activity_id" not in payload and not (occurrence.is_open or occurrence.waits_for_sign_off(task)):
        return None
    reader = reader_of(store, payload)
    zone = reader.time_zone if reader else None
    view = care_view(store, task, occurrence, now)
    return kit.message(spoken(view, zone), care_card(view, zone, reader=reader))


def sent(store: Store, gone: Gone) -> None:
    """Remember where it stands: from now on it follows every change."""
    payload = gone.payload
    if gone.activity_id and "activity_id" not in payload:
        number, reader = int(payload["occurrence"]), int(payload["reader"])
        card = CareCard(occurrence_id=number, reader=reader, activity_id=gone.activity_id)
        telling.stands(store, card, drawn=int(payload["version"]))


def failed(store: Store, lost: Undelivered) -> None:
    """Tell the lead that somebody was not reached; a card that could not be brought up to date is no news."""
    occurrence, reader = store.care.occurrence(int(lost.payload["occurrence"])), reader_of(store, lost.payload)
    task = store.care.get(occurrence.task) if occurrence else None
    if task is None or reader is None or lost.unclear or "activity_id" in lost.payload:
        return
    lead = people.lead_of(store, task)
    if lead is not None and lead.id != reader.id:
        text = f"I could not tell {reader.name} about “{task.title}” ({task.ref}): {lost.reason}. Can you see to it?"
        telling.say_lead(store, task, text, key=f"care:{lost.payload['occurrence']}:untold:{reader.id}")


def draw_due(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Say that the moment comes, or has come; nothing once somebody has acted."""
    occurrence = store.care.occurrence(int(payload["occurrence"]))
    task = store.care.get(occurrence.task) if occurrence else None
    reader = reader_of(store, payload)
    if occurrence is None or task is None or reader is None or not occurrence.is_open:
        return None
    return kit.message(due_text(care_view(store, task, occurrence, now), reader.time_zone))


def draw_overdue(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Tell that nobody does it; nothing once somebody has."""
    task, reader = store.care.get(int(payload["task"])), reader_of(store, payload)
    occurrence = store.care.open_of(task.id) if task is not None else None
    if task is None or reader is None or occurrence is None or not (task.missed or occurrence.is_due(now)):
        return None
    view = care_view(store, task, occurrence, now)
    return kit.message(overdue_text(view, reader.time_zone, last=bool(payload["last"])))


LETTERS = (
    Letter(name=telling.CARD, draw=draw, sent=sent, failed=failed),
    Letter(name=telling.DUE, draw=draw_due),
    Letter(name=telling.OVERDUE, draw=draw_overdue),
)
