"""Handoffs as JSON."""

from typing import Any

from domain.errors import Refused
from domain.handoff import Handoff
from server.api.parameters import HANDOFF_SCHEDULE, LIMIT
from server.api.table import Asked
from server.times import rfc3339
from usecases.ports import Store
from usecases.reports import Handles


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer the handoffs of a schedule, or of all, the latest shift change first."""
    wanted = asked[HANDOFF_SCHEDULE]
    schedule = _schedule_id(store, wanted) if wanted is not None else None
    found = store.handoffs.of_schedule(schedule, limit=asked[LIMIT])
    people = store.people.many({person for handoff in found for person in (handoff.outgoing, handoff.incoming)})
    handles = {person.id: person.handle for person in people.values()}
    return {"items": [_handoff(handoff, handles) for handoff in found]}


def _handoff(handoff: Handoff, handles: Handles) -> dict[str, Any]:
    return {
        "id": handoff.id,
        "schedule": handoff.schedule,
        "outgoing": handles[handoff.outgoing],
        "incoming": handles[handoff.incoming],
        "boundary_at": rfc3339(handoff.boundary_at),
        "state": str(handoff.state),
        "notes": handoff.notes,
        "accepted_at": None if handoff.accepted_at is None else rfc3339(handoff.accepted_at),
    }


def _schedule_id(store: Store, wanted: str) -> str:
    """Give a schedule's id as it is written; handoffs may name one that has left the file."""
    schedule = store.schedules.get(wanted)
    if schedule is not None:
        return schedule.id
    if not store.handoffs.of_schedule(wanted, limit=1):
        raise Refused(f"schedule names no schedule of the organisation: there is no “{wanted[:40]}”.")
    return wanted
