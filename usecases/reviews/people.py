"""Who has to do with a review; looked up each time, because people change teams and companies."""

from collections.abc import Iterable, Sequence

from domain.catalog import Service, Side, Team
from domain.errors import Refused
from domain.incident import Incident, Role
from domain.people import BOT_ID, Person
from domain.review import Review
from usecases import targets
from usecases.ports import Store
from usecases.targets import services_of

ASKED_FOR = (Side.ENGINEERING, Side.OPERATIONS)
"""The sides that sign off, each where it took part."""
_ASKED_OF_A_SIDE = 3
"""People of one side who are asked to sign off, where its lead is not; ours."""


def owner_of(store: Store, review: Review) -> Person:
    """Find who has it, also where they have left."""
    return store.people.many([review.owner])[review.owner]


def first_owner(incident: Incident, resolved_by: int) -> int:
    """Choose who has the review of an incident until they give it to somebody else."""
    holder = incident.roles.get(Role.COMMANDER) or incident.acknowledged_by or resolved_by
    return holder if holder != BOT_ID else incident.declared_by


def lead_of(store: Store, person: Person) -> Person | None:
    """Find the lead of a person's team who is somebody else and still here; of several teams the first by name."""
    for team in teams_of(store, person):
        if team.lead and team.lead != person.handle:
            lead = targets.active(store, team.lead)
            if lead is not None:
                return lead
    return None


def reminded(store: Store, review: Review) -> Person | None:
    """Find who is written to: the owner; where that one has left or has no Teams account their lead."""
    owner = owner_of(store, review)
    wanted = (person for person in (owner, lead_of(store, owner)) if person is not None)
    return next((person for person in wanted if person.active and person.object_id is not None), None)


def teams_of(store: Store, person: Person) -> Sequence[Team]:
    """List the teams somebody is in or leads, by name."""
    return [team for team in store.catalog.teams() if person.handle in team.members or person.handle == team.lead]


def sides_of(store: Store, person: Person) -> Sequence[Side]:
    """Tell on which sides somebody stands, of those that sign off."""
    mine = {team.side for team in teams_of(store, person)}
    return [side for side in ASKED_FOR if side in mine]


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
    sides = {side for person in took_part(store, incidents) for side in sides_of(store, person)}
    if not sides:
        services = [service for incident in incidents for service in services_of(store, incident)]
        ids = {team for service in services for team in _of(service)}
        sides = {team.side for team in store.catalog.teams() if team.id in ids}
    return tuple(side for side in ASKED_FOR if side in sides)


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
    sides = sides_of(store, actor)
    if actor.id != review.owner:
        return sides
    mine = [side for side in sides if not _others(store, review, side)]
    if not mine:
        raise Refused("You have written it: somebody else signs it off. Write `review owner` to give it away.")
    return mine


def require_hand(store: Store, review: Review, incidents: Sequence[Incident], actor: Person) -> None:
    """Raise Refused for anybody but the owner, a commander of its incidents, a lead of the owner, and an admin."""
    owner = owner_of(store, review)
    leads = {team.lead for team in teams_of(store, owner) if team.lead}
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
