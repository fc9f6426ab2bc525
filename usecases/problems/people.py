"""Who has to do with a problem; looked up each time, because people change teams and companies."""

from domain.catalog import Team
from domain.errors import Refused
from domain.incident import Incident, Role
from domain.people import BOT_ID, Person
from domain.problem import Problem
from usecases import targets
from usecases.ports import Store


def owner_of(store: Store, problem: Problem) -> Person:
    """Find who has it, also where they have left."""
    return store.people.many([problem.owner])[problem.owner]


def first_owner(store: Store, service: str, incident: Incident) -> Person:
    """Choose who has a new one: the lead of the team that owns the service, else the incident's commander, else whoever declared it."""
    team = team_of(store, service)
    lead = targets.active(store, team.lead) if team is not None and team.lead else None
    if lead is not None:
        return lead
    holder = incident.roles.get(Role.COMMANDER, incident.declared_by)
    return store.people.many([holder])[holder]


def team_of(store: Store, service: str) -> Team | None:
    """Find the team that owns a service."""
    known = store.catalog.service(service)
    return store.catalog.team(known.owner) if known else None


def lead_of(store: Store, problem: Problem, owner: Person) -> Person | None:
    """Find the lead of the team that owns the service, or of the one that operates it, who is not the owner."""
    known = store.catalog.service(problem.service)
    ids = (known.owner, known.operations) if known else ()
    teams = [store.catalog.team(team) for team in ids if team]
    found = (targets.active(store, team.lead) for team in teams if team is not None and team.lead)
    return next((person for person in found if person is not None and person.id != owner.id), None)


def reminded(store: Store, problem: Problem) -> Person | None:
    """Find who is written to: the owner; where that one has left or has no Teams account a lead."""
    owner = owner_of(store, problem)
    return targets.first_reached((owner, lead_of(store, problem, owner)))


def require_hand(store: Store, problem: Problem, actor: Person) -> None:
    """Raise Refused for anybody but the owner, somebody of the team that owns the service, and an admin."""
    team = team_of(store, problem.service)
    of_team = team is not None and (actor.handle in team.members or actor.handle == team.lead)
    if actor.id == BOT_ID or not (actor.id == problem.owner or actor.admin or of_team):
        owner = owner_of(store, problem)
        raise Refused(f"{problem.name} belongs to {owner.name}: only they, the service’s team or an admin change it.")
