"""What a digest says, in plain words: cards and the API show the same lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import maintenance as windows
from domain.action import today_in
from domain.catalog import Team
from domain.change import ChangeState, Risk
from domain.digest import Week
from domain.incident import Incident, ref_of
from domain.metrics import Measured
from domain.shifts import shift_at
from usecases import actions, problems, reviews
from usecases.care.views import Wanted as CareWanted
from usecases.care.views import listed as care_listed
from usecases.change_ports import ChangeFilter
from usecases.handoffs.team import open_incidents
from usecases.metrics import Figures, figures
from usecases.metrics.words import share_said, spread_said, work_said
from usecases.ports import IncidentFilter, Store
from usecases.wording import between, exact, length

ROWS = 6
"""Lines of a section; ours: what is more is counted, `list` and the pages have it."""
_TITLE = 80
_LINE = 160
"""Characters of a line; ours: a digest of the longest lines is still a message that Teams takes."""
_AHEAD = timedelta(days=7)
_READ = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a digest. Lines are plain text, as people wrote their parts."""

    id: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A week of a team, or of the organisation, as it looks at `now` (UTC)."""

    week: Week
    team: Team | None
    zone: str
    """Whose calendar and clock it is written in."""
    since: datetime
    until: datetime
    sections: tuple[Section, ...]
    """Those that have something to say."""
    figures: Figures
    now: datetime

    @property
    def title(self) -> str:
        """Name it."""
        return f"Weekly ops digest, week {self.week.number}"

    @property
    def quiet(self) -> bool:
        """Whether nothing happened, is open or comes: one line says so."""
        return all(section.id == "on_call" for section in self.sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the sections are made of."""

    store: Store
    team: Team | None
    services: frozenset[str] | None
    """None: all."""
    zone: str
    figures: Figures
    now: datetime


def digest_of(store: Store, week: Week, team: Team | None, zone: str, now: datetime) -> Digest:
    """Put a digest together; `zone` decides when the week begins and how times are written."""
    since, until = week.span(zone)
    found = figures(store, since, until, team)
    asked = _Asked(store=store, team=team, services=found.services, zone=zone, figures=found, now=now)
    sections = tuple(section for make in _SECTIONS if (section := make(asked)) and section.lines)
    return Digest(week=week, team=team, zone=zone, since=since, until=until, sections=sections, figures=found, now=now)


# -- sections, in their order; one without lines is left out -------------------------------------------------------------


def _happened(asked: _Asked) -> Section:
    names = asked.store.organisations.severity_names()
    rows = sorted(asked.figures.incidents, key=lambda i: (i.severity, i.id))
    lines = [f"{ref_of(i.id)} SEV{i.severity} {names[i.severity]}: {_short(i.title)}, {_ended(i)}" for i in rows[:ROWS]]
    return _section("happened", "What happened", lines, len(rows))


def _still_open(asked: _Asked) -> Section:
    names, store = asked.store.organisations.severity_names(), asked.store
    told = {i.id for i in asked.figures.incidents}
    every: Sequence[Incident] = (
        open_incidents(store, asked.team.id)
        if asked.team
        else sorted(store.incidents.list(IncidentFilter(open_only=True, limit=_READ)), key=lambda i: (i.severity, i.id))
    )
    rows = [i for i in every if i.id not in told]
    lines = [
        f"{i.ref} SEV{i.severity} {names[i.severity]}: {_short(i.title)}, {i.status} for {length(asked.now - i.declared_at)}"
        for i in rows[:ROWS]
    ]
    return _section("open", "Still open", lines, len(rows))


def _on_call(asked: _Asked) -> Section:
    if asked.team is None:
        return _section("on_call", "Who is on call", [], 0)
    schedules = asked.store.schedules.of_team(asked.team.id)
    lines: list[str] = []
    for schedule in schedules[:ROWS]:
        shift = shift_at(schedule, asked.now)
        person = asked.store.people.by_handle(shift.person) if shift.person else None
        name = person.name if person else shift.person or "nobody"
        until = f" until {exact(shift.ends_at, asked.zone)}" if shift.ends_at else ""
        lines.append(f"{schedule.id}: {name}{until}")
    return _section("on_call", "Who is on call", lines, len(schedules))


def _planned(asked: _Asked) -> Section:
    begins, ends, rows = asked.now, asked.now + _AHEAD, list[tuple[datetime, str]]()
    services = asked.services if asked.services is not None else {s.id for s in asked.store.catalog.services()}
    for window in asked.store.maintenance.touching(sorted(services), begins, ends):
        span = windows.happens_in(window, begins, ends)
        if span is not None:
            rows.append((span[0], f"{window.name}: {_short(window.title)}, {between(*span, asked.zone)}"))
    wanted = ChangeFilter(
        services=tuple(sorted(services)),
        states=(ChangeState.PROPOSED, ChangeState.PLANNED),
        since=begins,
        until=ends,
        limit=_READ,
    )
    rows += [
        (change.at, f"{change.name} ({change.risk} risk): {_short(change.title)}, {exact(change.at, asked.zone)}")
        for change in (asked.store.changes.list(wanted) if services else ())
        if change.risk is not Risk.LOW
    ]
    care = care_listed(asked.store, CareWanted(team=asked.team.id if asked.team else ""), asked.now)
    rows += [
        (row.next.due_at, f"Care {row.task.id}: {_short(row.task.title)}, {_care_due(asked, row.next.due_at)}")
        for row in care
        if row.next.due_at < ends
    ]
    rows.sort()
    return _section("planned", "What is planned", [line for _, line in rows[:ROWS]], len(rows))


def _care_due(asked: _Asked, due_at: datetime) -> str:
    return f"{'overdue since' if due_at <= asked.now else 'due'} {exact(due_at, asked.zone)}"


def _actions(asked: _Asked) -> Section:
    found = actions.listed(asked.store, actions.Wanted(team=asked.team, limit=_READ), asked.now)
    soon = today_in(asked.zone, asked.now) + _AHEAD
    rows = [action for action in found.rows if action.due_on < soon]
    lines = [
        f"{action.name}: {_short(action.title)}, {found.owners[action.owner].name}, "
        f"{'overdue since' if action.is_overdue(found.today(action)) else 'due'} {action.due_on:%a %Y-%m-%d}"
        for action in rows[:ROWS]
    ]
    return _section("actions", "Actions due", lines, len(rows))


def _reviews(asked: _Asked) -> Section:
    found = reviews.listed(asked.store, reviews.Wanted(services=asked.services, limit=_READ), asked.now)
    soon = asked.now + _AHEAD
    rows = [r for r in found.rows if r.is_live and r.due_at < soon and not found.incidents[r.incidents[0]].is_open]
    lines = [
        f"{row.ref} {_short(found.incidents[row.incidents[0]].title)}: {str(row.state).replace('_', ' ')}, "
        f"{found.people[row.owner].name}, {'overdue since' if row.is_overdue(asked.now) else 'due'} "
        f"{exact(row.due_at.replace(second=0, microsecond=0), asked.zone)}"
        for row in rows[:ROWS]
    ]
    return _section("reviews", "Reviews due", lines, len(rows))


def _problems(asked: _Asked) -> Section:
    found = problems.listed(asked.store, problems.Wanted(services=asked.services, limit=ROWS), asked.now)
    lines = [
        f"{row.name}: {_short(row.title)}, happened {len(found.incidents[row.id])} times, "
        f"{found.owners[row.owner].name}, due {row.due_on:%a %Y-%m-%d}"
        for row in found.rows
    ]
    return _section("problems", "What to fix next", lines, found.total)


def _numbers(asked: _Asked) -> Section:
    found, targets = asked.figures, asked.store.organisations.settings().targets
    parts = [
        ("Time to acknowledge", spread_said(found.time_to_acknowledge), ""),
        ("Time to resolve", spread_said(found.time_to_resolve), f"; goal: below {targets.resolve_hours:g} h"),
        ("Work on incidents, estimated", work_said(found.work), f"; goal: below {targets.reactive_work_percent:g} %"),
        ("Both sides joined", spread_said(found.work.both_sides), ""),
        ("Came again within 90 days", share_said(found.repeat_rate), ""),
        ("Handoffs accepted in time", share_said(found.handoff_acceptance), ""),
        ("Changes that failed", share_said(found.change_failure_rate), ""),
    ]
    lines = [f"{name}: {said}{goal}" for name, said, goal in parts if said]
    return _section("numbers", "Numbers", lines if found.incidents else [], len(lines))


_SECTIONS: tuple[Callable[[_Asked], Section], ...] = (
    _happened,
    _still_open,
    _on_call,
    _planned,
    _reviews,
    _actions,
    _problems,
    _numbers,
)


def _section(name: str, title: str, lines: Sequence[str], total: int) -> Section:
    more, shown = total - len(lines), (_cut(line, _LINE) for line in lines)
    return Section(id=name, title=title, lines=(*shown, *([f"and {more} more"] if lines and more > 0 else [])))


def _ended(incident: Measured) -> str:
    if incident.resolved_at is None:
        return "still open"
    return f"resolved after {length(incident.resolved_at - incident.declared_at)}"


def _short(title: str) -> str:
    return _cut(title, _TITLE)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
