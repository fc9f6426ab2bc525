"""Problems as people look at them, with their incidents and what they have cost so far."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.action import ActionState, today_in
from domain.effort import effort
from domain.incident import Incident
from domain.people import Person
from domain.problem import Problem, ProblemState
from usecases.action_ports import ActionFilter
from usecases.ports import Store
from usecases.problem_ports import ProblemFilter
from usecases.problems import people

PAGE = 8
"""Rows of a list; ours: what fits two phone screens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a problem has cost so far, estimated."""

    work: timedelta
    """Of all people together."""
    impact: timedelta
    """From the declarations until the impact was over; what is open counts until now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """A problem with everything its card says. `now` is when it was read (UTC)."""

    problem: Problem
    owner: Person
    closed_by: str
    service: str
    """The service's name; its id where the catalogue has lost it."""
    incidents: Sequence[Incident]
    """The newest first."""
    cost: Cost
    actions: int
    """Open action items of its incidents."""
    today: date
    """On the owner's calendar."""
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which to list; all conditions hold at once."""

    owner: Person | None = None
    services: Collection[str] | None = None
    """Only on these services; None: on any."""
    everything: bool = False
    """Those that are closed, too."""
    page: int = 1
    limit: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemList:
    """One page, what is due first in front."""

    wanted: Wanted
    rows: Sequence[Problem]
    owners: Mapping[int, Person]
    incidents: Mapping[int, Sequence[int]]
    """Of each problem."""
    total: int
    now: datetime


def problem_view(store: Store, problem: Problem, now: datetime) -> ProblemView:
    """Read what a card says."""
    owner = people.owner_of(store, problem)
    closed = store.people.many([problem.closed_by])[problem.closed_by] if problem.closed_by is not None else None
    known = store.catalog.service(problem.service)
    numbers = store.problems.incidents(problem.id)
    incidents = store.incidents.many(numbers).values()
    return ProblemView(
        problem=problem,
        owner=owner,
        closed_by=closed.name if closed else "",
        service=known.name if known else problem.service,
        incidents=sorted(incidents, key=lambda incident: incident.id, reverse=True),
        cost=cost_of(store, [*incidents], now),
        actions=store.actions.count(ActionFilter(incidents=[*numbers], states=(ActionState.OPEN,))),
        today=today_in(owner.time_zone, now),
        now=now,
    )


def cost_of(store: Store, incidents: Sequence[Incident], now: datetime) -> Cost:
    """Add up the work people did on incidents, and how long their impact lasted."""
    work = effort(store.metrics.bursts_in([incident.id for incident in incidents]))
    ended = ((incident, incident.mitigated_at or incident.resolved_at or now) for incident in incidents)
    return Cost(work=work, impact=sum((end - incident.declared_at for incident, end in ended), timedelta()))


def listed(store: Store, wanted: Wanted, now: datetime) -> ProblemList:
    """Read one page of a list."""
    asked = ProblemFilter(
        states=() if wanted.everything else (ProblemState.OPEN,),
        owners={wanted.owner.id} if wanted.owner else None,
        services=wanted.services,
        skip=(max(wanted.page, 1) - 1) * wanted.limit,
        limit=wanted.limit,
    )
    rows = store.problems.list(asked)
    return ProblemList(
        wanted=wanted,
        rows=rows,
        owners=store.people.many({row.owner for row in rows}),
        incidents={row.id: store.problems.incidents(row.id) for row in rows},
        total=store.problems.count(asked),
        now=now,
    )
