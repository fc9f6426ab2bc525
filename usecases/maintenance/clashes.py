"""What a window gets in the way of: freezes, other windows and open incidents on the same services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import maintenance as steps
from domain.errors import Refused
from domain.freeze import Freeze
from domain.incident import Incident
from domain.maintenance import Maintenance
from domain.organisation import freezes_touching
from domain.people import Person
from usecases.maintenance.found import services_of
from usecases.ports import IncidentFilter, Store
from usecases.spans import Span
from usecases.wording import between

OCCURRENCES = 12
"""Of a window that comes again, so many of its next occurrences are looked at; ours: three months of every week."""
CLASHES_SHOWN = 5
_OTHERS = 200
_AHEAD = timedelta(days=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Another window, at a time at which both happen, an open incident, or a freeze. Times are UTC."""

    services: tuple[str, ...]
    """Those both are about."""
    window: Maintenance | None = None
    span: Span | None = None
    """When the other window happens."""
    incident: Incident | None = None
    freeze: Freeze | None = None


def clashes_of(store: Store, window: Maintenance, now: datetime) -> Sequence[Clash]:
    """List what a window clashes with, what comes first in front. For one that is not stored yet its id is 0."""
    if window.is_final:
        return ()
    mine = _spans(window)
    others = store.maintenance.touching(window.services, mine[0][0], mine[-1][1])
    found = [clash for other in others if other.id != window.id if (clash := _with(window, mine, other))]
    found.sort(key=lambda clash: (clash.span or mine[0], clash.window.id if clash.window else 0))
    soon = mine[0][0] <= now + timedelta(days=1)
    return [*_freezes(store, window, mine), *(_incidents(store, window) if soon else ()), *found]


def require_no_freeze(store: Store, actor: Person, window: Maintenance) -> None:
    """Raise Refused where the next occurrence lies in a freeze; an admin may plan it all the same."""
    frozen = _freezes(store, window, [(window.starts_at, window.ends_at)])
    if frozen and not actor.admin:
        said = told_clashes(frozen, actor.time_zone)[0]
        raise Refused(f"{said} Choose another time, or ask an admin to plan it.")


def told_clashes(clashes: Sequence[Clash], zone: str | None) -> list[str]:
    """Say each in a sentence, the rest as a number. What people wrote is in it as they wrote it."""
    told = [_told(clash, zone) for clash in clashes[:CLASHES_SHOWN]]
    more = len(clashes) - CLASHES_SHOWN
    return [*told, *([f"And {more} more."] if more > 0 else [])]


def _told(clash: Clash, zone: str | None) -> str:
    on = ", ".join(clash.services)
    if clash.incident is not None:
        return f"{clash.incident.ref} “{clash.incident.title}” is open on {on}."
    if clash.freeze is not None:
        return f"“{clash.freeze.name}” freezes {on}, {between(clash.freeze.starts_at, clash.freeze.ends_at, zone)}."
    other, span = clash.window, clash.span
    if other is None or span is None:
        return ""
    return f"{other.name} “{other.title}” on {on}, {between(*span, zone)}."


def _with(window: Maintenance, mine: Sequence[Span], other: Maintenance) -> Clash | None:
    span = next((found for one in mine if (found := steps.happens_in(other, *one))), None)
    if span is None:
        return None
    shared = tuple(service for service in window.services if service in other.services)
    return Clash(services=shared, window=other, span=span)


def _spans(window: Maintenance) -> Sequence[Span]:
    """List when it happens, as far as anybody looks ahead."""
    first = (window.starts_at, window.ends_at)
    times = steps.next_times(window, OCCURRENCES)
    return [first, *(span for span in times[1:] if span[0] < window.starts_at + _AHEAD)]


def _freezes(store: Store, window: Maintenance, mine: Sequence[Span]) -> Sequence[Clash]:
    services, settings = services_of(store, window), store.organisations.settings()
    owners = {service.owner for service in services}
    found = {
        freeze: Clash(services=window.services, freeze=freeze)
        for starts_at, ends_at in mine
        for freeze in freezes_touching(settings, window.services, owners, starts_at, ends_at)
    }
    return [*found.values()]


def _incidents(store: Store, window: Maintenance) -> Sequence[Clash]:
    """List what is open now; of a window next month that says nothing."""
    found: dict[int, Incident] = {}
    for service in window.services:
        wanted = IncidentFilter(open_only=True, service=service, limit=_OTHERS)
        found |= {incident.id: incident for incident in store.incidents.list(wanted)}
    return [
        Clash(services=tuple(s for s in window.services if s in incident.services), incident=incident)
        for _, incident in sorted(found.items())
    ]
