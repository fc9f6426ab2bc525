"""The question whether somebody swaps shifts, and how it ended."""

from datetime import datetime

from bot.cards import kit
from bot.cards.swap import spoken, swap_card
from bot.letters.letter import Activity, Letter, Payload, Undelivered
from domain.errors import Unknown
from domain.swap import SwapState
from usecases import letters, swaps
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card for its reader; a question that was answered or withdrawn before it left is not sent."""
    try:
        shown = swaps.view(store, int(payload["swap"]), now)
    except Unknown:
        return None
    if shown.swap.state != payload["state"]:
        return None
    reader = shown.asker if int(payload["reader"]) == shown.swap.asker else shown.other
    return kit.message(spoken(shown, reader), swap_card(shown, reader))


def _failed(store: Store, undelivered: Undelivered) -> None:
    """Tell the asker that the other person was not asked."""
    payload = undelivered.payload
    if payload["state"] != SwapState.ASKED or "activity_id" in payload:
        return
    shown = swaps.unasked(store, int(payload["swap"]), undelivered.at)
    text = f"I could not ask {shown.other.name} about the swap on {shown.swap.schedule}: {undelivered.reason}."
    letters.say_to_person(store, shown.asker, text, key=f"swap:{shown.swap.id}:unasked")


LETTER = Letter(name=swaps.LETTER, draw=draw, failed=_failed)
