"""The card that asks for a decision, wherever it stands, and the reminder that it waits."""

from datetime import datetime

from bot.cards import kit
from bot.cards.approval import approval_card, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered, reader_of
from usecases import letters
from usecases.approval_ports import ApprovalCard
from usecases.approvals import telling
from usecases.approvals.views import approval_view
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card for its reader; one that was decided before it left is not sent."""
    approval = store.approvals.get(int(payload["approval"]))
    if approval is None:
        return None
    reader = reader_of(store, payload)
    view = approval_view(store, approval, reader.time_zone if reader else None, now)
    if "activity_id" not in payload and reader is not None and not view.may(reader):
        return None
    said = spoken(view, reader)
    return kit.message(f"Reminder: {said}" if "again" in payload else said, approval_card(view, reader))


def sent(store: Store, gone: Gone) -> None:
    """Remember where it stands: from now on it follows every change."""
    if gone.activity_id and "activity_id" not in gone.payload:
        card = ApprovalCard(
            approval_id=int(gone.payload["approval"]),
            place=gone.place,
            reader=gone.payload["reader"],
            activity_id=gone.activity_id,
        )
        telling.stands(store, card, drawn=int(gone.payload["version"]))


def failed(store: Store, lost: Undelivered) -> None:
    """Tell whoever asked that somebody was not reached; a card that could not be brought up to date is no news."""
    approval, reader = store.approvals.get(int(lost.payload["approval"])), reader_of(store, lost.payload)
    if approval is None or not approval.is_open or reader is None or lost.unclear or "activity_id" in lost.payload:
        return
    requester = store.people.many([approval.requested_by]).get(approval.requested_by)
    if requester is not None:
        text = f"I could not ask {reader.name} to decide {approval.subject}: {lost.reason}."
        letters.say_to_person(store, requester, text, key=f"approval:{approval.id}:unasked:{reader.id}")


LETTER = Letter(name=telling.CARD, draw=draw, sent=sent, failed=failed)
