"""What other programs read: incidents and timelines with people by handle, in pages of any length."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.errors import Refused, Unknown
from domain.incident import Incident, ref_of
from domain.paging import Page, PageResult
from domain.timeline import TimelineEntry
from usecases.ledger import page_key
from usecases.ports import IncidentFilter, Store

Handles = Mapping[int, str]
"""Handles of people by their ids: everybody that the page names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """Incidents, newest first. `next_before` goes on with the next page, None at the end."""

    incidents: Sequence[Incident]
    handles: Handles
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """Entries, oldest first. `next_after` goes on with the next page, None at the end."""

    entries: Sequence[TimelineEntry]
    handles: Handles
    next_after: int | None


def incident_page(store: Store, wanted: IncidentFilter) -> IncidentPage:
    """Read one page. Raise Refused for a service that neither the catalogue nor any incident knows."""
    if wanted.service is not None:
        wanted = replace(wanted, service=_service_id(store, wanted.service))
    found = store.incidents.list(replace(wanted, limit=wanted.limit + 1))
    shown = found[: wanted.limit]
    return IncidentPage(
        incidents=shown,
        handles=_handles(store, (person for incident in shown for person in _people(incident))),
        next_before=shown[-1].id if len(found) > len(shown) else None,
    )


def incident_report(store: Store, incident_id: int) -> tuple[Incident, Handles]:
    """Read one. Raise Unknown when there is none."""
    incident = _incident(store, incident_id)
    return incident, _handles(store, _people(incident))


def timeline_page(store: Store, incident_id: int, *, after: int, limit: int) -> TimelinePage:
    """Read the entries that follow number `after`. Raise Unknown when there is no such incident."""
    _incident(store, incident_id)
    found = store.timeline.page(incident_id, after=after, limit=limit + 1)
    shown = found[:limit]
    named = (value for entry in shown for value in (entry.data.get("person"), entry.data.get("before")))
    people = [*(entry.actor for entry in shown), *(value for value in named if isinstance(value, int))]
    return TimelinePage(
        entries=shown,
        handles=_handles(store, people),
        next_after=shown[-1].seq if len(found) > len(shown) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every page of an incident, oldest first. `cards` names the incident on whose message a page stands, by page."""

    pages: Sequence[Page]
    handles: Handles
    cards: Mapping[int, str]


def ledger_report(store: Store, incident_id: int) -> Ledger:
    """Read the delivery ledger of an incident. Raise Unknown when there is none."""
    _incident(store, incident_id)
    pages = store.pages.of_incident(incident_id)
    waiting = [page.id for page in pages if page.result is PageResult.PENDING]
    begun = store.outbox.attempts([page_key(number) for number in waiting])
    return Ledger(
        pages=[replace(page, attempts=max(page.attempts, begun.get(page_key(page.id), 0))) for page in pages],
        handles=_handles(store, (page.person_id for page in pages if page.person_id is not None)),
        cards={page.id: card for page in pages if (card := _card_of(store, page)) is not None},
    )


def _card_of(store: Store, page: Page) -> str | None:
    card = store.pages.get(page.bundled_into) if page.bundled_into is not None else None
    return ref_of(card.incident_id) if card is not None and card.incident_id is not None else None


def _incident(store: Store, incident_id: int) -> Incident:
    """Load one for a program: its token allows all of them, so access.py, which asks about people, has no say."""
    incident = store.incidents.get(incident_id)
    if incident is None:
        raise Unknown(f"There is no {ref_of(incident_id)}.")
    return incident


def _people(incident: Incident) -> Iterable[int]:
    return (incident.declared_by, *incident.roles.values())


def _handles(store: Store, people: Iterable[int]) -> Handles:
    return {person.id: person.handle for person in store.people.many(set(people)).values()}


def _service_id(store: Store, wanted: str) -> str:
    """Give a service's id as it is written; incidents may name one that has left the catalogue."""
    service = store.catalog.service(wanted)
    if service is not None:
        return service.id
    if not store.incidents.list(IncidentFilter(service=wanted, limit=1)):
        raise Refused(f"service names no service of the catalogue: there is no “{wanted[:40]}”.")
    return wanted
