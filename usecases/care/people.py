"""Who has to do with a task of planned care; looked up each time, because people change teams and companies."""

from collections.abc import Sequence

from domain.care import CareTask
from domain.catalog import Team
from domain.errors import Refused
from domain.people import BOT_ID, Person
from usecases import targets
from usecases.approvals.deciders import members_of
from usecases.ports import Store
from usecases.wording import listed


def owner_of(store: Store, task: CareTask) -> Person | None:
    """Find who looks after it: whom it names while they are here, else the team's lead. None: nobody."""
    named = store.people.many([task.owner]).get(task.owner) if task.owner is not None else None
    return named if named is not None and named.active else lead_of(store, task)


def reminded(store: Store, task: CareTask) -> Person | None:
    """Find who is written to: its owner, or the lead where that one has no Teams account. None: nobody can be."""
    owner = owner_of(store, task)
    return next((p for p in (owner, lead_of(store, task)) if p is not None and p.object_id is not None), None)


def lead_of(store: Store, task: CareTask) -> Person | None:
    """Find the lead of its team who is still here."""
    team = store.catalog.team(task.team)
    return targets.active(store, team.lead) if team is not None and team.lead else None


def concerned(store: Store, task: CareTask) -> Sequence[Person]:
    """List the people of its team and of the other side of its service, each once; the leads come first."""
    found: dict[int, Person] = {}
    for team in teams_of(store, task):
        lead = targets.active(store, team.lead) if team.lead else None
        for person in ([lead] if lead else []) + [*members_of(store, team)]:
            found.setdefault(person.id, person)
    return [*found.values()]


def teams_of(store: Store, task: CareTask) -> Sequence[Team]:
    """List its team, and the teams that own and operate its service, each once."""
    service = store.catalog.service(task.service) if task.service else None
    ids = [task.team, *([service.owner, service.operations] if service else [])]
    found = (store.catalog.team(team_id) for team_id in dict.fromkeys(i for i in ids if i))
    return [team for team in found if team is not None]


def require_hand(store: Store, task: CareTask, actor: Person) -> None:
    """Raise Refused for somebody who has nothing to do with it."""
    owner = owner_of(store, task)
    mine = actor.id != BOT_ID and (actor.admin or (owner is not None and owner.id == actor.id))
    if not mine and all(person.id != actor.id for person in concerned(store, task)):
        raise Refused(f"Only {_allowed(store, task)} can do that. Ask one of them.")


def require_other_eyes(store: Store, task: CareTask, actor: Person) -> None:
    """Raise Refused for somebody who cannot sign it off."""
    if all(person.id != actor.id for person in concerned(store, task)):
        raise Refused(f"Only people of {_teams(store, task)} can sign this off. Ask one of them.")


def other_eyes(store: Store, task: CareTask, doer: int | None) -> Person | None:
    """Find who is asked to sign it off: the team's lead, else the first of both sides who is not the doer."""
    others = [p for p in concerned(store, task) if p.id != doer and p.object_id is not None]
    lead = lead_of(store, task)
    return next((p for p in others if lead is not None and p.id == lead.id), others[0] if others else None)


def _allowed(store: Store, task: CareTask) -> str:
    owner = owner_of(store, task)
    teams = _teams(store, task)
    return f"{owner.name} and people of {teams}" if owner is not None else f"people of {teams}"


def _teams(store: Store, task: CareTask) -> str:
    return listed([team.name for team in teams_of(store, task)]) or task.team
