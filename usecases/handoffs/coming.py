"""What awaits the incoming person on the team's services: maintenance, changes that may still go wrong, care that is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import maintenance as steps
from domain.catalog import Team
from domain.change import MAY_MATTER, RECENT, Risk
from domain.maintenance import MaintenanceState
from usecases.care.views import Wanted, listed
from usecases.change_ports import ChangeFilter
from usecases.handoffs.team import services_of
from usecases.ports import Store
from usecases.spans import Span

ROWS = 3
"""Of each section; ours: the card stays readable on a phone, the lists have the rest."""
_LOOKED_AT = 100
"""Changes of the last day among which the risky ones are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingWindow:
    """A maintenance window that runs at the shift change or begins in the next shift."""

    name: str
    title: str
    span: Span
    """When it first happens there, half-open, UTC."""
    state: MaintenanceState


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskyChange:
    """A change of medium or high risk. `at` is UTC."""

    name: str
    title: str
    risk: Risk
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCare:
    """Planned care that is overdue or falls due in the next shift. `due_at` is UTC."""

    title: str
    due_at: datetime
    owner: str
    """Empty where nobody looks after it."""
    is_overdue: bool


def windows_in(store: Store, team: Team, starts_at: datetime, until: datetime) -> tuple[ComingWindow, ...]:
    """List the windows on a team's services that touch a half-open time, what comes first in front."""
    found: list[ComingWindow] = []
    for window in store.maintenance.touching(sorted(services_of(store, team.id)), starts_at, until):
        # What overruns has no end yet: it lasts until somebody says that it is done.
        overruns = window.state is MaintenanceState.OVERRUN
        span = (window.starts_at, window.ends_at) if overruns else steps.happens_in(window, starts_at, until)
        if span is not None:
            found.append(ComingWindow(name=window.name, title=window.title, span=span, state=window.state))
    return tuple(sorted(found, key=lambda window: window.span)[:ROWS])


def risky_changes(store: Store, team: Team, boundary_at: datetime) -> tuple[RiskyChange, ...]:
    """List what was changed with a risk in the day before the shift change, the latest first."""
    services = tuple(sorted(services_of(store, team.id)))
    if not services:
        return ()
    wanted = ChangeFilter(
        services=services, states=MAY_MATTER, since=boundary_at - RECENT, until=boundary_at, limit=_LOOKED_AT
    )
    risky = [change for change in store.changes.list(wanted) if change.risk is not Risk.LOW]
    return tuple(RiskyChange(name=c.name, title=c.title, risk=c.risk, at=c.at) for c in risky[:ROWS])


def care_due(store: Store, team: Team, until: datetime, now: datetime) -> Sequence[DueCare]:
    """List a team's care that is overdue or due before `until`, what is due first in front."""
    rows = [row for row in listed(store, Wanted(team=team.id), now) if row.next.due_at < until]
    return tuple(
        DueCare(
            title=row.task.title,
            due_at=row.next.due_at,
            owner=row.owner.name if row.owner else "",
            is_overdue=row.next.is_due(now),
        )
        for row in rows[:ROWS]
    )
