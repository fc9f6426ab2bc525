"""The only ways to load an incident for somebody."""

from domain.errors import Refused, Unknown
from domain.incident import Incident, ref_of
from domain.people import BOT_ID, Person
from usecases.ports import Store


def incident_to_see(store: Store, reader: Person, incident_id: int) -> Incident:  # noqa: ARG001 - the one place to refuse a reader
    """Load one to look at. Every member of an allowed tenant may. Raise Unknown when there is none."""
    return _found(store.incidents.get(incident_id), incident_id)


def incident_to_change(store: Store, actor: Person, incident_id: int) -> Incident:
    """Load one to change it, locked until the transaction ends. Every member may. Raise Unknown when there is none.

    Raise Refused for a caller who is nobody: that number is the bot's own, which asks for nothing.
    """
    if actor.id == BOT_ID:
        raise Refused("I do not know who you are, so nothing was changed.")
    return _found(store.incidents.lock(incident_id), incident_id)


def _found(incident: Incident | None, incident_id: int) -> Incident:
    if incident is None:
        raise Unknown(f"There is no {ref_of(incident_id)}. Write `list all` to see the incidents there are.")
    return incident
