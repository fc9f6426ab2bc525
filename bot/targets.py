"""Who is meant by the words behind `escalate`: a person, or team:<id>, schedule:<id>, policy:<id>."""

from collections.abc import Iterable
from difflib import get_close_matches

from bot.grammar import person_of, unquoted
from bot.turn import Turn
from domain.catalog import Side
from domain.errors import Unknown
from domain.escalation import NotifyTarget, TargetKind
from domain.people import Person
from usecases.escalations import PolicyTarget
from usecases.oncall_names import nearest
from usecases.ports import Store

Target = NotifyTarget | PolicyTarget
KINDS = (TargetKind.PERSON, TargetKind.TEAM, TargetKind.SCHEDULE)
POLICY = "policy"
_SHORT = {"ops": Side.OPERATIONS, "eng": Side.ENGINEERING}


def side_named(words: str) -> Side | None:
    """Read the name of a side; None when it is something else."""
    wanted = unquoted(words).lower().removeprefix("side:").removeprefix("sides:").strip()
    return _SHORT.get(wanted) or next((side for side in Side if side == wanted), None)


def target_of(turn: Turn, words: str) -> Target:
    """Find what words mean. Raise Unknown with what comes near."""
    wanted = unquoted(words)
    kind, colon, name = (part.strip() for part in wanted.partition(":"))
    if colon and kind.lower() in (*KINDS, POLICY):
        return _named(turn, kind.lower(), unquoted(name))
    try:
        return a_person(person_of(turn, wanted))
    except Unknown as unknown:
        near = ", ".join(f"`{found}`" for found in _like(turn.store, wanted))
        raise Unknown(f"{unknown} Did you mean {near}?" if near else str(unknown)) from unknown


def a_person(person: Person) -> Target:
    """Mean exactly this person."""
    return NotifyTarget(TargetKind.PERSON, person.handle)


def policies(store: Store) -> list[str]:
    """List the escalation policies that services use, by id."""
    used = {policy for s in store.catalog.services() for n in (1, 2, 3, 4) if (policy := s.policy_for(n))}
    return sorted(used)


def _named(turn: Turn, kind: str, name: str) -> Target:
    store = turn.store
    if kind == TargetKind.PERSON:
        return a_person(person_of(turn, name))
    if kind == POLICY:
        policy = store.schedules.policy(name)
        if policy is None:
            raise Unknown(_no_policy(store, name))
        return PolicyTarget(policy.id)
    found = store.catalog.team(name) if kind == TargetKind.TEAM else store.schedules.get(name)
    if found is None:
        raise Unknown(nearest(store, name, kind))
    return NotifyTarget(TargetKind(kind), found.id)


def _no_policy(store: Store, name: str) -> str:
    near = get_close_matches(name.lower()[:80], policies(store), n=3, cutoff=0.4)
    meant = f" Did you mean {' or '.join(f'`{found}`' for found in near)}?" if near else ""
    return f"I know no escalation policy “{name[:80]}”.{meant}"


def _like(store: Store, wanted: str) -> Iterable[str]:
    """Find teams, schedules and policies whose id comes near a word without a kind in front of it."""
    known = {team.id.lower(): f"team:{team.id}" for team in store.catalog.teams()}
    known |= {policy.lower(): f"policy:{policy}" for policy in policies(store) if policy.lower() not in known}
    known |= {s.id.lower(): f"schedule:{s.id}" for s in store.schedules.all() if s.id.lower() not in known}
    near = get_close_matches(wanted.removeprefix("@").lower()[:80], known, n=3, cutoff=0.6)
    return [known[found] for found in near]
