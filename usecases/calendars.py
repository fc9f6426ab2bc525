"""On-call and maintenance calendars for people's own calendar programs, under secret addresses."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.catalog import Team
from domain.errors import Refused
from domain.maintenance import Maintenance, MaintenanceState
from domain.oncall import Schedule
from domain.people import Person
from domain.shifts import Shift, shift_at, shifts_between
from domain.zones import instant
from usecases.handoffs.team import services_of
from usecases.maintenance_ports import MaintenanceFilter
from usecases.oncall_names import nearest
from usecases.oncall_ports import CalendarLink, LinkOwner
from usecases.ports import Store
from usecases.shift_windows import bounded, handles_in

PUBLIC_URL = "installation.public_url"
"""Name of the key under which the server leaves the address it is reached at."""
BEHIND, AHEAD = timedelta(days=30), timedelta(days=180)
"""How much of the past and the future a calendar shows; ours: programs fetch it anew every few hours."""
MOST_EVENTS = 2_000
"""Coming shifts that a calendar shows; ours: half a year of two a day is 360."""
_SECRET_BYTES = 24
_OCCURRENCES = 200


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One shift or window, half-open. `key` stays the same as long as the shift begins at the same moment."""

    key: str
    title: str
    starts_at: datetime
    """UTC; of one that comes again in the zone whose wall clock rules it."""
    ends_at: datetime
    rule: str = ""
    """RRULE of RFC 5545 where it comes again."""
    instead_of: datetime | None = None
    """Of one time that was moved: when the rule lets it begin."""
    left_out: tuple[datetime, ...] = ()
    """Times of the rule that do not happen."""
    cancelled: bool = False
    sequence: int = 0
    """Grows with every change."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a secret address shows."""

    name: str
    events: Sequence[CalendarEvent]


def address_for_schedule(store: Store, schedule_id: str, now: datetime, *, renew: bool) -> str:
    """Tell the secret address of a schedule's calendar; `renew` ends the earlier one. Raise Refused for an unknown one."""
    schedule = store.schedules.get(schedule_id)
    if schedule is None:
        raise Refused(f"There is no schedule “{schedule_id[:80]}”. Write `oncall` to see the schedules there are.")
    return _address(store, LinkOwner.SCHEDULE, schedule.id, now, renew=renew)


def address_for_person(store: Store, person: Person, now: datetime, *, renew: bool) -> str:
    """Tell the secret address of somebody's own shifts; `renew` ends the earlier one."""
    return _address(store, LinkOwner.PERSON, str(person.id), now, renew=renew)


def address_for_team(store: Store, team_id: str, now: datetime, *, renew: bool) -> str:
    """Tell the secret address of the maintenance of a team's services; `renew` ends the earlier one."""
    team = store.catalog.team(team_id)
    if team is None:
        raise Refused(nearest(store, team_id, "team"))
    return _address(store, LinkOwner.TEAM, team.id, now, renew=renew)


def _address(store: Store, owner: LinkOwner, owner_id: str, now: datetime, *, renew: bool) -> str:
    link = store.calendar_links.of(owner, owner_id)
    if link is None or renew:
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        link = CalendarLink(secret=secret, owner=owner, owner_id=owner_id, made_at=now)
        store.calendar_links.put(link)
    base = (store.key_value.get(PUBLIC_URL) or "").rstrip("/")
    return f"{base}/calendar/{link.secret}.ics"


def calendar_of(store: Store, secret: str, now: datetime) -> Calendar | None:
    """Read what a secret address shows at a moment (UTC); None where there is none such, or not any more."""
    link = store.calendar_links.by_secret(secret)
    if link is None:
        return None
    if link.owner is LinkOwner.SCHEDULE:
        schedule = store.schedules.get(link.owner_id)
        return None if schedule is None else _of_schedule(store, schedule, now)
    if link.owner is LinkOwner.TEAM:
        team = store.catalog.team(link.owner_id)
        return None if team is None else _of_team(store, team, now)
    person = store.people.many([int(link.owner_id)]).get(int(link.owner_id))
    return None if person is None or not person.active else _of_person(store, person, now)


def _of_schedule(store: Store, schedule: Schedule, now: datetime) -> Calendar:
    names = {person.handle: person.name for person in store.people.active()}
    events = [
        _event(schedule, shift, f"{names.get(shift.person, shift.person)} on call ({schedule.id})")
        for shift in _whole_shifts(schedule, now)
        if shift.person is not None
    ]
    return Calendar(f"On call: {schedule.id}", _nearest(events, now))


def _of_person(store: Store, person: Person, now: datetime) -> Calendar:
    events = [
        _event(schedule, shift, f"On call: {schedule.id}")
        for schedule in store.schedules.all()
        if person.handle in handles_in(schedule)
        for shift in _whole_shifts(schedule, now)
        if shift.person == person.handle
    ]
    by_time = sorted(events, key=lambda event: (event.starts_at, event.key))
    return Calendar(f"On call: {person.name}", _nearest(by_time, now))


def _of_team(store: Store, team: Team, now: datetime) -> Calendar:
    wanted = MaintenanceFilter(services=services_of(store, team.id), ends_after=now - BEHIND, limit=MOST_EVENTS)
    windows = store.maintenance.list(wanted) if wanted.services else ()
    events = [event for window in windows for event in _window_events(store, window)]
    return Calendar(f"Maintenance: {team.name}", sorted(events, key=lambda event: (event.starts_at, event.key)))


def _window_events(store: Store, window: Maintenance) -> Sequence[CalendarEvent]:
    """Write a window, with a moved time of one that comes again beside its rule."""
    own = CalendarEvent(
        f"maintenance-{window.id}",
        f"{window.name}: {window.title}",
        window.starts_at,
        window.ends_at,
        cancelled=window.state is MaintenanceState.CANCELLED,
        sequence=window.version,
    )
    recurrence, slot = window.recurrence, window.slot
    first = recurrence.next_at_or_after(instant(recurrence.starts, recurrence.zone)) if recurrence else None
    if recurrence is None or first is None or slot is None:
        return [own]
    zone = ZoneInfo(window.zone)
    begins = first.astimezone(zone)
    gone = store.maintenance.occurrences(window.id, limit=_OCCURRENCES)
    series = replace(
        own,
        starts_at=begins,
        ends_at=(begins.replace(tzinfo=None) + window.lasts).replace(tzinfo=zone),
        rule=recurrence.rule,
        left_out=tuple(o.starts_at for o in gone if o.state is MaintenanceState.CANCELLED),
    )
    return [series, *([replace(own, instead_of=slot)] if slot != window.starts_at else [])]


def _whole_shifts(schedule: Schedule, now: datetime) -> Sequence[Shift]:
    """List the shifts and gaps around a moment. None is cut: it would begin or end elsewhere at every look."""
    found = shifts_between(schedule, now - bounded(schedule, BEHIND), now + bounded(schedule, AHEAD))
    first, last = (shift_at(schedule, shift.starts_at or now) for shift in (found[0], found[-1]))
    return [first, *found[1:-1], last] if len(found) > 1 else [first]


def _nearest(events: Sequence[CalendarEvent], now: datetime) -> Sequence[CalendarEvent]:
    """Keep what is near where there is too much: a schedule may have shifts of a second."""
    begun = [event for event in events if event.starts_at <= now]
    return [*begun[-MOST_EVENTS // 10 :], *events[len(begun) :][:MOST_EVENTS]]


def _event(schedule: Schedule, shift: Shift, title: str) -> CalendarEvent:
    starts_at, ends_at = shift.starts_at, shift.ends_at
    if starts_at is None or ends_at is None:  # only a gap can lack one
        raise AssertionError
    return CalendarEvent(f"{schedule.id}-{starts_at:%Y%m%dT%H%M%SZ}", title, starts_at, ends_at)
