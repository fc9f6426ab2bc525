"""What the owner of a running window hears of incidents on its services."""

from domain.incident import Incident
from domain.maintenance import Maintenance
from domain.people import Person
from domain.timeline import EntryKind
from usecases import letters
from usecases.escalations.holding import HOLDABLE
from usecases.incident_change import Change
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.wording import listed

_BEGINS = (EntryKind.DECLARED, EntryKind.REOPENED, EntryKind.SEVERITY_CHANGED)


def follow(store: Store, change: Change) -> None:
    """Tell the owners of running windows of a major incident on their services: it may be their work.

    Its pages are not held back (contract section 8). Each owner hears of it once, also when it was declared by them.
    """
    incident = change.after
    if change.kind not in _BEGINS or incident.severity >= HOLDABLE or not incident.is_open or not incident.services:
        return
    if change.before is not None and change.before.is_open and change.before.severity < HOLDABLE:
        return
    windows = store.maintenance.running_on(incident.services)
    people = store.people.many({window.owner for window in windows})
    for window in windows:
        if (owner := people.get(window.owner)) is not None:
            letters.to_person(
                store,
                owner,
                letters.SENTENCE,
                key=f"maintenance:{window.id}:incident:{incident.id}:{incident.cycle}:to:{owner.id}",
                # A doubled one does no harm; whoever works on the service has to hear of it.
                message_class=MessageClass.CARD,
                incident_id=incident.id,
                text=_told(incident, window, change.actor),
            )


def _told(incident: Incident, window: Maintenance, actor: Person) -> str:
    services = listed([service for service in incident.services if service in window.services], most=3)
    said = "declared" if incident.version <= 1 else "raised"
    return (
        f"⚠ {actor.name} {said} {incident.ref} “{incident.title}”, severity {incident.severity}, on {services}, where your "
        f"{window.name.lower()} “{window.title}” runs. Its pages go out at once. Could it be your work?"
    )
