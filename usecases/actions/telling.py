"""What people hear of action items: a card in the owner's chat, kept true, and a sentence for the lead."""

from domain.action import Action
from domain.people import Person
from usecases import letters
from usecases.action_ports import ActionCard
from usecases.ports import Store

CARD = "action"
"""Letter: the card of an action item for `reader`."""


def show(store: Store, action: Action, reader: Person, *, why: str) -> None:
    """Send somebody the card, once for each reason."""
    subject = f"action:{action.id}"
    letters.show_in_chat(store, reader, CARD, subject=subject, version=action.version, why=why, action=action.id)


def redraw(store: Store, action: Action) -> None:
    """Bring every card of it up to date where it stands."""
    for card in store.actions.cards(action.id):
        redraw_card(store, action, card)


def redraw_card(store: Store, action: Action, card: ActionCard) -> None:
    """Bring one card up to date."""
    letters.draw_again_in_chat(
        store,
        card.reader,
        card.activity_id,
        CARD,
        subject=f"action:{action.id}",
        version=action.version,
        action=action.id,
    )


def stands(store: Store, card: ActionCard, *, drawn: int) -> None:
    """Remember where a card stands, and draw it again where anything has changed since version `drawn`."""
    store.actions.stands(card)
    action = store.actions.get(card.action_id)
    if action is not None and action.version > drawn:
        redraw_card(store, action, card)
