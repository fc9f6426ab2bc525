"""What both people of a handoff see: what is open, what happened, what comes."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.catalog import Team
from domain.handoff import Handoff
from domain.handoff import HandoffState as State
from domain.incident import Incident, Role
from domain.oncall import Schedule
from domain.paging import Page, PageResult, Way
from domain.people import Person
from domain.shifts import shift_at
from domain.timeline import EntryKind
from usecases.handoffs.coming import ComingWindow, DueCare, RiskyChange, care_due, risky_changes, windows_in
from usecases.handoffs.planning import shift_end, why_over
from usecases.handoffs.team import incidents_since, open_incidents
from usecases.handoffs.telling import people_of
from usecases.ports import Store

INCIDENTS_SHOWN, FIXES_SHOWN, OVERRIDES_SHOWN, OTHERS_SHOWN = 6, 4, 4, 4
"""Rows of each section; ours: the card stays readable on a phone, `list` and the timelines have the rest."""
NIGHT_FROM, NIGHT_TO = 22, 6
"""Hours on the person's own clock in which a page wakes them."""
_WEEK = timedelta(days=7)
_FIXES_FROM = 20
"""Incidents whose notes are looked through."""
_NOTES_READ = 200
_TEMPORARY = re.compile(r"\b(?:temporar(?:y|ily)|work-?arounds?)\b", re.IGNORECASE)
_REACHED = (PageResult.PENDING, PageResult.SENT, PageResult.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """An incident that the incoming person gets."""

    incident: Incident
    severity_name: str
    commander: str | None
    latest: str
    """The latest words a person wrote about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPages:
    """How often the outgoing person was paged in this shift."""

    count: int
    at_night: int
    """Between 22:00 and 06:00 on the clock of whoever was paged."""
    noisiest: str
    """Name of the service most of them were about; empty where no incident named one."""
    noisiest_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A note that speaks of something temporary: somebody has to take it out again."""

    ref: str
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Somebody who stands in during the next shift. Times are UTC."""

    person: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffView:
    """A handoff with everything its card says. `now` is when it was read (UTC)."""

    handoff: Handoff
    outgoing: Person
    incoming: Person
    now: datetime
    over: str | None = None
    """A sentence that says why an answer means nothing any more; None while it means something, or was given."""
    until: datetime | None = None
    """When the next shift ends; None: nothing is in sight that ends it."""
    incidents: Sequence[OpenIncident] = ()
    more_incidents: int = 0
    pages: ShiftPages | None = None
    windows: Sequence[ComingWindow] = ()
    changes: Sequence[RiskyChange] = ()
    fixes: Sequence[Fix] = ()
    care: Sequence[DueCare] = ()
    covers: Sequence[Cover] = ()


def handoff_view(store: Store, handoff: Handoff, now: datetime) -> HandoffView:
    """Read what a handoff's card says."""
    outgoing, incoming = people_of(store, handoff)
    schedule = store.schedules.get(handoff.schedule)
    team = store.catalog.team(schedule.team) if schedule else None
    over = why_over(store, schedule, handoff, now) if handoff.can_be_accepted else None
    if schedule is None or team is None or handoff.is_off or over:
        return HandoffView(handoff=handoff, outgoing=outgoing, incoming=incoming, now=now, over=over)
    until = shift_end(schedule, handoff)
    ahead = until or handoff.boundary_at + _WEEK
    since = _shift_start(schedule, handoff)
    open_ = open_incidents(store, team.id)
    return HandoffView(
        handoff=handoff,
        outgoing=outgoing,
        incoming=incoming,
        now=now,
        until=until,
        incidents=_shown(store, open_[:INCIDENTS_SHOWN]),
        more_incidents=max(len(open_) - INCIDENTS_SHOWN, 0),
        pages=_pages(store, schedule, handoff, outgoing, since),
        windows=windows_in(store, team, handoff.boundary_at, ahead),
        changes=risky_changes(store, team, handoff.boundary_at),
        fixes=_fixes(store, team, open_, since),
        care=care_due(store, team, ahead, now),
        covers=_covers(store, schedule, handoff, ahead),
    )


def of_person(store: Store, person_id: int) -> Sequence[Handoff]:
    """List the open handoffs somebody gives or takes: those that wait for an answer first, then the soonest."""
    return sorted(store.handoffs.open_for(person_id), key=lambda h: (h.state is State.PREPARED, h.boundary_at, h.id))


def of_schedule(store: Store, schedule_id: str, now: datetime) -> Handoff | None:
    """Find the handoff of a schedule that matters now: one that is asked, else the current one, else the next."""
    known = [h for h in store.handoffs.of_schedule(schedule_id, limit=20) if not h.is_off]
    asked = [h for h in known if h.state is State.OFFERED or h.boundary_at <= now < h.expires_at]
    coming = [h for h in known if h.boundary_at > now]
    if asked:
        return min(asked, key=lambda h: (h.boundary_at, -h.id))
    return min(coming, key=lambda h: (h.boundary_at, -h.id)) if coming else next(iter(known), None)


# -- sections ----------------------------------------------------------------------------------------------------------


def _shift_start(schedule: Schedule, handoff: Handoff) -> datetime:
    shift = shift_at(schedule, handoff.boundary_at - timedelta(milliseconds=1))
    return shift.starts_at or handoff.boundary_at - _WEEK


def _shown(store: Store, incidents: Sequence[Incident]) -> tuple[OpenIncident, ...]:
    names = store.organisations.severity_names()
    led_by = store.people.many({i.roles[Role.COMMANDER] for i in incidents if Role.COMMANDER in i.roles})
    return tuple(_row(store, incident, names, led_by) for incident in incidents)


def _row(store: Store, incident: Incident, names: Mapping[int, str], led_by: Mapping[int, Person]) -> OpenIncident:
    latest = store.timeline.latest_words(incident.id)
    commander = led_by.get(incident.roles.get(Role.COMMANDER, 0))
    return OpenIncident(
        incident=incident,
        severity_name=names[incident.severity],
        commander=commander.name if commander else None,
        latest=latest.text if latest else "",
    )


def _pages(store: Store, schedule: Schedule, handoff: Handoff, person: Person, since: datetime) -> ShiftPages | None:
    pages = [
        page
        for page in store.pages.to_person(person.id, due_after=since)
        if page.due_at < handoff.expires_at and page.result in _REACHED and _belongs(page, schedule)
    ]
    by_teams = {page.incident_id for page in pages if page.way is Way.TEAMS}
    # E-mail is the second way for the same page; it counts alone only where Teams took nothing.
    counted = [page for page in pages if page.way is Way.TEAMS or page.incident_id not in by_teams]
    if not counted:
        return None
    incidents = store.incidents.many({page.incident_id for page in counted if page.incident_id is not None})
    noise = Counter(s for page in counted for s in _services(incidents, page.incident_id))
    noisiest = max(noise, key=lambda s: (noise[s], s)) if noise else ""
    service = store.catalog.service(noisiest) if noisiest else None
    return ShiftPages(
        count=len(counted),
        at_night=sum(_is_night(page.due_at, person.time_zone) for page in counted),
        noisiest=service.name if service else noisiest,
        noisiest_count=noise[noisiest] if noisiest else 0,
    )


def _belongs(page: Page, schedule: Schedule) -> bool:
    """Leave out pages that another schedule of the same person asked for."""
    return not page.target.startswith("schedule:") or page.target == f"schedule:{schedule.id}"


def _services(incidents: Mapping[int, Incident], incident_id: int | None) -> Sequence[str]:
    incident = incidents.get(incident_id) if incident_id is not None else None
    return incident.services if incident else ()


def _is_night(at: datetime, zone: str) -> bool:
    hour = at.astimezone(ZoneInfo(zone)).hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO


def _fixes(store: Store, team: Team, open_: Sequence[Incident], since: datetime) -> tuple[Fix, ...]:
    looked_at = {i.id: i for i in (*open_, *incidents_since(store, team.id, since))}
    newest = sorted(looked_at.values(), key=lambda i: i.id, reverse=True)[:_FIXES_FROM]
    found = sorted((row for i in newest for row in _temporary_notes(store, i)), key=lambda row: row[0], reverse=True)
    shown = found[:FIXES_SHOWN]
    people = store.people.many({actor for _, _, _, actor in shown})
    return tuple(
        Fix(ref=ref, text=text, by=people[actor].name if actor in people else "somebody")
        for _, ref, text, actor in shown
    )


def _temporary_notes(store: Store, incident: Incident) -> Iterator[tuple[datetime, str, str, int]]:
    for entry in store.timeline.page(incident.id, before=incident.entry_seq + 1, limit=_NOTES_READ):
        if entry.kind is EntryKind.NOTE and _TEMPORARY.search(entry.text):
            yield entry.at, incident.ref, entry.text, entry.actor


def _covers(store: Store, schedule: Schedule, handoff: Handoff, until: datetime) -> tuple[Cover, ...]:
    coming = [
        o
        for o in schedule.overrides
        if o.starts_at < until
        and o.ends_at > handoff.boundary_at
        and o.starts_at != handoff.boundary_at  # that one is the shift that begins
    ]
    names = {o.person: store.people.by_handle(o.person) for o in coming}
    return tuple(
        Cover(person=who.name if (who := names[o.person]) else o.person, starts_at=o.starts_at, ends_at=o.ends_at)
        for o in sorted(coming, key=lambda o: o.starts_at)[:OVERRIDES_SHOWN]
    )
