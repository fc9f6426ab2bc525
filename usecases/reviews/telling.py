"""What people see of a review: cards in chats, all kept true. In its thread the incident's own card says how it stands."""

from domain.conversation import ConversationKind, Place
from domain.people import Person
from domain.review import Review
from usecases import letters
from usecases.ports import Store
from usecases.review_ports import ReviewCard

CARD = "review"
"""Letter: the card of a review for `reader`; None: for several."""


def show(store: Store, review: Review, reader: Person, *, why: str) -> None:
    """Send somebody the card, once for each reason."""
    subject = f"review:{review.id}"
    letters.show_in_chat(store, reader, CARD, subject=subject, version=review.version, why=why, review=review.id)


def redraw(store: Store, review: Review, *, because: str = "") -> None:
    """Bring every card of it up to date where it stands; lanes are locked in one order."""
    for card in sorted(store.reviews.cards(review.id), key=lambda card: card.place.lane):
        redraw_card(store, review, card, because=because)


def redraw_card(store: Store, review: Review, card: ReviewCard, *, because: str = "") -> None:
    """Bring one card up to date."""
    draw_again(store, review, card.place, card.activity_id, card.reader, because=because)


def draw_again(
    store: Store, review: Review, place: Place, activity_id: str, reader: int | None, *, because: str = ""
) -> None:
    """Bring a message that shows it up to date; `because` of something that is no change of the review itself."""
    where = f"review:{review.id}:at:{place.lane}:{activity_id}"
    letters.draw_again(
        store,
        place,
        activity_id,
        CARD,
        key=f"{where}:v{review.version}{because}",
        coalesce=where,
        version=review.version,
        review=review.id,
        reader=reader,
    )


def stands(store: Store, card: ReviewCard, *, drawn: int) -> None:
    """Remember where a card stands, and draw it again where anything has changed since version `drawn`."""
    store.reviews.stands(card)
    review = store.reviews.get(card.review_id)
    if review is not None and review.version > drawn:
        redraw_card(store, review, card)


def follows(store: Store, review: Review, place: Place, activity_id: str, reader: int | None) -> None:
    """Let a message follow in which somebody was shown the review, and has pressed a button."""
    if all(card.activity_id != activity_id for card in store.reviews.cards(review.id)):
        alone = place.kind is ConversationKind.PERSONAL
        card = ReviewCard(review_id=review.id, reader=reader if alone else None, place=place, activity_id=activity_id)
        store.reviews.stands(card)
        redraw_card(store, review, card)
