"""Who a target means at a moment: people to page, channels to post in, and why somebody is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.catalog import Service, Side, Team, WorkingHours
from domain.escalation import NotifyTarget, Step, StepHours, TargetKind
from domain.incident import Incident
from domain.oncall import Schedule, parse_weekly_window
from domain.people import Person
from domain.shifts import open_at, shift_at
from usecases import handoffs
from usecases.ports import Store
from usecases.wording import listed

OFFICE_HOURS = (parse_weekly_window("mon-fri 09:00-17:00"),)
"""When a team works that has not said so; ours."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody to page, and what named them."""

    person: Person
    target: str
    """Such as "schedule:payments-primary"."""
    why: str = ""
    """The same in words for a sentence; empty where the person was named."""

    @property
    def told(self) -> str:
        """Name them with the reason, such as "Grace Hopper (payments-primary)"."""
        return f"{self.person.name} ({self.why})" if self.why else self.person.name


@dataclass(frozen=True, slots=True)
class Posted:
    """A team in whose channel is posted, and what named it."""

    team: Team
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Everybody some targets mean, each once."""

    people: tuple[Found, ...] = ()
    channels: tuple[Posted, ...] = ()
    gaps: tuple[str, ...] = ()
    """Why a target means nobody: clauses without a full stop."""

    @property
    def reaches(self) -> bool:
        """Whether there is anybody at all."""
        return bool(self.people or self.channels)

    @property
    def told(self) -> str:
        """Say who is paged: "paged Grace Hopper (payments-primary) and posted in the channel of Payments"."""
        paged = f"paged {listed([found.told for found in self.people])}" if self.people else ""
        named = listed([posted.team.name for posted in self.channels])
        return " and ".join(filter(None, (paged, f"posted in the channel of {named}" if named else "")))


def resolve(store: Store, incident: Incident | None, target: NotifyTarget, now: datetime) -> Audience:
    """Tell whom one target means at a moment (UTC). Whoever is unknown, removed or inactive is nobody."""
    match target.kind:
        case TargetKind.SCHEDULE:
            return _schedule(store, store.schedules.get(target.id), target, now)
        case TargetKind.PERSON:
            return _person(store, target)
        case TargetKind.TEAM | TargetKind.CHANNEL:
            return _team(store, target)
        case TargetKind.SIDES:
            sides = (Side.ENGINEERING, Side.OPERATIONS) if target.id == "both" else (Side(target.id),)
            return together([side(store, incident, which, now) for which in sides])


def of_step(store: Store, incident: Incident, step: Step, now: datetime) -> Audience:
    """Tell whom a step means at a moment, each person once."""
    return together([resolve(store, incident, target, now) for target in step.notify])


def side(store: Store, incident: Incident | None, which: Side, now: datetime) -> Audience:
    """Tell who is on call on one side of an incident's services: on all schedules of its teams, else their leads."""
    teams = teams_of_side(store, services_of(store, incident) if incident else (), which)
    if not teams:
        about = incident.ref if incident else "it"
        return Audience(gaps=(f"no service of {about} has a team on the {which} side",))
    return together([_on_side(store, team, f"{TargetKind.SIDES}:{which}", now) for team in teams])


def teams_of_side(store: Store, services: Iterable[Service], which: Side) -> Sequence[Team]:
    """List the teams that own (engineering) or operate (operations) services, each once."""
    ids = (s.operations if which is Side.OPERATIONS else s.owner for s in services if which is not Side.PLATFORM)
    found = (store.catalog.team(team_id) for team_id in dict.fromkeys(i for i in ids if i))
    return [team for team in found if team is not None]


def services_of(store: Store, incident: Incident) -> Sequence[Service]:
    """List the services of an incident that the catalogue still has."""
    found = (store.catalog.service(service) for service in incident.services)
    return [service for service in found if service is not None]


def on_call(store: Store, schedule: Schedule, now: datetime) -> Person | None:
    """Tell who is paged for a schedule: whom it names, or the outgoing person while a handoff is open."""
    held = handoffs.responsible(store, schedule, now)
    person = store.people.many([held]).get(held) if held is not None else None
    if person is not None and person.active:
        return person
    named = shift_at(schedule, now).person
    return active(store, named) if named is not None else None


def nobody_on(schedule: Schedule, now: datetime) -> str:
    """Say that nobody is on call on a schedule, and until when: a clause."""
    shift = shift_at(schedule, now)
    if shift.person is not None:
        return f"schedule {schedule.id} names {shift.person}, who is not in the organisation any more"
    until = f" until {shift.ends_at:%Y-%m-%d %H:%M} UTC" if shift.ends_at else ""
    return f"schedule {schedule.id} has nobody on call{until}"


def active(store: Store, handle: str) -> Person | None:
    """Find somebody who is still here, by handle."""
    person = store.people.by_handle(handle)
    return person if person is not None and person.active else None


def at_work(store: Store, incident: Incident, hours: StepHours, now: datetime) -> bool:
    """Tell whether a step counts now, by the hours of the team that owns the incident's first service."""
    if hours is StepHours.ALWAYS:
        return True
    services = services_of(store, incident)
    team = store.catalog.team(services[0].owner) if services else None
    return open_at(hours_of(team), team.time_zone if team else "UTC", now) is (hours is StepHours.WORKING)


def hours_of(team: Team | None) -> WorkingHours:
    """Tell when a team works."""
    return (team.working_hours if team else ()) or OFFICE_HOURS


def together(audiences: Iterable[Audience]) -> Audience:
    """Put several into one: of a person or channel that is named twice the first naming stays."""
    people: dict[int, Found] = {}
    channels: dict[str, Posted] = {}
    gaps: dict[str, None] = {}
    for part in audiences:
        for found in part.people:
            people.setdefault(found.person.id, found)
        for posted in part.channels:
            channels.setdefault(posted.team.id, posted)
        gaps |= dict.fromkeys(part.gaps)
    return Audience(people=tuple(people.values()), channels=tuple(channels.values()), gaps=tuple(gaps))


# -- inside -----------------------------------------------------------------------------------------------------------


def _schedule(store: Store, schedule: Schedule | None, target: NotifyTarget, now: datetime) -> Audience:
    if schedule is None:
        return Audience(gaps=(f"there is no schedule {target.id} any more",))
    person = on_call(store, schedule, now)
    if person is None:
        return Audience(gaps=(nobody_on(schedule, now),))
    return Audience(people=(Found(person, str(target), schedule.id),))


def _person(store: Store, target: NotifyTarget) -> Audience:
    person = active(store, target.id)
    if person is None:
        return Audience(gaps=(f"{target.id} is not in the organisation any more",))
    return Audience(people=(Found(person, str(target)),))


def _team(store: Store, target: NotifyTarget) -> Audience:
    team = store.catalog.team(target.id)
    if team is None:
        return Audience(gaps=(f"there is no team {target.id} any more",))
    in_person = target.kind is TargetKind.TEAM
    lead = _lead(store, team, str(target)) if in_person else ()
    channels = (Posted(team, str(target)),) if team.channel else ()
    if lead or channels:
        return Audience(people=lead, channels=channels)
    return Audience(gaps=(f"team {team.name} has no channel" + (" and no lead" if in_person else ""),))


def _lead(store: Store, team: Team, target: str) -> tuple[Found, ...]:
    lead = active(store, team.lead) if team.lead else None
    return (Found(lead, target, f"team {team.name}"),) if lead else ()


def _on_side(store: Store, team: Team, target: str, now: datetime) -> Audience:
    schedules = store.schedules.of_team(team.id)
    found = [(schedule, on_call(store, schedule, now)) for schedule in schedules]
    people = tuple(Found(person, target, schedule.id) for schedule, person in found if person) or _lead(
        store, team, target
    )
    if people:
        return Audience(people=people)
    return Audience(gaps=(f"nobody of team {team.name} is on call, and it has no lead",))


def lead_of(store: Store, person: Person) -> Person | None:
    """Find the lead of a person's team who is somebody else and still here; of several teams the first by name."""
    for team in store.catalog.teams():
        if person.handle in team.members and team.lead and team.lead != person.handle:
            lead = active(store, team.lead)
            if lead is not None:
                return lead
    return None


def first_reached(people: Iterable[Person | None]) -> Person | None:
    """Find the first one who is still here and has a Teams account."""
    return next((p for p in people if p is not None and p.active and p.object_id is not None), None)
