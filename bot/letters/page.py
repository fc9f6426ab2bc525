"""The page itself: a card for the one who is paged, brought up to date when somebody takes it."""

from datetime import datetime

from bot.cards.page import page_activity
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered
from usecases import paging
from usecases.ledger import PAGE
from usecases.page_view import page_view
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw it as it stands; None where it is about to be sent and nobody needs to answer any more."""
    page = store.pages.get(int(payload["page"]))
    view = page_view(store, page, now) if page else None
    if page is None or view is None:
        return None
    if "activity_id" in payload:
        return page_activity(view)
    if not view.unsent:
        return None
    # The feed item and the sound of a message from a person; what somebody has set in Teams wins.
    return {**page_activity(view), "channelData": {"notification": {"alert": True}}}


def sent(store: Store, gone: Gone) -> None:
    """Write into the ledger that Teams has taken it."""
    paging.delivered(store, int(gone.payload["page"]), gone.place, gone.activity_id, gone.attempts, gone.at)


def failed(store: Store, undelivered: Undelivered) -> None:
    """Write down why nothing arrived: this is where another way is tried."""
    paging.undelivered(
        store,
        int(undelivered.payload["page"]),
        undelivered.reason,
        undelivered.attempts,
        undelivered.at,
        unclear=undelivered.unclear,
    )


def dropped(store: Store, payload: Payload, now: datetime) -> None:
    """Write down that nobody needed it any more."""
    paging.not_needed(store, int(payload["page"]), now)


def vanished(store: Store, payload: Payload, now: datetime) -> None:
    """Page anew what was to be added to it."""
    paging.vanished(store, int(payload["page"]), now)


LETTER = Letter(name=PAGE, draw=draw, sent=sent, failed=failed, dropped=dropped, vanished=vanished)
