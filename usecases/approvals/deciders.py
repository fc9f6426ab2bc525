"""Who may decide: looked up at every press, because people change teams, shifts, seats and companies."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from domain.approval import Approval, Decider, DeciderKind, Group
from domain.catalog import Service, Side, Team
from domain.incident import Role, ref_of
from domain.people import Person
from usecases import targets
from usecases.ports import Store
from usecases.wording import listed


def people_for(store: Store, decider: Decider, now: datetime) -> Sequence[Person]:
    """List the people a decider means at a moment (UTC) who can press a button.

    Whoever is unknown, removed or inactive is nobody, and so is who has no account in Teams.
    """
    return [person for person in _meant(store, decider, now) if person.object_id is not None]


def _meant(store: Store, decider: Decider, now: datetime) -> Sequence[Person]:
    match decider.kind:
        case DeciderKind.PERSON:
            return _present([targets.active(store, decider.id)])
        case DeciderKind.TEAM:
            return members_of(store, store.catalog.team(decider.id))
        case DeciderKind.LEAD:
            return leads_of(store, [store.catalog.team(decider.id)])
        case DeciderKind.SIDE:
            return members_of(store, _team_of_side(store, decider.id))
        case DeciderKind.ROLE:
            return _with_role(store, decider.id)
        case DeciderKind.ONCALL:
            schedule = store.schedules.get(decider.id)
            return _present([targets.on_call(store, schedule, now)]) if schedule else ()


def eligible(store: Store, approval: Approval, now: datetime) -> Sequence[Collection[int]]:
    """Tell for each group the ids of those who may decide for it at a moment."""
    return eligible_each(store, [approval], now)[0]


def eligible_each(store: Store, approvals: Sequence[Approval], now: datetime) -> Sequence[Sequence[Collection[int]]]:
    """Tell the same for many at once: most ask the same few groups, and each is looked up once."""
    wanted = {group for approval in approvals for group in approval.groups}
    known = {group: {person.id for person in of_group(store, group, now)} for group in wanted}
    return [[known[group] for group in approval.groups] for approval in approvals]


def of_group(store: Store, group: Group, now: datetime) -> Sequence[Person]:
    """List the people of a group, each once."""
    found = {person.id: person for decider in group.deciders for person in people_for(store, decider, now)}
    return [*found.values()]


def who_decides(store: Store, approval: Approval, now: datetime) -> Sequence[Person]:
    """List everybody who may decide at a moment, each once; never whoever asked."""
    found = {person.id: person for group in approval.groups for person in of_group(store, group, now)}
    found.pop(approval.requested_by, None)
    return [*found.values()]


def named(store: Store, group: Group) -> str:
    """Name a group for people: "IT Operations", "commander of INC-12"."""
    return listed([_named(store, decider) for decider in group.deciders])


def leads(store: Store, approval: Approval) -> Sequence[Person]:
    """List the leads of the teams that are asked, each once."""
    found: dict[int, Person] = {}
    for decider in (d for group in approval.groups for d in group.deciders):
        for person in leads_of(store, [team_of(store, decider)]):
            found.setdefault(person.id, person)
    return [*found.values()]


def other_side(store: Store, requester: Person, services: Iterable[Service], now: datetime) -> tuple[Group, ...]:
    """Tell whom somebody has to ask about services: one of each team on the other side of them.

    Engineers ask operations; operations, and people of neither side, ask the owners. Where nobody there can answer,
    or somebody stands on both sides, the teams of the other column are asked; empty where nobody at all can.
    """
    services, mine = [*services], sides_of(store, requester)
    first = Side.OPERATIONS if Side.ENGINEERING in mine and Side.OPERATIONS not in mine else Side.ENGINEERING
    second = Side.ENGINEERING if first is Side.OPERATIONS else Side.OPERATIONS
    for side in (first, second):
        groups = _asked_on(store, requester, services, side, now)
        if groups:
            return groups
    return ()


def sides_of(store: Store, person: Person) -> Collection[Side]:
    """Tell on which sides somebody works."""
    return {team.side for team in store.catalog.teams() if person.handle in (*team.members, team.lead)}


def members_of(store: Store, team: Team | None) -> Sequence[Person]:
    """List the members of a team, and its lead, who are still here."""
    if team is None:
        return ()
    handles = {handle.casefold() for handle in (*team.members, team.lead) if handle}
    return [person for person in store.people.active() if person.handle.casefold() in handles]


def leads_of(store: Store, teams: Iterable[Team | None]) -> Sequence[Person]:
    """List the leads of teams who are still here."""
    return _present([targets.active(store, team.lead) if team and team.lead else None for team in teams])


def team_of(store: Store, decider: Decider) -> Team | None:
    """Find the team behind a decider; a person or a seat has none."""
    match decider.kind:
        case DeciderKind.TEAM | DeciderKind.LEAD:
            return store.catalog.team(decider.id)
        case DeciderKind.SIDE:
            return _team_of_side(store, decider.id)
        case DeciderKind.ONCALL:
            schedule = store.schedules.get(decider.id)
            return store.catalog.team(schedule.team) if schedule else None
        case DeciderKind.PERSON | DeciderKind.ROLE:
            return None


def _asked_on(
    store: Store, requester: Person, services: Sequence[Service], side: Side, now: datetime
) -> tuple[Group, ...]:
    """Make a group for each team on a side that has somebody else than the one who asks."""
    teams = targets.teams_of_side(store, services, side)
    groups = [Group(deciders=(Decider(DeciderKind.TEAM, team.id),)) for team in teams]
    return tuple(g for g in groups if any(p.id != requester.id for p in of_group(store, g, now)))


def _team_of_side(store: Store, name: str) -> Team | None:
    side, _, service_id = name.partition("/")
    service = store.catalog.service(service_id)
    if service is None or side not in (Side.ENGINEERING, Side.OPERATIONS):
        return None
    return next(iter(targets.teams_of_side(store, [service], Side(side))), None)


def _with_role(store: Store, name: str) -> Sequence[Person]:
    role, _, number = name.partition("/")
    incident = store.incidents.get(int(number)) if number.isdecimal() else None
    holder = incident.roles.get(Role(role)) if incident and role in {str(r) for r in Role} else None
    found = store.people.many([holder]).get(holder) if holder is not None else None
    return _present([found if found and found.active else None])


def _named(store: Store, decider: Decider) -> str:
    team = team_of(store, decider)
    match decider.kind:
        case DeciderKind.PERSON:
            person = store.people.by_handle(decider.id)
            return person.name if person else decider.id
        case DeciderKind.ROLE:
            role, _, number = decider.id.partition("/")
            return f"{role} of {ref_of(int(number))}" if number.isdecimal() else role
        case DeciderKind.LEAD:
            return f"lead of {team.name if team else decider.id}"
        case DeciderKind.ONCALL:
            return f"on call on {decider.id}"
        case DeciderKind.TEAM | DeciderKind.SIDE:
            return team.name if team else decider.id


def _present(people: Iterable[Person | None]) -> Sequence[Person]:
    return [person for person in people if person is not None]
