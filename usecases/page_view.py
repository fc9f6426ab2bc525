"""What the card of a page says: the incident, why this person, what follows, and who has it by now."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.incident import Incident
from domain.paging import Drill, Page, PageReason, PageResult, Way
from domain.people import BOT_ID, Person
from domain.running_escalation import Escalation, EscalationState
from domain.timeline import EntryKind
from usecases.ports import Store
from usecases.views import IncidentView, incident_view
from usecases.wording import utc_clock

_ENTRIES = 50  # newest timeline entries; ours: who asked for a page stands among them while the page matters
_OVER = (EscalationState.ACKNOWLEDGED, EscalationState.STOPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedIncident:
    """One incident on a page's card."""

    page: Page
    view: IncidentView
    wanted: bool
    """Whether an acknowledgement of this page still counts for something."""
    unsent: bool = False
    """Whether its message has not gone out yet."""
    runbooks: tuple[str, ...] = ()
    """Addresses, those of the first service first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page as its card tells it."""

    page: Page
    reader: Person | None
    """Who is paged; for a post in a channel the team's lead."""
    incidents: tuple[PagedIncident, ...]
    """The page's own incident first, then those of the same burst."""
    now: datetime
    team: str | None = None
    """Name of the team whose channel it stands in."""
    asked_by: str | None = None
    """Name of whoever asked for exactly this page."""
    answered_by: str | None = None
    """Name of whoever pressed on this very page."""
    steps: int = 0
    rounds: int = 1
    acknowledgements: int = 1
    """How many different people the step wants."""

    @property
    def wanted(self) -> bool:
        """Whether anything on the card still wants an answer."""
        return any(incident.wanted for incident in self.incidents)

    @property
    def unsent(self) -> bool:
        """Whether anything on the card wants an answer and has not gone out yet; of a burst one is enough."""
        return any(incident.wanted and incident.unsent for incident in self.incidents)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillView:
    """The page of a drill as its card tells it."""

    page: Page
    drill: Drill
    reader: Person | None
    asked_by: str
    now: datetime

    @property
    def wanted(self) -> bool:
        """Whether it still wants an answer."""
        return self.page.acknowledged_at is None and self.drill.ended_at is None

    @property
    def unsent(self) -> bool:
        """Whether it wants an answer and has not gone out yet."""
        return self.wanted and self.page.result is PageResult.PENDING


def page_view(store: Store, page: Page, now: datetime) -> PageView | DrillView | None:
    """Read what a page's card says; None where its incident or drill is not known."""
    if page.drill_id is not None:
        return _drill_view(store, page, now)
    own = _paged(store, page, now)
    if own is None:
        return None
    incidents = {own.view.incident.id: own}
    for other in store.pages.bundled_into(page.id):
        found = _paged(store, other, now)
        if found is not None:
            _add(incidents, found)
    escalation = _escalation(store, page)
    step = escalation.policy.steps[page.step - 1] if escalation and page.step else None
    team = store.catalog.team(page.team_id) if page.way is Way.CHANNEL and page.team_id else None
    return PageView(
        page=page,
        reader=_reader(store, page),
        incidents=tuple(incidents.values()),
        now=now,
        team=team.name if team else page.team_id,
        asked_by=_asked_by(store, page, own.view.incident),
        answered_by=_name(store, page.person_id) if page.acknowledged_at else None,
        steps=len(escalation.policy.steps) if escalation else 0,
        rounds=escalation.rounds if escalation else 1,
        acknowledgements=step.acknowledgements if step else 1,
    )


def still_wanted(page: Page, incident: Incident, escalation: Escalation | None) -> bool:
    """Tell whether an acknowledgement of a page counts: nobody was faster, and it is about the incident as it is now.

    `escalation` is the one that waits for it; None for somebody who was asked for by name. A step may want several
    people, and somebody may be asked for after an acknowledgement: then it counts. What became of the sending does
    not matter: whoever has the card before them can answer.
    """
    if page.acknowledged_at is not None or not incident.is_open or page.cycle != incident.cycle:
        return False
    if escalation is not None:
        return escalation.state not in _OVER
    return incident.acknowledged_at is None or incident.acknowledged_at < page.due_at


def paged_since(store: Store, incident: Incident, drawn: datetime | None, now: datetime) -> str | None:
    """Say who was paged after a button was drawn, so that one press is one step; None when nobody was."""
    if drawn is None:
        return None
    later = [p for p in store.pages.of_incident(incident.id) if p.due_at > drawn and p.person_id is not None]
    if not later:
        return None
    people = store.people.many({page.person_id for page in later if page.person_id is not None})
    names = " and ".join(sorted({person.name for person in people.values()})) or "Somebody"
    at = utc_clock(later[-1].due_at, now)
    return f"{names} was paged for {incident.ref} at {at} meanwhile. Press again to go further."


def _paged(store: Store, page: Page, now: datetime) -> PagedIncident | None:
    incident = store.incidents.get(page.incident_id) if page.incident_id is not None else None
    if incident is None:
        return None
    found = (store.catalog.service(service) for service in incident.services)
    runbooks = dict.fromkeys(address for service in found if service for address in service.runbooks)
    return PagedIncident(
        page=page,
        view=incident_view(store, incident, now),
        wanted=still_wanted(page, incident, _escalation(store, page)),
        unsent=page.result is PageResult.PENDING,
        runbooks=tuple(runbooks),
    )


def _add(incidents: dict[int, PagedIncident], found: PagedIncident) -> None:
    """Put an incident on the card once: two policies may page the same person for it at the same moment."""
    number = found.view.incident.id
    earlier = incidents.get(number, found)
    incidents[number] = replace(earlier, wanted=earlier.wanted or found.wanted, unsent=earlier.unsent or found.unsent)


def _drill_view(store: Store, page: Page, now: datetime) -> DrillView | None:
    drill = store.drills.get(page.drill_id) if page.drill_id is not None else None
    if drill is None:
        return None
    asked_by = _name(store, drill.asked_by) or "Somebody"
    return DrillView(page=page, drill=drill, reader=_reader(store, page), asked_by=asked_by, now=now)


def _escalation(store: Store, page: Page) -> Escalation | None:
    return store.escalations.get(page.escalation_id) if page.escalation_id is not None else None


def _reader(store: Store, page: Page) -> Person | None:
    if page.person_id is not None:
        return store.people.many([page.person_id]).get(page.person_id)
    team = store.catalog.team(page.team_id) if page.team_id is not None else None
    return store.people.by_handle(team.lead) if team and team.lead else None


def _asked_by(store: Store, page: Page, incident: Incident) -> str | None:
    """Name who asked: their entry on the timeline was written at the moment the page became due."""
    if page.reason is not PageReason.ESCALATED:
        return None
    entries = store.timeline.page(incident.id, before=incident.entry_seq + 1, limit=_ENTRIES)
    asked = (e for e in reversed(entries) if e.kind is EntryKind.ESCALATED and e.at == page.due_at)
    return next((_name(store, entry.actor) for entry in asked if entry.actor != BOT_ID), None)


def _name(store: Store, person_id: int | None) -> str | None:
    person = store.people.many([person_id]).get(person_id) if person_id is not None else None
    return person.name if person else None
