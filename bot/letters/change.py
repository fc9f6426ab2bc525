"""The card of a change where it was recorded, and the question to its author how it went."""

from datetime import datetime

from bot.cards import kit
from bot.cards.change import change_card, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload
from domain.change import ChangeState
from domain.errors import Unknown
from usecases.change_ports import ChangeCard
from usecases.changes import telling
from usecases.changes.views import change_view
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card as it is now; a question that was answered before it left is not sent."""
    try:
        view = change_view(store, int(payload["change"]), now)
    except Unknown:
        return None
    planned = view.change.state is ChangeState.PLANNED
    asks = bool(payload.get("outcome"))
    if asks and not planned:
        return None
    reader = store.people.many([payload["reader"]]).get(payload["reader"]) if payload["reader"] else None
    text = f"How did it go? {spoken(view)}" if asks else spoken(view)
    return kit.message(text, change_card(view, reader, question=asks))


def _sent(store: Store, gone: Gone) -> None:
    """Remember where it stands, unless it stood there before."""
    payload = gone.payload
    if "activity_id" in payload or gone.activity_id is None:
        return
    card = ChangeCard(
        change_id=int(payload["change"]), place=gone.place, reader=payload["reader"], activity_id=gone.activity_id
    )
    telling.stands(store, card, drawn=int(payload["version"]))


LETTER = Letter(name=telling.CARD, draw=draw, sent=_sent)
