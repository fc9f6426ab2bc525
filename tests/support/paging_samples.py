"""Ready-made pages and what their cards are drawn from. A test names only what it is about."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from domain.catalog import Side, Team
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.incident import Incident
from domain.paging import Drill, Page, PageReason, PageResult, Way
from domain.people import Person
from domain.running_escalation import Escalation, EscalationState
from tests.support.samples import ADA, GRACE, LIN, NOW, ago, incident, place, view
from usecases.page_view import DrillView, PagedIncident, PageView
from usecases.paging_view import PagedPerson, PagingView
from usecases.views import IncidentView

RUNBOOK = "https://wiki.example.org/runbooks/checkout"
PAYMENTS = Team(
    id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada", "grace"), channel="19:ops"
)
PLATFORM = Team(id="platform", name="Platform", side=Side.PLATFORM, lead="lin", members=("lin",))
POLICY = EscalationPolicy(
    id="payments-critical",
    steps=tuple(
        Step(notify=(parse_target(target),), wait=timedelta(minutes=5))
        for target in ("schedule:payments-primary", "schedule:it-ops-primary", "person:ada")
    ),
    repeat=2,
    last_resort=parse_target("team:platform"),
)


def page(number: int = 88, who: Person | None = GRACE, **more: Any) -> Page:
    """Make a page of the first step that Teams has taken two minutes before NOW."""
    given: dict[str, Any] = {
        "id": number,
        "reason": PageReason.STEP,
        "way": Way.TEAMS,
        "due_at": ago(minutes=2),
        "person_id": who.id if who else None,
        "incident_id": 12,
        "escalation_id": 5,
        "step": 1,
        "target": "schedule:payments-primary",
        "result": PageResult.SENT,
        "sent_at": ago(minutes=2),
    }
    return Page(**{**given, **more})


def escalation(**more: Any) -> Escalation:
    """Make the escalation that page belongs to: its first step is paged."""
    given: dict[str, Any] = {
        "id": 5,
        "incident_id": 12,
        "cycle": 0,
        "policy": POLICY,
        "started_at": ago(minutes=2),
        "position": 1,
        "next_at": NOW + timedelta(minutes=3),
    }
    return Escalation(**{**given, **more})


def paged_person(who: Person = GRACE, result: PageResult = PageResult.SENT, **more: Any) -> PagedPerson:
    """Make somebody who was paged two minutes before NOW."""
    given: dict[str, Any] = {"name": who.name, "result": result, "due_at": ago(minutes=2), "acknowledged_at": None}
    return PagedPerson(**{**given, **more})


def paging(*people: PagedPerson, **more: Any) -> PagingView:
    """Make what a status card says about paging: the first step is paged, Lin is next."""
    given: dict[str, Any] = {
        "state": EscalationState.RUNNING,
        "people": people or (paged_person(),),
        "step": 1,
        "steps": 3,
        "rounds": 3,
        "next_at": NOW + timedelta(minutes=3),
        "next_names": (LIN.name,),
    }
    return PagingView(**{**given, **more})


def paged_incident(shown: Incident | None = None, *, wanted: bool = True, **more: Any) -> PagedIncident:
    """Make one incident on a page's card; `seen` replaces its view."""
    shown = shown or incident()
    seen: IncidentView = more.pop("seen", None) or view(shown, paging=paging(other_side=Side.OPERATIONS))
    given = {"page": page(incident_id=shown.id), "view": seen, "wanted": wanted, "runbooks": (RUNBOOK,)}
    return PagedIncident(**{**given, **more})


def page_view(*incidents: PagedIncident, **more: Any) -> PageView:
    """Make what the card of Grace's page is drawn from."""
    shown = incidents or (paged_incident(),)
    given: dict[str, Any] = {"page": shown[0].page, "reader": GRACE, "incidents": shown, "now": NOW}
    return PageView(**{**given, "steps": 3, "rounds": 3, **more})


def channel_view(*incidents: PagedIncident, **more: Any) -> PageView:
    """Make what a page in a team's channel is drawn from: the last resort, Ada leads."""
    about = page(who=None, way=Way.CHANNEL, reason=PageReason.LAST_RESORT, team_id="payments", step=None)
    shown = incidents or (paged_incident(page=about),)
    return page_view(*shown, **{"reader": ADA, "team": "Payments", **more})


def drill_view(**more: Any) -> DrillView:
    """Make what the card of a drill is drawn from: Ada asked for it two minutes before NOW."""
    drill = Drill(id=3, schedule="payments-primary", asked_by=ADA.id, place=place(), started_at=ago(minutes=2))
    asked = page(reason=PageReason.DRILL, incident_id=None, escalation_id=None, step=None, drill_id=3)
    given: dict[str, Any] = {"page": asked, "drill": drill, "reader": GRACE, "asked_by": ADA.name, "now": NOW}
    return DrillView(**{**given, **more})


def burst(count: int, title: str = "Payments are slow") -> Iterable[PagedIncident]:
    """Make incidents that came in the same minutes as the first."""
    for number in range(13, 13 + count):
        shown = incident(number, title=title, severity=number % 4 + 1)
        yield paged_incident(shown, page=page(number + 100, incident_id=number, bundled_into=88), seen=view(shown))
