"""How paging stands, for cards: who was paged, who is next, which side could be brought in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from domain.catalog import Side, Team
from domain.incident import Incident
from domain.maintenance import Maintenance
from domain.paging import Page, PageResult
from domain.people import Person
from domain.running_escalation import Escalation, EscalationState
from usecases.escalations.holding import windows_over
from usecases.escalations.planning import count, so_far
from usecases.escalations.starting import resumes_at
from usecases.escalations.steps import look_ahead
from usecases.ports import Store
from usecases.targets import Audience, services_of, teams_of_side

_LIVELIEST = (
    EscalationState.RUNNING,
    EscalationState.HELD,
    EscalationState.WAITING,
    EscalationState.EXHAUSTED,
    EscalationState.ACKNOWLEDGED,
    EscalationState.STOPPED,
)
_BEST = (
    PageResult.SENT,
    PageResult.UNKNOWN,
    PageResult.PENDING,
    PageResult.HELD,
    PageResult.FAILED,
    PageResult.NOT_NEEDED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedPerson:
    """Somebody who was paged, by whatever ways."""

    name: str
    result: PageResult
    """The best result of all ways."""
    due_at: datetime
    acknowledged_at: datetime | None
    detail: str = ""
    """Why nothing arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingView:
    """How paging for an incident stands. Times are UTC."""

    state: EscalationState | None
    """The liveliest escalation's; None: people were paged by hand only."""
    people: tuple[PagedPerson, ...]
    """Everybody paged in this cycle, the newest first, each person once."""
    policy: str = ""
    """Id of the liveliest escalation's policy; empty where there is none."""
    reached: bool = True
    """Whether that escalation has paged anybody, or posted anywhere."""
    answers: tuple[int, int] | None = None
    """How many of how many people have acknowledged while answers are missing; None where one is enough."""
    step: int = 0
    """The step that was paged last, from 1; 0 before the first and for the last resort."""
    steps: int = 0
    round: int = 1
    rounds: int = 1
    next_at: datetime | None = None
    """When the next step is paged unless somebody acknowledges."""
    next_names: tuple[str, ...] = ()
    """Who that would be, as things stand."""
    held_by: tuple[Maintenance, ...] = ()
    """The running maintenance that holds pages back."""
    other_side: Side | None = None
    """The side that was not paged yet and has somebody to page."""


def paging_view(store: Store, incident: Incident, now: datetime) -> PagingView | None:
    """Read how paging for an incident stands; None when nobody was paged, or is about to be, since it was opened."""
    escalations = [e for e in store.escalations.of_incident(incident.id) if e.cycle == incident.cycle]
    pages = [page for page in store.pages.of_incident(incident.id) if page.cycle == incident.cycle]
    if not escalations and not pages:
        return None
    people = store.people.many({page.person_id for page in pages if page.person_id is not None})
    current = min(escalations, key=lambda e: (_LIVELIEST.index(e.state), -e.id), default=None)
    view = PagingView(
        state=current.state if current else None,
        people=tuple(_people(pages, people)),
        other_side=_other_side(store, incident, people.values()) if incident.is_open else None,
    )
    if current is None:
        return view
    reached = any(page.escalation_id == current.id for page in pages)
    return _with_steps(store, incident, replace(view, policy=current.policy.id, reached=reached), current, now)


def _with_steps(
    store: Store, incident: Incident, view: PagingView, escalation: Escalation, now: datetime
) -> PagingView:
    last = escalation.step_at(escalation.position - 1)
    audience, next_at = _next(store, incident, escalation, now)
    return replace(
        view,
        answers=_answers(store, incident, escalation) if incident.is_open else None,
        step=last[1] if last else 0,
        steps=len(escalation.policy.steps),
        round=last[2] if last else 1,
        rounds=escalation.rounds,
        # Behind the last resort it still waits for an answer, and then pages nobody.
        next_at=next_at if audience or escalation.state is EscalationState.WAITING else None,
        next_names=_names(audience) if audience else (),
        held_by=tuple(windows_over(store, incident, escalation)) if escalation.state is EscalationState.HELD else (),
    )


def _next(
    store: Store, incident: Incident, escalation: Escalation, now: datetime
) -> tuple[Audience | None, datetime | None]:
    """Tell who is paged next, and when; of severity 4 in working hours only."""
    if escalation.next_at is None:
        return None, None
    audience = look_ahead(store, incident, escalation, escalation.position, now).audience
    running = audience is not None and escalation.state is EscalationState.RUNNING
    later = resumes_at(store, incident, escalation, escalation.next_at) if running else None
    if later is None:
        return audience, escalation.next_at
    return look_ahead(store, incident, escalation, 0, now).audience, later


def _answers(store: Store, incident: Incident, escalation: Escalation) -> tuple[int, int] | None:
    if escalation.state not in (EscalationState.RUNNING, EscalationState.EXHAUSTED):
        return None
    last = escalation.step_at(escalation.position - 1)
    return count(store, incident, escalation, last[0].acknowledgements) if last else so_far(store, incident, escalation)


def _names(audience: Audience) -> tuple[str, ...]:
    people = tuple(found.person.name for found in audience.people)
    return people or tuple(f"the channel of {posted.team.name}" for posted in audience.channels)


def _people(pages: Sequence[Page], people: Mapping[int, Person]) -> Iterator[PagedPerson]:
    """Tell how each person was paged, the newest first."""
    of_person: dict[int, list[Page]] = {}
    for page in reversed(pages):
        if page.person_id is not None:
            of_person.setdefault(page.person_id, []).append(page)
    for person_id, theirs in of_person.items():
        best = min(theirs, key=lambda page: _BEST.index(page.result))
        yield PagedPerson(
            name=people[person_id].name if person_id in people else "somebody",
            result=best.result,
            due_at=theirs[0].due_at,
            acknowledged_at=max((p.acknowledged_at for p in theirs if p.acknowledged_at), default=None),
            detail=best.detail if best.result is PageResult.FAILED else "",
        )


def _other_side(store: Store, incident: Incident, paged: Iterable[Person]) -> Side | None:
    """Tell which side of the incident's services is not in it yet, where the other one is and somebody could come."""
    handles = {person.handle for person in paged}
    services = services_of(store, incident)
    teams = {side: teams_of_side(store, services, side) for side in (Side.ENGINEERING, Side.OPERATIONS)}
    called = [side for side, those in teams.items() if any(_has_one_of(team, handles) for team in those)]
    if len(called) != 1:
        return None
    other = Side.OPERATIONS if called[0] is Side.ENGINEERING else Side.ENGINEERING
    return other if any(team.lead or store.schedules.of_team(team.id) for team in teams[other]) else None


def _has_one_of(team: Team, handles: AbstractSet[str]) -> bool:
    return team.lead in handles or not handles.isdisjoint(team.members)
