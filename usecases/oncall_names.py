"""What the word behind `oncall` names, and what comes near a word that names nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from domain.catalog import Service, Team
from domain.errors import Unknown
from domain.oncall import Schedule
from domain.people import Person
from usecases.ports import Store
from usecases.wording import listed

Thing = TypeVar("Thing", Service, Team)
KINDS = ("service", "team", "schedule", "person")
"""What may stand in front of a colon."""
NAMED = 6
"""Services or teams named where none comes near; ours: one line on a phone or two."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Something a word means."""

    kind: str
    thing: Service | Team | Schedule

    @property
    def id(self) -> str:
        """Name it as the organisation file does."""
        return self.thing.id


def schedule_named(store: Store, wanted: str) -> Schedule:
    """Find a schedule by id, in any case. Raise Unknown with the nearest ids."""
    found = store.schedules.get(wanted)
    if found is None:
        raise Unknown(nearest(store, wanted, "schedule"))
    return found


def things_named(store: Store, kind: str, wanted: str) -> list[Meant]:
    """Find what a word can mean, in any case: ids before names, services before teams before schedules.

    `kind` is one of KINDS, or empty for any.
    """
    finders: tuple[tuple[str, Callable[[str], Service | Team | Schedule | None]], ...] = (
        ("service", store.catalog.service),
        ("team", store.catalog.team),
        ("schedule", store.schedules.get),
        ("service", lambda name: _named(store.catalog.services(), name)),
        ("team", lambda name: _named(store.catalog.teams(), name)),
    )
    things = [(name, find(wanted)) for name, find in finders if kind in ("", name)] if wanted else []
    found = {(name, thing.id): Meant(name, thing) for name, thing in things if thing is not None}
    return list(found.values())


def _named(things: Sequence[Thing], wanted: str) -> Thing | None:
    found = [thing for thing in things if thing.name.casefold() == wanted.casefold()]
    return found[0] if len(found) == 1 else None


def person_named(store: Store, wanted: str) -> Person | None:
    """Find the one active person of that handle or full name, in any case."""
    bare = wanted.removeprefix("@").strip()
    found = store.people.by_handle(bare) if bare else None
    if found and found.active:
        return found
    named = [person for person in store.people.by_name(bare) if person.active] if bare else []
    return named[0] if len(named) == 1 else None


def nearest(store: Store, wanted: str, kind: str) -> str:
    """Say in one sentence that a word means nothing here, and what comes near it."""
    what = {"": "service, team, schedule or person", "person": "person"}.get(kind, kind)
    typed = wanted.removeprefix("@").strip()
    known = _known(store, kind)
    near = get_close_matches(typed.casefold()[:80], known, n=6, cutoff=0.6)
    meant = list(dict.fromkeys(known[name] for name in near))[:3]
    said = f"I know no {what} “{wanted[:80]}”."
    if not meant and known and kind in ("service", "team"):
        there = sorted({f"`{name}`" for name in known.values()})
        return f"{said} There {'are' if len(there) > 1 else 'is'} {listed(there, most=NAMED)}."
    if not meant:
        return f"{said} Write `oncall` to see all schedules."
    return f"{said} Did you mean {' or '.join(f'`{name}`' for name in meant)}?"


def _known(store: Store, kind: str) -> Mapping[str, str]:
    """Map every name and id, folded, to what to write for it."""
    found: dict[str, str] = {}
    if kind in ("", "person"):
        found |= {name.casefold(): f"@{p.handle}" for p in store.people.active() for name in (p.name, p.handle)}
    if kind in ("", "schedule"):
        found |= {schedule.id.casefold(): schedule.id for schedule in store.schedules.all()}
    if kind in ("", "team"):
        found |= {name.casefold(): team.id for team in store.catalog.teams() for name in (team.name, team.id)}
    if kind in ("", "service"):
        found |= {name.casefold(): s.id for s in store.catalog.services() for name in (s.name, s.id)}
    return found
