"""What people hear of an approval: a card for each who may decide, kept true wherever it stands."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.approval import Approval
from domain.conversation import Place
from domain.people import Person
from usecases import letters
from usecases.approval_ports import ApprovalCard
from usecases.approvals import deciders
from usecases.outbox import MessageClass
from usecases.ports import Store

CARD = "approval"
"""The letter with the card; its payload names `approval` and `reader` (None: several people read it)."""
ASKED_AT_MOST = 20
"""People who get a card of their own, leads first; ours: of more people the others find it in their team's channel."""


def ask(store: Store, approval: Approval, places: Iterable[Place], now: datetime) -> None:
    """Send the card to those who may decide, and to places where everybody follows it."""
    people = deciders.who_decides(store, approval, now)
    for place in [*places, *(_channels(store, approval) if len(people) > ASKED_AT_MOST else ())]:
        letters.to_place(
            store,
            place,
            CARD,
            key=f"approval:{approval.id}:at:{place.conversation_id}",
            message_class=MessageClass.CARD,
            approval=approval.id,
            reader=None,
            version=approval.version,
        )
    for person in asked(store, approval, now):
        ask_one(store, approval, person)


def asked(store: Store, approval: Approval, now: datetime) -> Sequence[Person]:
    """List those who get a card of their own."""
    leads = {lead.id for lead in deciders.leads(store, approval)}
    people = deciders.who_decides(store, approval, now)
    return sorted(people, key=lambda person: person.id not in leads)[:ASKED_AT_MOST]


def ask_one(store: Store, approval: Approval, person: Person) -> None:
    """Send somebody the card, once."""
    letters.to_person(
        store,
        person,
        CARD,
        key=f"approval:{approval.id}:to:{person.id}",
        # Buttons are safe to press twice, so a doubled card does no harm; a lost one does.
        message_class=MessageClass.CARD,
        approval=approval.id,
        reader=person.id,
        version=approval.version,
    )


def remind(store: Store, approval: Approval, person: Person, due_at: datetime) -> None:
    """Send somebody the card again, as the reminder of a moment; it is not sent once they have said something."""
    letters.to_person(
        store,
        person,
        CARD,
        key=f"approval:{approval.id}:reminds:{person.id}:{due_at.isoformat()}",
        message_class=MessageClass.CARD,
        approval=approval.id,
        reader=person.id,
        version=approval.version,
        again=True,
    )


def redraw(store: Store, approval: Approval) -> None:
    """Bring every card up to date where it stands."""
    for card in store.approvals.cards(approval.id):
        redraw_card(store, approval, card)


def redraw_card(store: Store, approval: Approval, card: ApprovalCard) -> None:
    """Bring one card up to date."""
    where = f"approval:{approval.id}:{card.place.base_id}:{card.activity_id}"
    letters.draw_again(
        store,
        card.place,
        card.activity_id,
        CARD,
        key=f"{where}:v{approval.version}",
        coalesce=where,
        version=approval.version,
        approval=approval.id,
        reader=card.reader,
    )


def stands(store: Store, card: ApprovalCard, *, drawn: int) -> None:
    """Remember where a card stands, and draw it again where the approval has changed since version `drawn`."""
    store.approvals.stands(card)
    approval = store.approvals.get(card.approval_id)
    if approval is not None and approval.version > drawn:
        redraw_card(store, approval, card)


def _channels(store: Store, approval: Approval) -> Sequence[Place]:
    teams = {team.id for group in approval.groups for d in group.deciders if (team := deciders.team_of(store, d))}
    found = [letters.channel_of_team(store, team) for team in sorted(teams)]
    return [place for place in found if place is not None]
