"""Loading a window for somebody, and who belongs to it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from domain.catalog import Service, Side, Team
from domain.errors import Refused, Unknown
from domain.maintenance import Maintenance
from domain.people import BOT_ID, Person
from usecases import targets
from usecases.approvals import deciders
from usecases.oncall_names import nearest
from usecases.ports import Store
from usecases.wording import listed


def to_see(store: Store, window_id: int) -> Maintenance:
    """Load one to look at: every member may. Raise Unknown when there is none."""
    return _found(store.maintenance.get(window_id), window_id)


def to_change(store: Store, actor: Person, window_id: int) -> Maintenance:
    """Load one to change it, locked until the transaction ends. Raise Refused for whoever may not."""
    return _for(store, actor, _found(store.maintenance.lock(window_id), window_id))


def to_offer(store: Store, actor: Person, window_id: int) -> Maintenance:
    """Load one for a form that will change it. Raise Refused for whoever may not, before anything is typed."""
    return _for(store, actor, to_see(store, window_id))


def may_change(store: Store, actor: Person, window: Maintenance) -> bool:
    """Tell whether somebody may move, cancel or end it: its owner, members of the teams concerned, admins."""
    if actor.id == BOT_ID:
        return False
    if actor.id == window.owner or actor.admin:
        return True
    return any(actor.handle in (*team.members, team.lead) for team in teams_of(store, window))


def services_named(store: Store, names: Iterable[str]) -> tuple[Service, ...]:
    """Find services by id, each once. Raise Unknown for the first that the catalogue does not have."""
    found: dict[str, Service] = {}
    for name in names:
        service = store.catalog.service(name)
        if service is None:
            raise Unknown(nearest(store, name, "service"))
        found[service.id] = service
    return tuple(found.values())


def services_of(store: Store, window: Maintenance) -> Sequence[Service]:
    """List the services of a window that the catalogue still has."""
    found = (store.catalog.service(service) for service in window.services)
    return [service for service in found if service is not None]


def teams_of(store: Store, window: Maintenance) -> Sequence[Team]:
    """List the teams concerned, each once: the owners of the services, then those who operate them."""
    services = services_of(store, window)
    sides = (targets.teams_of_side(store, services, side) for side in (Side.ENGINEERING, Side.OPERATIONS))
    return [*{team.id: team for teams in sides for team in teams}.values()]


def signers(store: Store, window: Maintenance, now: datetime) -> Collection[int]:
    """Tell who may sign off what was done: people of the other side than whoever did it, nobody where there are none."""
    if window.done is None:
        return ()
    doer = store.people.many([window.done.by])[window.done.by]
    groups = deciders.other_side(store, doer, services_of(store, window), now)
    return {person.id for group in groups for person in deciders.of_group(store, group, now)} - {doer.id}


def _for(store: Store, actor: Person, window: Maintenance) -> Maintenance:
    if not may_change(store, actor, window):
        owner = store.people.many([window.owner])[window.owner].name
        teams = listed([team.name for team in teams_of(store, window)]) or "its teams"
        raise Refused(f"Only {owner}, members of {teams}, and admins can change {window.name}. Ask one of them.")
    return window


def _found(window: Maintenance | None, window_id: int) -> Maintenance:
    if window is None:
        raise Unknown(f"There is no maintenance {window_id}. Write `maintenance list` to see what is planned.")
    return window
