"""Who has to do with a review; looked up each time, because people change teams and companies."""

from collections.abc import Iterable, Sequence

from domain.catalog import Service, Side
from domain.errors import Refused
from domain.incident import Incident, Role
from domain.people import BOT_ID, Person
from domain.review import Review
from usecases import sides, targets
from usecases.ports import Store
from usecases.targets import services_of

_ASKED_OF_A_SIDE = 3
"""People of one side who are asked to sign off, where its lead is not; ours."""


def owner_of(store: Store, review: Review) -> Person:
    """Find who has it, also where they have left."""
    return store.people.many([review.owner])[review.owner]


def first_owner(incident: Incident, resolved_by: int) -> int:
    """Choose who has the review of an incident until they give it to somebody else."""
    holder = incident.roles.get(Role.COMMANDER) or incident.acknowledged_by or resolved_by
    return holder if holder != BOT_ID else incident.declared_by


def reminded(store: Store, review: Review) -> Person | None:
    """Find who is written to: the owner; where that one has left or has no Teams account their lead."""
    owner = owner_of(store, review)
    return targets.first_reached((owner, targets.lead_of(store, owner)))


def sides_of(store: Store, person: Person) -> Sequence[Side]:
    """Tell on which sides somebody stands, of those that sign off."""
    mine = sides.sides_of(store, [person])[person.id]
    return [side for side in sides.BOTH if side in mine]


def took_part(store: Store, incidents: Iterable[Incident]) -> Sequence[Person]:
    """List who had a role in incidents or did something in them, the first to join in front."""
    seen: dict[int, None] = {}
    for incident in incidents:
        first = store.timeline.first_seen(incident.id)
        seen |= dict.fromkeys(incident.roles.values())
        seen |= dict.fromkeys(sorted(first, key=lambda person: first[person]))
    people = store.people.many([*seen])
    return [people[number] for number in seen if number in people]


def sides_wanted(store: Store, incidents: Sequence[Incident]) -> tuple[Side, ...]:
    """Tell which sides took part; where nobody of either did, those of the services' teams."""
    of_people = sides.sides_of(store, took_part(store, incidents)).values()
    found = {side for mine in of_people for side in mine}
    if not found:
        services = [service for incident in incidents for service in services_of(store, incident)]
        ids = {team for service in services for team in _of(service)}
        found = {team.side for team in store.catalog.teams() if team.id in ids}
    return tuple(side for side in sides.BOTH if side in found)


def asked(store: Store, review: Review, incidents: Sequence[Incident]) -> Sequence[Person]:
    """List who is asked to sign off, for each side that is waited for; without sides the owner's lead is."""
    if not review.sides:
        lead = targets.lead_of(store, owner_of(store, review))
        return [lead] if lead is not None and lead.object_id is not None else []
    found = (person for side in review.waits_for() for person in asked_of(store, review, incidents, side))
    return [*{person.id: person for person in found}.values()]


def asked_of(store: Store, review: Review, incidents: Sequence[Incident], side: Side) -> Sequence[Person]:
    """Choose who of a side is asked to sign off: the leads of its teams that took part, else some of their people."""
    there = {person.handle for person in took_part(store, incidents)}
    services = {team for incident in incidents for service in services_of(store, incident) for team in _of(service)}
    on_side = [team for team in store.catalog.teams() if team.side is side]
    teams = [t for t in on_side if there & {*t.members, t.lead} or t.id in services] or on_side
    leads = [team.lead for team in teams if team.lead]
    members = [handle for team in teams for handle in team.members]
    for handles in (leads, [handle for handle in members if handle in there], members):
        found = (targets.active(store, handle) for handle in dict.fromkeys(handles))
        people = [p for p in found if p is not None and p.object_id is not None and p.id != review.owner]
        if people:
            return people[:_ASKED_OF_A_SIDE]
    return []


def signs_for(store: Store, review: Review, actor: Person) -> Sequence[Side]:
    """Tell for which sides somebody may sign off; the owner only where their side has nobody else.

    Raise Refused for an owner who would stand by their own words alone.
    """
    own = sides_of(store, actor)
    if actor.id != review.owner:
        return own
    mine = [side for side in own if not _others(store, review, side)]
    if not mine:
        raise Refused("You have written it: somebody else signs it off. Write `review owner` to give it away.")
    return mine


def require_hand(store: Store, review: Review, incidents: Sequence[Incident], actor: Person) -> None:
    """Raise Refused for anybody but the owner, a commander of its incidents, a lead of the owner, and an admin."""
    owner = owner_of(store, review)
    leads = {team.lead for team in sides.teams_of(store, owner) if team.lead}
    commanders = {incident.roles.get(Role.COMMANDER) for incident in incidents}
    mine = actor.id == review.owner or actor.id in commanders or actor.admin or actor.handle in leads
    if actor.id == BOT_ID or not mine:
        raise Refused(f"{review.at_first} belongs to {owner.name}: only they, their lead or an admin do that.")


def _of(service: Service) -> Iterable[str]:
    return (team for team in (service.owner, service.operations) if team)


def _others(store: Store, review: Review, side: Side) -> bool:
    handles = {handle for team in store.catalog.teams() if team.side is side for handle in (*team.members, team.lead)}
    found = (targets.active(store, handle) for handle in handles if handle)
    return any(person is not None and person.id != review.owner for person in found)
