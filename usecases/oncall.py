"""Who is on call: of a service on both its sides, of a team, a schedule, everything, and when a person is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.catalog import Service, Side, Team
from domain.errors import Unknown
from domain.escalation import EscalationPolicy, TargetKind
from domain.oncall import Schedule
from domain.people import Person
from domain.shifts import Shift, ShiftSource, shift_at
from usecases import feeds, handoffs
from usecases.feeds import Complaint
from usecases.oncall_names import KINDS, Meant, nearest, person_named, things_named
from usecases.ports import Store
from usecases.shift_windows import coming_shifts, handles_in

HOPS = 12
"""Shifts in a row of the same person that are followed to tell until when; ours: then the card says "at least"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time in which one person, or nobody, is on call: shifts of the same person in a row are one."""

    handle: str | None
    """None: nobody."""
    person: Person | None
    """None where nobody is, or where the schedule names somebody we do not know."""
    starts_at: datetime | None
    ends_at: datetime | None
    """UTC; None: nothing in sight ends it."""
    source: ShiftSource
    """Of its first shift."""
    at_least: bool = False
    """Whether it was not followed to its end: it goes on after `ends_at`."""

    @property
    def name(self) -> str:
        """Name whoever is on call."""
        return self.person.name if self.person else self.handle or "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One schedule as it stands at a moment."""

    schedule: Schedule
    team: Team | None
    current: Stretch
    following: tuple[Stretch, ...]
    """What comes then: the next person, or a gap and the next person after it."""
    still_paged: Person | None
    """Who is paged instead, because the handoff is not accepted yet."""
    calendar: Complaint | None = None
    """What people should know of its outside calendar; None when all is well, or there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Schedules that belong together."""

    team: Team | None
    rows: tuple[Row, ...]
    mine: bool = False
    """Whether the reader is in that team."""
    by_policy: bool = False
    """Whether they are there because the service's escalation policy names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallView:
    """What a look-up found. `now` is the moment it is true for, UTC."""

    words: str
    """What finds it again."""
    title: str
    groups: tuple[Group, ...]
    now: datetime
    also: str = ""
    """Something else that has the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """When a person is on call."""

    person: Person
    current: tuple[Row, ...]
    coming: tuple[Shift, ...]
    """The next shifts that have not begun."""
    now: datetime


# -- what is meant ----------------------------------------------------------------------------------------------------


def everything(store: Store, reader: Person, now: datetime) -> OnCallView:
    """Look at all schedules: the reader's teams first, then by side and team."""
    teams = {team.id: team for team in store.catalog.teams()}
    sides = {side: n for n, side in enumerate(Side)}
    by_team: dict[str, list[Schedule]] = {}
    for schedule in store.schedules.all():
        by_team.setdefault(schedule.team, []).append(schedule)
    names = _Names(store, everybody=True)
    groups = [
        Group(
            team=teams.get(team_id),
            rows=tuple(_row(store, schedule, teams.get(team_id), now, names) for schedule in schedules),
            mine=team_id in teams and reader.handle in teams[team_id].members,
        )
        for team_id, schedules in by_team.items()
    ]

    def order(group: Group) -> tuple[bool, int, str]:
        team = group.team
        return (not group.mine, sides[team.side] if team else len(sides), team.name.casefold() if team else "")

    return OnCallView(words="", title="On call", groups=tuple(sorted(groups, key=order)), now=now)


def look_up(store: Store, words: str, now: datetime) -> OnCallView | Person:
    """Find what words mean: a service, else a team, a schedule or a person, by id or name, in any case.

    "service:…", "team:…", "schedule:…" and "@…" say which. Raise Unknown with the nearest names.
    """
    kind, wanted = _kind_and_name(words)
    found = things_named(store, kind, wanted)
    if found:
        also = found[1] if len(found) > 1 else None
        hint = f"There is also a {also.kind} of that name: write `oncall {also.kind}:{also.id}`." if also else ""
        return replace(_view(store, found[0], now), also=hint)
    person = person_named(store, wanted) if kind in ("", "person") else None
    if person is None:
        raise Unknown(nearest(store, wanted, kind))
    return person


def _kind_and_name(words: str) -> tuple[str, str]:
    kind, colon, rest = words.strip().partition(":")
    if colon and kind.strip().lower() in KINDS:
        return kind.strip().lower(), rest.strip()
    return ("person" if words.strip().startswith("@") else ""), words.strip()


def of_person(store: Store, person: Person, now: datetime) -> PersonView:
    """Look up where a person is on call now, and their next shifts on any schedule."""
    teams = {team.id: team for team in store.catalog.teams()}
    names = _Names(store)
    mine = [schedule for schedule in store.schedules.all() if person.handle in handles_in(schedule)]
    current = tuple(
        _row(store, schedule, teams.get(schedule.team), now, names)
        for schedule in mine
        if shift_at(schedule, now).person == person.handle
    )
    return PersonView(person=person, current=current, coming=coming_shifts(mine, person.handle, now), now=now)


def schedules_of_service(store: Store, service: Service) -> tuple[Schedule, ...]:
    """List the schedules of a service: of its owner, of who operates it, and those its escalation policies name."""
    teams = dict.fromkeys(filter(None, (service.owner, service.operations)))
    own = [schedule for team in teams for schedule in store.schedules.of_team(team)]
    return tuple({schedule.id: schedule for schedule in (*own, *_by_policy(store, service))}.values())


# -- the parts of a view ----------------------------------------------------------------------------------------------


class _Names:
    """People by handle, each read once."""

    def __init__(self, store: Store, *, everybody: bool = False) -> None:
        self._store = store
        self._known: dict[str, Person | None] = {p.handle: p for p in store.people.active()} if everybody else {}

    def of(self, handle: str | None) -> Person | None:
        if handle is None:
            return None
        if handle not in self._known:
            self._known[handle] = self._store.people.by_handle(handle)
        return self._known[handle]


def _row(store: Store, schedule: Schedule, team: Team | None, now: datetime, names: _Names) -> Row:
    current = _stretch(schedule, shift_at(schedule, now), names)
    return Row(
        schedule=schedule,
        team=team,
        current=current,
        following=_following(schedule, current, names),
        still_paged=_paged_instead(store, schedule, current, now),
        calendar=feeds.complaint_of(store.feeds.get(schedule.id), now) if schedule.calendar else None,
    )


def _stretch(schedule: Schedule, shift: Shift, names: _Names) -> Stretch:
    """Follow a shift to the end of the same person's time on call."""
    last, hops = shift, 0
    while last.ends_at is not None and hops < HOPS:
        after = shift_at(schedule, last.ends_at)
        if after.person != shift.person:
            break
        last, hops = after, hops + 1
    return Stretch(
        handle=shift.person,
        person=names.of(shift.person),
        starts_at=shift.starts_at,
        ends_at=last.ends_at,
        source=shift.source,
        at_least=hops == HOPS and last.ends_at is not None,
    )


def _following(schedule: Schedule, current: Stretch, names: _Names) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    at = current.ends_at if not current.at_least else None
    while at is not None and len(found) < 2:  # noqa: PLR2004 - a gap, and who ends it
        found.append(_stretch(schedule, shift_at(schedule, at), names))
        at = found[-1].ends_at if found[-1].handle is None else None
    return tuple(found)


def _paged_instead(store: Store, schedule: Schedule, current: Stretch, now: datetime) -> Person | None:
    held_by = handoffs.responsible(store, schedule, now)
    holder = store.people.many([held_by]).get(held_by) if held_by is not None else None
    return holder if holder is not None and holder.handle != current.handle else None


def _view(store: Store, meant: Meant, now: datetime) -> OnCallView:
    names, words = _Names(store), f"{meant.kind}:{meant.id}"
    match meant.thing:
        case Service() as service:
            groups = _of_service(store, service, now, names)
            return OnCallView(words=words, title=f"On call for {service.name}", groups=groups, now=now)
        case Team() as team:
            groups = (_team_group(store, team, store.schedules.of_team(team.id), now, names),)
            return OnCallView(words=words, title=f"On call in {team.name}", groups=groups, now=now)
        case Schedule() as schedule:
            groups = (_team_group(store, store.catalog.team(schedule.team), [schedule], now, names),)
            return OnCallView(words=words, title=f"On call on {schedule.id}", groups=groups, now=now)


def _of_service(store: Store, service: Service, now: datetime, names: _Names) -> tuple[Group, ...]:
    """Both sides of a service, and whoever else its escalation policies page."""
    groups: list[Group] = []
    shown: set[str] = set()
    for team_id in dict.fromkeys(filter(None, (service.owner, service.operations))):
        schedules = store.schedules.of_team(team_id)
        groups.append(_team_group(store, store.catalog.team(team_id), schedules, now, names))
        shown.update(schedule.id for schedule in schedules)
    others: dict[str, list[Schedule]] = {}
    for schedule in _by_policy(store, service):
        if schedule.id not in shown:
            others.setdefault(schedule.team, []).append(schedule)
    for team_id, schedules in others.items():
        group = _team_group(store, store.catalog.team(team_id), schedules, now, names)
        groups.append(replace(group, by_policy=True))
    return tuple(groups)


def _team_group(store: Store, team: Team | None, schedules: Sequence[Schedule], now: datetime, names: _Names) -> Group:
    return Group(team=team, rows=tuple(_row(store, schedule, team, now, names) for schedule in schedules))


def _by_policy(store: Store, service: Service) -> Iterable[Schedule]:
    """Find the schedules that the service's escalation policies page, in the order in which they do."""
    policy_ids = dict.fromkeys(filter(None, (service.escalation_policy, *service.severity_policies.values())))
    policies = [policy for policy_id in policy_ids if (policy := store.schedules.policy(policy_id)) is not None]
    wanted = dict.fromkeys(schedule_id for policy in policies for schedule_id in _paged_by(policy))
    found = (store.schedules.get(schedule_id) for schedule_id in wanted)
    return [schedule for schedule in found if schedule is not None]


def _paged_by(policy: EscalationPolicy) -> Iterable[str]:
    targets = [target for step in policy.steps for target in step.notify]
    targets += [policy.last_resort] if policy.last_resort else []
    return [target.id for target in targets if target.kind is TargetKind.SCHEDULE]
