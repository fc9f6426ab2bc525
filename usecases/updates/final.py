"""The last update of an incident: it writes itself, from nothing but what everybody may know."""

from datetime import datetime

from domain.audience import Audience
from domain.incident import Incident
from domain.people import BOT_ID
from domain.timeline import Source
from domain.update import Update
from usecases.incidents import Trail
from usecases.ports import Store
from usecases.updates import sending
from usecases.updates.reach import Reach, again
from usecases.wording import length
from usecases.work import DueWork


def run_final(store: Store, due: DueWork, now: datetime) -> None:
    """Tell everybody who was told before that it is resolved; nothing where it was reopened meanwhile."""
    incident = store.incidents.lock(int(due.payload["incident"]))
    if incident is None or incident.is_open or incident.cycle != due.payload["cycle"]:
        return
    told = store.updates.told(incident.id, cycle=incident.cycle)
    earlier = store.updates.of_incident(incident.id)
    if not told or any(update.is_final and update.cycle == incident.cycle for update in earlier):
        return
    update = store.updates.add(
        Update(
            id=0,
            incident_id=incident.id,
            cycle=incident.cycle,
            author=BOT_ID,
            text=_words(incident),
            written_at=now,
            is_final=True,
        )
    )
    names = dict.fromkeys(name for one in earlier if one.cycle == incident.cycle for name in one.audiences)
    reach = Reach(audiences=tuple(Audience(name=name) for name in names), destinations=again(store, told))
    sending.send(store, incident, update, reach, None, Trail(Source.TIMER, None), now)


def _words(incident: Incident) -> str:
    """Say that it is over. The summary stays inside: nobody has approved it for others."""
    took = f" after {length(incident.resolved_at - incident.declared_at)}" if incident.resolved_at else ""
    return f"This incident is resolved{took}. There are no more updates."
