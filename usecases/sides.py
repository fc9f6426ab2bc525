"""On which sides of the company people stand, and when both have joined."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from domain.catalog import Side, Team
from domain.people import Person
from usecases.ports import Store

BOTH = (Side.ENGINEERING, Side.OPERATIONS)
"""The two sides that work together."""


def teams_of(store: Store, person: Person) -> Sequence[Team]:
    """List the teams somebody is in or leads, by name."""
    return [team for team in store.catalog.teams() if person.handle in (*team.members, team.lead)]


def sides_of(store: Store, people: Iterable[Person]) -> Mapping[int, Collection[Side]]:
    """Tell on which sides people stand, by their ids."""
    found: dict[str, set[Side]] = {}
    for team in store.catalog.teams():
        for handle in (*team.members, *([team.lead] if team.lead else [])):
            found.setdefault(handle, set()).add(team.side)
    return {person.id: found.get(person.handle, set()) for person in people}


def both_at(moves: Iterable[tuple[int, datetime]], sides: Mapping[int, Collection[Side]]) -> datetime | None:
    """Tell when people of both sides had done something; None where one of them never did."""
    first: dict[Side, datetime] = {}
    for person, at in moves:
        for side in sides.get(person, ()):
            first[side] = min(at, first.get(side, at))
    return max(first[side] for side in BOTH) if all(side in first for side in BOTH) else None
