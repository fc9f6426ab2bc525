"""The card of an action item in its owner's 1:1 chat."""

from datetime import datetime

from bot.cards import kit
from bot.cards.action import action_card, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered, reader_of
from usecases import letters, targets
from usecases.action_ports import ActionCard
from usecases.actions import telling
from usecases.actions.views import action_view
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card for its reader; one that nobody has to act on any more is not sent."""
    action = store.actions.get(int(payload["action"]))
    if action is None or ("activity_id" not in payload and not action.is_open):
        return None
    reader = reader_of(store, payload)
    view = action_view(store, action, now)
    return kit.message(spoken(view), action_card(view, reader.time_zone if reader else None))


def sent(store: Store, gone: Gone) -> None:
    """Remember where it stands: from now on it follows every change."""
    payload = gone.payload
    if gone.activity_id and "activity_id" not in payload:
        number, reader = int(payload["action"]), int(payload["reader"])
        card = ActionCard(action_id=number, reader=reader, activity_id=gone.activity_id)
        telling.stands(store, card, drawn=int(payload["version"]))


def failed(store: Store, lost: Undelivered) -> None:
    """Tell the lead that somebody was not reached; a card that could not be brought up to date is no news."""
    action, reader = store.actions.get(int(lost.payload["action"])), reader_of(store, lost.payload)
    if action is None or reader is None or lost.unclear or "activity_id" in lost.payload:
        return
    lead = targets.lead_of(store, reader)
    if lead is not None:
        text = f"I could not remind {reader.name} of “{action.title}” ({action.name.lower()}): {lost.reason}."
        letters.say_to_person(store, lead, text, key=f"action:{action.id}:untold:{lost.payload['version']}:{reader.id}")


LETTER = Letter(name=telling.CARD, draw=draw, sent=sent, failed=failed)
