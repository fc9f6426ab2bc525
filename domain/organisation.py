"""The organisation as one value: people, teams, services, schedules, policies and settings."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from domain.audience import Audience
from domain.catalog import Service, Team
from domain.durations import format_duration, parse_duration
from domain.escalation import EscalationPolicy
from domain.freeze import Freeze
from domain.oncall import Schedule
from domain.review_template import DEFAULT_TEMPLATE, ReviewTemplate

UPDATE_APPROVAL = (1,)
"""Severities whose stakeholder updates are approved, where the organisation says nothing."""
SEVERITY_NAMES: Mapping[int, str] = {1: "Critical", 2: "Major", 3: "Minor", 4: "Low"}
UPDATE_REMINDERS: Mapping[int, timedelta] = {
    1: timedelta(minutes=30),
    2: timedelta(minutes=30),
    3: timedelta(minutes=60),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """A person as the organisation file names them."""

    handle: str
    name: str
    aad_object_id: str | None = None
    """Microsoft Entra object id, lower case."""
    email: str | None = None
    time_zone: str = "UTC"
    """IANA name."""
    admin: bool = False

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, without what is empty; `from_json` gives an equal value."""
        data: dict[str, Any] = {"id": self.handle, "name": self.name}
        if self.aad_object_id is not None:
            data["aad_object_id"] = self.aad_object_id
        if self.email is not None:
            data["email"] = self.email
        data["time_zone"] = self.time_zone
        return data | ({"admin": True} if self.admin else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError for anything else."""
        return cls(
            handle=data["id"],
            name=data["name"],
            aad_object_id=data.get("aad_object_id"),
            email=data.get("email"),
            time_zone=data["time_zone"],
            admin=data.get("admin", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the organisation wants to reach; the defaults are the product's own goals."""

    resolve_hours: float = 2
    """From declaration to resolution."""
    reactive_work_percent: float = 30
    """At most this share of the working time, 0 to 100."""
    automation_coverage_percent: float = 80
    """At least this share of runbook runs, 0 to 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationSettings:
    """Settings that hold for the whole organisation; severities are keyed 1 (worst) to 4."""

    severities: Mapping[int, str] = field(default_factory=lambda: dict(SEVERITY_NAMES))
    """The name of each severity; always all four."""
    update_reminder: Mapping[int, timedelta] = field(default_factory=lambda: dict(UPDATE_REMINDERS))
    """How long after the last update a reminder is due; a severity left out has no reminder."""
    targets: Targets = field(default_factory=Targets)
    freezes: tuple[Freeze, ...] = ()
    """They may overlap; the order has no meaning."""
    audiences: tuple[Audience, ...] = ()
    """Who hears of incidents beside those who work on them, in the order of the file."""
    update_approval: tuple[int, ...] = UPDATE_APPROVAL
    """Severities whose stakeholder updates the commander approves, the worst first."""
    update_templates: Mapping[int, str] = field(default_factory=dict[int, str])
    """What a stakeholder update begins with, where that is not domain.update.TEMPLATES."""
    review_template: str = DEFAULT_TEMPLATE
    """Which template new reviews have: one of ours or of `review_templates`, by id."""
    review_templates: tuple[ReviewTemplate, ...] = ()
    """Templates of its own, in the order of their ids; one with the id of ours takes its place."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, severities as text because JSON has no other keys."""
        freezes = [freeze.to_json() for freeze in self.freezes]
        return {
            "severities": {str(level): name for level, name in sorted(self.severities.items())},
            "update_reminder": {str(level): format_duration(d) for level, d in sorted(self.update_reminder.items())},
            "targets": {
                "resolve_hours": self.targets.resolve_hours,
                "reactive_work_percent": self.targets.reactive_work_percent,
                "automation_coverage_percent": self.targets.automation_coverage_percent,
            },
            **({"freezes": freezes} if freezes else {}),
            **self._updates_json(),
            **self._reviews_json(),
        }

    def _reviews_json(self) -> dict[str, Any]:
        chosen = {"review_template": self.review_template} if self.review_template != DEFAULT_TEMPLATE else {}
        own = [template.to_json() for template in self.review_templates]
        return {**chosen, **({"review_templates": own} if own else {})}

    def _updates_json(self) -> dict[str, Any]:
        data: dict[str, Any] = (
            {"audiences": [audience.to_json() for audience in self.audiences]} if self.audiences else {}
        )
        if self.update_approval != UPDATE_APPROVAL:
            data["update_approval"] = list(self.update_approval)
        if self.update_templates:
            data["update_templates"] = {str(level): text for level, text in sorted(self.update_templates.items())}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            severities={int(level): name for level, name in data["severities"].items()},
            update_reminder={int(level): parse_duration(text) for level, text in data["update_reminder"].items()},
            targets=Targets(**data["targets"]),
            # Left out where there are none, as in settings that were stored before there could be any.
            freezes=tuple(Freeze.from_json(freeze) for freeze in data.get("freezes", ())),
            audiences=tuple(Audience.from_json(audience) for audience in data.get("audiences", ())),
            update_approval=tuple(data.get("update_approval", UPDATE_APPROVAL)),
            update_templates={int(level): text for level, text in data.get("update_templates", {}).items()},
            review_template=data.get("review_template", DEFAULT_TEMPLATE),
            review_templates=tuple(ReviewTemplate.from_json(template) for template in data.get("review_templates", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Everything the organisation file says.

    Sections stand in the order of their ids, members in the order of their handles and freezes in the order of time,
    whatever order they were given in, so that two organisations are equal exactly when they mean the same.
    """

    people: tuple[ListedPerson, ...] = ()
    teams: tuple[Team, ...] = ()
    services: tuple[Service, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    escalation_policies: tuple[EscalationPolicy, ...] = ()
    settings: OrganisationSettings = field(default_factory=OrganisationSettings)

    def __post_init__(self) -> None:
        teams = (replace(team, members=tuple(sorted(team.members, key=_order))) for team in self.teams)
        object.__setattr__(self, "people", _sorted(self.people, lambda person: person.handle))
        object.__setattr__(self, "teams", _sorted(teams, lambda team: team.id))
        object.__setattr__(self, "services", _sorted(self.services, lambda service: service.id))
        object.__setattr__(self, "schedules", _sorted(self.schedules, lambda schedule: schedule.id))
        policies = _sorted(self.escalation_policies, lambda policy: policy.id)
        object.__setattr__(self, "escalation_policies", policies)
        templates = _sorted(self.settings.review_templates, lambda template: template.id)
        settings = replace(self.settings, freezes=_in_time(self.settings.freezes), review_templates=templates)
        object.__setattr__(self, "settings", settings)

    def to_json(self) -> dict[str, Any]:
        """Give the whole organisation with the keys of the organisation file; `from_json` gives an equal value."""
        return {
            "people": [person.to_json() for person in self.people],
            "teams": [team.to_json() for team in self.teams],
            "services": [service.to_json() for service in self.services],
            "schedules": [schedule.to_json() for schedule in self.schedules],
            "escalation_policies": [policy.to_json() for policy in self.escalation_policies],
            "settings": self.settings.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            people=tuple(ListedPerson.from_json(person) for person in data["people"]),
            teams=tuple(Team.from_json(team) for team in data["teams"]),
            services=tuple(Service.from_json(service) for service in data["services"]),
            schedules=tuple(Schedule.from_json(schedule) for schedule in data["schedules"]),
            escalation_policies=tuple(EscalationPolicy.from_json(policy) for policy in data["escalation_policies"]),
            settings=OrganisationSettings.from_json(data["settings"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionChanges:
    """Ids that differ between two organisations in one section, each in the order of the ids."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        """Summarise it, such as "2 added, 1 removed"; empty where nothing differs."""
        counts = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        return ", ".join(f"{len(ids)} {word}" for word, ids in counts if ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationChanges:
    """What differs between two organisations."""

    people: SectionChanges
    teams: SectionChanges
    services: SectionChanges
    schedules: SectionChanges
    escalation_policies: SectionChanges
    settings: bool
    """Whether the settings differ."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.lines())

    def lines(self) -> tuple[str, ...]:
        """One line for each section that differs, such as "people: 2 added, 1 removed"."""
        sections = (
            ("people", self.people),
            ("teams", self.teams),
            ("services", self.services),
            ("schedules", self.schedules),
            ("escalation policies", self.escalation_policies),
        )
        lines = [f"{name}: {changes}" for name, changes in sections if changes]
        return (*lines, *(["settings: changed"] if self.settings else []))


def diff(before: Organisation, after: Organisation) -> OrganisationChanges:
    """Tell what has to change to get from one organisation to the other; falsy when they are equal."""
    return OrganisationChanges(
        people=_changes(before.people, after.people, lambda person: person.handle),
        teams=_changes(before.teams, after.teams, lambda team: team.id),
        services=_changes(before.services, after.services, lambda service: service.id),
        schedules=_changes(before.schedules, after.schedules, lambda schedule: schedule.id),
        escalation_policies=_changes(before.escalation_policies, after.escalation_policies, lambda policy: policy.id),
        settings=before.settings != after.settings,
    )


def freezes_touching(
    settings: OrganisationSettings, services: Collection[str], owners: Collection[str], start: datetime, end: datetime
) -> tuple[Freeze, ...]:
    """Give the freezes that overlap a time from `start` to before `end` (UTC) and concern what is to be done in it.

    `services` are the handles of the services it is done to, `owners` those of the teams that own them.
    """
    return tuple(
        freeze
        for freeze in settings.freezes
        if freeze.starts_at < end and start < freeze.ends_at and freeze.holds_for(services, owners)
    )


Item = TypeVar("Item")


def _changes(before: Sequence[Item], after: Sequence[Item], key: Callable[[Item], str]) -> SectionChanges:
    old, new = {key(item): item for item in before}, {key(item): item for item in after}
    return SectionChanges(
        added=tuple(name for name in new if name not in old),
        changed=tuple(name for name in new if name in old and new[name] != old[name]),
        removed=tuple(name for name in old if name not in new),
    )


def _sorted(items: Iterable[Item], key: Callable[[Item], str]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: _order(key(item))))


def _in_time(freezes: Iterable[Freeze]) -> tuple[Freeze, ...]:
    named = (
        replace(
            freeze,
            teams=tuple(sorted(freeze.teams, key=_order)),
            services=tuple(sorted(freeze.services, key=_order)),
        )
        for freeze in freezes
    )
    return tuple(
        sorted(named, key=lambda freeze: (freeze.starts_at, freeze.ends_at, freeze.name, freeze.teams, freeze.services))
    )


def _order(handle: str) -> tuple[str, str]:
    return handle.casefold(), handle
