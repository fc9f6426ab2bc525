"""What people hear of planned care: one card for each time it is due, kept true, and a few sentences."""

import logging
from dataclasses import replace

from domain.care import CareState, CareTask, Occurrence
from domain.people import Person
from usecases import letters
from usecases.care.people import lead_of, owner_of, reminded
from usecases.care_ports import CareCard
from usecases.outbox import MessageClass
from usecases.ports import Store

CARD, DUE, OVERDUE = "care", "care_due", "care_overdue"
"""Letters: the card of one time for `reader`, and the sentences that its moment comes, and that it is neglected."""

log = logging.getLogger(__name__)


def show(store: Store, task: CareTask, occurrence: Occurrence, reader: Person, *, why: str) -> None:
    """Send somebody the card of one time, once for each reason; an earlier one that still waits is not sent any more."""
    letters.to_person(
        store,
        reader,
        CARD,
        key=f"care:{occurrence.id}:{why}:{reader.id}",
        # Buttons are safe to press twice, so a doubled card does no harm; a lost one does.
        message_class=MessageClass.CARD,
        coalesce=f"care:{task.id}:card:{reader.id}",
        newness=occurrence.id,
        occurrence=occurrence.id,
        reader=reader.id,
        version=task.version,
        why=why,
    )


def remind(store: Store, task: CareTask, occurrence: Occurrence, *, why: str) -> None:
    """Remind whoever looks after it that the moment comes; with the card where they have none of this time."""
    reader = reminded(store, task)
    if reader is None:
        return
    if all(card.reader != reader.id for card in store.care.cards(occurrence.id)):
        show(store, task, occurrence, reader, why=why)
        return
    letters.to_person(
        store,
        reader,
        DUE,
        key=f"care:{occurrence.id}:says-{why}:{reader.id}",
        message_class=MessageClass.CHATTER,
        coalesce=f"care:{task.id}:due:{reader.id}",
        newness=occurrence.id,
        occurrence=occurrence.id,
        reader=reader.id,
    )


def say_overdue(store: Store, task: CareTask, key: str, count: int, *, last: bool) -> None:
    """Tell the team's lead that it is neglected; the owner where there is no lead that can be told."""
    reader = next((p for p in (lead_of(store, task), owner_of(store, task)) if p and p.object_id is not None), None)
    if reader is None:
        log.warning("nobody to tell that %s is overdue", task.ref)
        return
    letters.to_person(
        store,
        reader,
        OVERDUE,
        key=key,
        message_class=MessageClass.CHATTER,
        coalesce=f"care:{task.id}:overdue:{reader.id}",
        newness=count,
        task=task.id,
        reader=reader.id,
        last=last,
    )


def say_lead(store: Store, task: CareTask, text: str, *, key: str) -> None:
    """Say a sentence to the team's lead; else to the owner, else to whoever has planned it."""
    maker = store.people.many([task.made_by]).get(task.made_by)
    readers = filter(None, (lead_of(store, task), owner_of(store, task), maker if maker and maker.active else None))
    if not any(letters.say_to_person(store, reader, text, key=key) for reader in readers):
        log.warning("nobody to tell: %s", text)


def redraw(store: Store, task: CareTask, occurrence: Occurrence, *, because: str = "") -> None:
    """Bring every card of one time up to date where it stands; `because` of something that is no change of the task."""
    for card in store.care.cards(occurrence.id):
        redraw_card(store, task, occurrence, card, because=because)


def redraw_card(store: Store, task: CareTask, occurrence: Occurrence, card: CareCard, *, because: str = "") -> None:
    """Bring one card up to date."""
    letters.draw_again_in_chat(
        store,
        card.reader,
        card.activity_id,
        CARD,
        subject=f"care:{task.id}",
        version=task.version,
        because=because,
        occurrence=occurrence.id,
    )


def stands(store: Store, card: CareCard, *, drawn: int) -> None:
    """Remember where a card stands, and draw it again where anything has changed since `drawn`."""
    occurrence = store.care.occurrence(card.occurrence_id)
    task = store.care.get(occurrence.task) if occurrence else None
    if occurrence is None or task is None:
        return
    if occurrence.state is CareState.MISSED:  # while it was on its way
        occurrence = store.care.open_of(task.id) or occurrence
    standing = replace(card, occurrence_id=occurrence.id)
    store.care.stands(standing)
    if task.version > drawn:
        redraw_card(store, task, occurrence, standing)
