"""Ending a window with evidence, and signing it off on the other side."""

from datetime import datetime

from domain import maintenance as steps
from domain.errors import Refused
from domain.maintenance import Maintenance, MaintenanceState
from domain.people import BOT_ID, Person
from usecases.maintenance import holding, telling, words
from usecases.maintenance.found import signers, to_change, to_see
from usecases.maintenance.views import MaintenanceView, maintenance_view
from usecases.maintenance.work import replan
from usecases.maintenance_ports import Occurrence
from usecases.ports import Store


def finish(
    store: Store, actor: Person, window_id: int, evidence: str, now: datetime, *, began: datetime | None = None
) -> MaintenanceView:
    """Say that it is done. Said again it changes nothing.

    `began` names the occurrence somebody looked at: where it has ended meanwhile, the next one is left alone.
    """
    before = to_change(store, actor, window_id)
    if began is not None and began != before.starts_at and before.state is not MaintenanceState.DONE:
        return maintenance_view(store, before, now)
    after = steps.finish(before, evidence, by=actor.id, at=now)
    if after is None or after.done is None:
        return maintenance_view(store, before, now)
    shown = after.done.evidence
    goes_on(store, before, after, actor, words=shown, now=now)
    telling.note(store, after, "done", lambda zone: words.finished(before, actor.name, shown, after, zone))
    telling.redraw(store, after)
    return maintenance_view(store, after, now)


def sign_off(
    store: Store, actor: Person, window_id: int, now: datetime, *, done_at: datetime | None = None
) -> MaintenanceView:
    """Say for the other side that the evidence was looked at. Pressed again it changes nothing.

    `done_at` names what somebody looked at; something newer has to be looked at first.
    """
    before = store.maintenance.lock(window_id) or to_see(store, window_id)
    if done_at is not None and before.done is not None and done_at != before.done.at:
        raise Refused("It was done once more since this card was drawn: look at the newest evidence first.")
    after = steps.sign_off(before, actor.id)
    if after is None:
        return maintenance_view(store, before, now)
    if actor.id == BOT_ID or actor.id not in signers(store, before, now):
        raise Refused(f"Somebody of the other side than {_doer(store, before)} signs {before.name} off.")
    store.maintenance.save(after, seen=before.version)
    if after.recurrence is not None:
        store.maintenance.signed_off(after.id, actor.id)
    telling.note(store, after, "signed-off", lambda _: words.signed_off(after, actor.name))
    telling.redraw(store, after)
    return maintenance_view(store, after, now)


def goes_on(store: Store, before: Maintenance, after: Maintenance, actor: Person, *, words: str, now: datetime) -> None:
    """Write that an occurrence has ended, with what was to happen around the next one."""
    store.maintenance.save(after, seen=before.version)
    if before.recurrence is not None:
        done = after.done is not None and after.done != before.done
        store.maintenance.ended(
            Occurrence(
                maintenance_id=before.id,
                starts_at=before.starts_at,
                ends_at=before.ends_at,
                state=MaintenanceState.DONE if done else MaintenanceState.CANCELLED,
                ended_at=now,
                ended_by=actor.id,
                words=words,
            )
        )
    replan(store, after, now)
    if before.is_running:
        holding.ended(store, before, now)


def _doer(store: Store, window: Maintenance) -> str:
    return store.people.many([window.done.by])[window.done.by].name if window.done else "whoever did it"
