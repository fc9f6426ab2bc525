"""The card of a change: put up where it was recorded, and kept true wherever it stands."""

from domain.change import Change
from domain.conversation import ConversationKind, Place
from domain.people import Person
from usecases import letters
from usecases.change_ports import ChangeCard
from usecases.outbox import MessageClass
from usecases.ports import Store

CARD = "change"
"""The letter; payload: `change`, `reader` (None: several people read it) and the `version` it was written for."""


def stand(store: Store, change: Change, place: Place, author: Person) -> None:
    """Put the card where the change was recorded."""
    letters.to_place(
        store,
        place,
        CARD,
        key=f"change:{change.id}:at:{place.conversation_id}",
        message_class=MessageClass.CARD,
        change=change.id,
        reader=author.id if place.kind is ConversationKind.PERSONAL else None,
        version=change.version,
    )


def ask_outcome(store: Store, change: Change, author: Person) -> None:
    """Send the card to its author, who is asked how it went."""
    letters.to_person(
        store,
        author,
        CARD,
        key=f"change:{change.id}:outcome",
        # Buttons are safe to press twice, so a doubled question does no harm; a lost one does.
        message_class=MessageClass.CARD,
        change=change.id,
        reader=author.id,
        version=change.version,
        outcome=True,
    )


def redraw(store: Store, change: Change) -> None:
    """Bring every card up to date where it stands."""
    for card in store.changes.cards(change.id):
        _redraw(store, change, card)


def stands(store: Store, card: ChangeCard, *, drawn: int) -> None:
    """Remember where a card stands, and draw it again where the change is another since version `drawn`."""
    store.changes.stands(card)
    change = store.changes.get(card.change_id)
    if change is not None and change.version > drawn:
        _redraw(store, change, card)


def _redraw(store: Store, change: Change, card: ChangeCard) -> None:
    where = f"change:{change.id}:{card.place.base_id}:{card.activity_id}"
    letters.draw_again(
        store,
        card.place,
        card.activity_id,
        CARD,
        key=f"{where}:v{change.version}",
        coalesce=where,
        version=change.version,
        change=change.id,
        reader=card.reader,
    )
