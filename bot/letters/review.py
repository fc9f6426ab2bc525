"""The card of a review: in its owner's chat, with those who sign it off, and where somebody has asked for it."""

from datetime import datetime

from bot.cards import kit
from bot.cards.review import review_card, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered, reader_of
from domain.review import ReviewState
from usecases import letters, targets
from usecases.ports import Store
from usecases.review_ports import ReviewCard
from usecases.reviews import review_view, telling


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card for its reader; one that nobody has to act on any more is not sent."""
    review, again = store.reviews.get(int(payload["review"])), "activity_id" in payload
    if review is None:
        gone = "This review was put together with another one. Write `review` and an incident’s name to see it."
        return kit.message(gone, kit.sentence_card(gone)) if again else None
    if not again and review.state is ReviewState.CLOSED:
        return None
    reader = reader_of(store, payload)
    view = review_view(store, review, now)
    return kit.message(spoken(view), review_card(view, reader.time_zone if reader else None))


def sent(store: Store, gone: Gone) -> None:
    """Remember where it stands: from now on it follows every change."""
    payload = gone.payload
    number, reader = int(payload["review"]), payload["reader"]
    if gone.activity_id and "activity_id" not in payload and store.reviews.get(number) is not None:
        card = ReviewCard(review_id=number, reader=reader, place=gone.place, activity_id=gone.activity_id)
        telling.stands(store, card, drawn=int(payload["version"]))


def failed(store: Store, lost: Undelivered) -> None:
    """Tell the lead that somebody was not reached; a card that could not be brought up to date is no news."""
    review, reader = store.reviews.get(int(lost.payload["review"])), reader_of(store, lost.payload)
    if review is None or reader is None or lost.unclear or "activity_id" in lost.payload:
        return
    lead = targets.lead_of(store, reader)
    if lead is not None:
        text = f"I could not tell {reader.name} of {review.name}: {lost.reason}."
        key = f"review:{review.id}:untold:{lost.payload['version']}:{reader.id}"
        letters.say_to_person(store, lead, text, key=key, incident_id=review.incidents[0])


LETTER = Letter(name=telling.CARD, draw=draw, sent=sent, failed=failed)
