"""When an incident is resolved: everybody who was told before hears of it, and nothing waits for approval any more."""

from datetime import datetime

from domain import update as steps
from domain.incident import Incident
from domain.timeline import EntryKind
from domain.update import Update, UpdateState
from usecases.approvals import asking
from usecases.incident_change import Change
from usecases.ports import Store
from usecases.updates import returning
from usecases.work import NewWork

FINAL = "update.final:1"
"""The work that tells everybody who was told before that an incident is resolved."""


def follow(store: Store, change: Change) -> None:
    """Plan the last update, and give back what was not approved yet."""
    incident = change.after
    if change.kind is not EntryKind.RESOLVED:
        return
    for update in store.updates.of_incident(incident.id):
        if update.state is UpdateState.AWAITING:
            _give_back(store, incident, update, change.now)
    if incident.told_at is not None:
        store.work.add(
            NewWork(
                kind=FINAL,
                dedupe_key=f"update:{incident.id}:{incident.cycle}:final",
                due_at=change.now,
                subject=f"incident:{incident.id}",
                payload={"incident": incident.id, "cycle": incident.cycle},
            )
        )


def _give_back(store: Store, incident: Incident, update: Update, now: datetime) -> None:
    why = f"{incident.ref} was resolved before the update was approved."
    asking.overtake(store, steps.SUBJECT, update.id, why, now)
    returned = steps.give_back(update)
    store.updates.save(returned, seen=update.version)
    returning.tell(store, incident, returned, why)
