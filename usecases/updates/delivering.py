"""What became of an update on its way: written down for each place, person and address, and summed up at the end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.timeline import EntryKind
from domain.update import DeliveryState, DeliveryWay, Update, UpdateDelivery
from usecases import log
from usecases.ports import Store
from usecases.updates.reach import NAMED, counted
from usecases.wording import listed, utc_clock


def delivered(
    store: Store, delivery_id: int, now: datetime, *, conversation_id: str | None = None, activity_id: str | None = None
) -> None:
    """Write down that it has arrived, and where it stands."""
    found = _locked(store, delivery_id)
    if found is None:
        return
    update, delivery = found
    arrived = replace(
        delivery, state=DeliveryState.SENT, reason="", conversation_id=conversation_id, activity_id=activity_id
    )
    _settle(store, update, arrived, now)


def undelivered(store: Store, delivery_id: int, reason: str, now: datetime, *, unclear: bool = False) -> None:
    """Write down that it was refused for good; `unclear`: it may have arrived."""
    found = _locked(store, delivery_id)
    if found is None:
        return
    update, delivery = found
    state = DeliveryState.UNKNOWN if unclear else DeliveryState.FAILED
    _settle(store, update, replace(delivery, state=state, reason=reason), now)


def _locked(store: Store, delivery_id: int) -> tuple[Update, UpdateDelivery] | None:
    """Read a delivery that is not settled yet, under the lock of its update: the last one that ends sums up."""
    known = store.updates.delivery(delivery_id)
    update = store.updates.lock(known.update_id) if known else None
    delivery = store.updates.delivery(delivery_id) if update else None
    if update is None or delivery is None or delivery.state is not DeliveryState.PENDING:
        return None
    return update, delivery


def _settle(store: Store, update: Update, delivery: UpdateDelivery, now: datetime) -> None:
    store.updates.save_delivery(delivery)
    rows = store.updates.deliveries(update.id)
    if any(row.state is DeliveryState.PENDING for row in rows):
        return
    text = _summed_up(update, rows, now)
    incident = store.incidents.lock(update.incident_id) if text else None
    if incident is not None:
        log.tell(store, incident, EntryKind.UPDATE_DELIVERED, text, now, data={"update": update.id})


def _summed_up(update: Update, rows: Sequence[UpdateDelivery], now: datetime) -> str:
    """Say what came of it, where there is more to say than that all posts stand; empty where there is not."""
    lost = [row for row in rows if row.state is not DeliveryState.SENT]
    mails = [row for row in rows if row.way is DeliveryWay.EMAIL and row.state is DeliveryState.SENT]
    if not lost and not mails:
        return ""
    arrived = counted(row.way for row in rows if row.state is DeliveryState.SENT)
    said = f"The update of {utc_clock(update.sent_at, now)} reached {arrived or 'nobody'}."
    if not lost:
        return said
    return f"{said} Not delivered: {listed([_why(row) for row in lost], most=NAMED)}."


def _why(row: UpdateDelivery) -> str:
    perhaps = " (it may have arrived)" if row.state is DeliveryState.UNKNOWN else ""
    return f"{row.name}{perhaps}, {row.reason.rstrip('.')}"
