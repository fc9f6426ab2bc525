"""What people look at: incidents with the names of everybody and everything in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.catalog import Service
from domain.incident import SEVERITIES, Incident
from domain.people import Person
from domain.problem import Problem
from domain.review import Review
from domain.timeline import TimelineEntry
from usecases.action_ports import ActionFilter
from usecases.changes.beside import Beside, beside
from usecases.deadlines import Deadlines, deadlines_of
from usecases.outbox import Failure
from usecases.paging_view import PagingView, paging_view
from usecases.ports import IncidentFilter, Store
from usecases.review_ports import ReviewFilter
from usecases.similar.views import Likely, alike

TIMELINE_PAGE = 25  # rows; ours: 100 rows already weigh 74 KB of Teams' 100 KB (teams measurements)


@dataclass(frozen=True, slots=True)
class ServiceName:
    """A service as cards name it; `name` is the id where the catalogue has lost it."""

    id: str
    name: str
    policies: Mapping[int, str] = field(default_factory=dict[int, str])  # escalation policies by severity


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """An incident with everything its card says. `now` is when it was read (UTC)."""

    incident: Incident
    people: Mapping[int, Person]
    services: tuple[ServiceName, ...]
    severity_name: str
    latest: TimelineEntry | None
    failures: Sequence[Failure]
    now: datetime
    paging: PagingView | None = None  # None: nobody was ever paged for it
    deadlines: Deadlines | None = None  # None: it is resolved
    changes: Beside | None = None  # None: nothing changed on its services
    actions: int = 0  # action items written down for it; counted once it is resolved
    review: Review | None = None  # read once it is resolved, without its texts
    alike: Sequence[Likely] = ()  # earlier incidents that look like it
    problem: Problem | None = None  # which it is one of

    @property
    def pages_nobody(self) -> bool:
        """Whether nobody has it, and nobody is going to be paged: none of its services has an escalation policy."""
        incident = self.incident
        missing = incident.is_open and incident.acknowledged_at is None and self.paging is None
        return missing and bool(self.services) and not any(incident.severity in s.policies for s in self.services)

    def name_of(self, person_id: int | None) -> str:
        """Name a person of this incident."""
        person = self.people.get(person_id) if person_id is not None else None
        return person.name if person else "somebody"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """One page of a timeline, oldest first. `older` and `newer` say whether there is more."""

    incident: Incident
    entries: Sequence[TimelineEntry]
    people: Mapping[int, Person]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """One page of incidents, newest first; `next_before` continues it, None at the end."""

    wanted: IncidentFilter
    incidents: Sequence[Incident]
    people: Mapping[int, Person]
    services: Mapping[str, str]
    severity_names: Mapping[int, str]
    next_before: int | None
    now: datetime


def incident_view(
    store: Store, incident: Incident, now: datetime, *, newest: TimelineEntry | None = None
) -> IncidentView:
    """Read what an incident's card says. `newest` is an entry that was written just now."""
    latest = newest if newest and newest.says_words else store.timeline.latest_words(incident.id)
    ids = {incident.declared_by, *incident.roles.values()}
    ids.update(i for i in (incident.acknowledged_by, latest.actor if latest else None) if i is not None)
    review = None if incident.is_open else next(iter(store.reviews.list(ReviewFilter(incident=incident.id))), None)
    ids.update([review.owner] if review else [])
    return IncidentView(
        incident=incident,
        people=store.people.many(ids),
        services=service_names(store, incident.services),
        severity_name=store.organisations.severity_names()[incident.severity],
        latest=latest,
        failures=store.outbox.failures(incident.id),
        now=now,
        paging=paging_view(store, incident, now) if incident.paged else None,
        deadlines=deadlines_of(store, incident),
        changes=beside(store, incident, now),
        actions=0 if incident.is_open else store.actions.count(ActionFilter(incidents=(incident.id,))),
        review=review,
        alike=alike(store, incident) if incident.compared and incident.is_open else (),
        problem=store.problems.of_incident(incident.id) if incident.compared else None,
    )


def service_names(store: Store, ids: Iterable[str]) -> tuple[ServiceName, ...]:
    """Name services, also those that are no longer in the catalogue."""
    found = ((i, store.catalog.service(i)) for i in ids)
    return tuple(
        ServiceName(i, service.name, _policies(service)) if service else ServiceName(i, i) for i, service in found
    )


def _policies(service: Service) -> Mapping[int, str]:
    named = ((severity, service.policy_for(severity)) for severity in SEVERITIES)
    return {severity: policy for severity, policy in named if policy is not None}


def timeline_view(
    store: Store, incident: Incident, *, after: int = 0, before: int | None = None, limit: int = TIMELINE_PAGE
) -> TimelineView:
    """Read one page: the newest by default, older ones with `before`, newer ones with `after`."""
    if not after and before is None:
        before = incident.entry_seq + 1
    entries = store.timeline.page(incident.id, after=after, before=before, limit=limit)
    ids = {entry.actor for entry in entries}
    ids.update(int(v) for e in entries for k in ("person", "before") if (v := e.data.get(k)) is not None)
    return TimelineView(
        incident=incident,
        entries=entries,
        people=store.people.many(ids),
        older=bool(entries) and entries[0].seq > 1,
        newer=bool(entries) and entries[-1].seq < incident.entry_seq,
    )


def list_view(store: Store, wanted: IncidentFilter, now: datetime) -> ListView:
    """Read one page of incidents."""
    page = IncidentFilter(
        open_only=wanted.open_only,
        statuses=wanted.statuses,
        service=wanted.service,
        person_id=wanted.person_id,
        before=wanted.before,
        limit=wanted.limit + 1,
    )
    found = store.incidents.list(page)
    shown = found[: wanted.limit]
    people = {i.declared_by for i in shown} | {p for i in shown for p in i.roles.values()}
    services = {s for i in shown for s in i.services} | ({wanted.service} if wanted.service else set[str]())
    return ListView(
        wanted=wanted,
        incidents=shown,
        people=store.people.many(people),
        services={s.id: s.name for s in service_names(store, services)},
        severity_names=store.organisations.severity_names(),
        next_before=shown[-1].id if len(found) > wanted.limit else None,
        now=now,
    )
