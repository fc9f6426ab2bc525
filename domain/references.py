"""Checks across the sections of an organisation: names that must exist, and names that must be unique."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from domain.audience import Audience
from domain.catalog import Service, Team
from domain.escalation import EscalationPolicy, NotifyTarget, TargetKind
from domain.freeze import Freeze
from domain.oncall import Override, Rotation, Schedule
from domain.organisation import ListedPerson
from domain.review_template import DEFAULT_TEMPLATE, MOST_SECTIONS, TEMPLATES, ReviewTemplate

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys of the organisation file and positions in lists, such as ("teams", 0, "lead")."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not fit together, with a sentence saying what to do about it."""

    path: Path
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The sections of an organisation in the order in which somebody wrote them."""

    people: Sequence[ListedPerson] = ()
    teams: Sequence[Team] = ()
    services: Sequence[Service] = ()
    schedules: Sequence[Schedule] = ()
    escalation_policies: Sequence[EscalationPolicy] = ()
    freezes: Sequence[Freeze] = ()
    """They stand in the settings."""
    audiences: Sequence[Audience] = ()
    """Of the settings."""
    review_template: str = DEFAULT_TEMPLATE
    """Of the settings."""
    review_templates: Sequence[ReviewTemplate] = ()
    """Of the settings."""


def find_problems(sections: Sections) -> Iterator[Problem]:
    """Find every name that is used twice or does not exist, and every override or freeze that ends before it begins."""
    known = _Known(sections)
    yield from _twice(sections)
    yield from _people_twice(sections.people)
    yield from _in_teams(sections.teams, known)
    yield from _in_services(sections.services, known)
    yield from _in_schedules(sections.schedules, known)
    yield from _in_policies(sections.escalation_policies, known)
    yield from _in_freezes(sections.freezes, known)
    yield from _in_audiences(sections.audiences, known)
    yield from _in_reviews(sections.review_template, sections.review_templates)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that was probably meant, or None."""
    by_case = {name.casefold(): name for name in known}
    found = get_close_matches(word[:64].casefold(), by_case, n=1, cutoff=0.7)
    return by_case[found[0]] if found else None


class _Known:
    """The names that may be referred to."""

    def __init__(self, sections: Sections) -> None:
        self._names = {
            "person": ("people", {person.handle for person in sections.people}),
            "team": ("teams", {team.id for team in sections.teams}),
            "service": ("services", {service.id for service in sections.services}),
            "schedule": ("schedules", {schedule.id for schedule in sections.schedules}),
            "escalation policy": ("escalation_policies", {policy.id for policy in sections.escalation_policies}),
        }
        self._meant: dict[tuple[str, str], str | None] = {}

    def missing(self, kind: str, name: str | None, *path: str | int) -> Iterator[Problem]:
        section, names = self._names[kind]
        if name is None or name in names:
            return
        if (kind, name) not in self._meant:
            self._meant[kind, name] = nearest(name, names)
        meant = self._meant[kind, name]
        advice = f'did you mean "{meant}"?' if meant else f"add it to {section} or correct the name."
        yield Problem(path, f'There is no {kind} "{name}": {advice}')


def _twice(sections: Sections) -> Iterator[Problem]:
    """Ids are compared without case because commands do."""
    named = {
        "people": [person.handle for person in sections.people],
        "teams": [team.id for team in sections.teams],
        "services": [service.id for service in sections.services],
        "schedules": [schedule.id for schedule in sections.schedules],
        "escalation_policies": [policy.id for policy in sections.escalation_policies],
    }
    for section, ids in named.items():
        seen: dict[str, str] = {}
        for position, name in enumerate(ids):
            first = seen.get(name.casefold())
            if first is None:
                seen[name.casefold()] = name
                continue
            differs = f'"{first}" and "{name}" differ only in case' if first != name else f'"{name}" is there twice'
            yield Problem((section, position, "id"), f"The id {differs}: rename or remove one of them.")


def _people_twice(people: Sequence[ListedPerson]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for position, person in enumerate(people):
        if person.aad_object_id is None:
            continue
        first = seen.setdefault(person.aad_object_id, person.handle)
        if first != person.handle:
            sentence = f'"{first}" and "{person.handle}" have the same aad_object_id: correct it or remove one of them.'
            yield Problem(("people", position, "aad_object_id"), sentence)


def _in_teams(teams: Sequence[Team], known: _Known) -> Iterator[Problem]:
    for position, team in enumerate(teams):
        yield from known.missing("person", team.lead, "teams", position, "lead")
        seen: set[str] = set()
        for n, member in enumerate(team.members):
            yield from known.missing("person", member, "teams", position, "members", n)
            if member in seen:
                sentence = f'"{member}" is a member of this team already: name each member once.'
                yield Problem(("teams", position, "members", n), sentence)
            seen.add(member)


def _in_services(services: Sequence[Service], known: _Known) -> Iterator[Problem]:
    for position, service in enumerate(services):
        at = ("services", position)
        yield from known.missing("team", service.owner, *at, "owner")
        yield from known.missing("team", service.operations, *at, "operations")
        yield from known.missing("escalation policy", service.escalation_policy, *at, "escalation_policy")
        for level, policy in service.severity_policies.items():
            yield from known.missing("escalation policy", policy, *at, "severity_policies", str(level))


def _in_schedules(schedules: Sequence[Schedule], known: _Known) -> Iterator[Problem]:
    for position, schedule in enumerate(schedules):
        at = ("schedules", position)
        yield from known.missing("team", schedule.team, *at, "team")
        for n, rotation in enumerate(schedule.rotations):
            yield from _in_rotation(rotation, known, (*at, "rotations", n))
        for n, override in enumerate(schedule.overrides):
            yield from _in_override(override, known, (*at, "overrides", n))


def _in_rotation(rotation: Rotation, known: _Known, at: Path) -> Iterator[Problem]:
    for turn, person in enumerate(rotation.people):
        yield from known.missing("person", person, *at, "people", turn)
    before = rotation.starts
    for n, change in enumerate(rotation.changes):
        for turn, person in enumerate(change.people):
            yield from known.missing("person", person, *at, "changes", n, "people", turn)
        if change.starts <= before:
            what = "the change before it" if n else 'the rotation\'s "starts"'
            yield Problem((*at, "changes", n, "from"), f"This change must come later than {what}: put them in order.")
        before = max(before, change.starts)


def _in_override(override: Override, known: _Known, at: Path) -> Iterator[Problem]:
    yield from known.missing("person", override.person, *at, "person")
    if override.starts_at >= override.ends_at:
        yield Problem((*at, "to"), 'This override would never apply: "to" must be later than "from".')


def _in_policies(policies: Sequence[EscalationPolicy], known: _Known) -> Iterator[Problem]:
    for position, policy in enumerate(policies):
        at = ("escalation_policies", position)
        for n, step in enumerate(policy.steps):
            for m, target in enumerate(step.notify):
                yield from _target(target, known, (*at, "steps", n, "notify", m))
        if policy.last_resort:
            yield from _target(policy.last_resort, known, (*at, "last_resort"))


def _target(target: NotifyTarget, known: _Known, path: Path) -> Iterator[Problem]:
    if target.kind is TargetKind.SIDES:
        return
    kind = TargetKind.TEAM if target.kind is TargetKind.CHANNEL else target.kind
    yield from known.missing(str(kind), target.id, *path)


def _in_freezes(freezes: Sequence[Freeze], known: _Known) -> Iterator[Problem]:
    for position, freeze in enumerate(freezes):
        at = ("settings", "freezes", position)
        if freeze.starts_at >= freeze.ends_at:
            yield Problem((*at, "to"), 'This freeze would never apply: "to" must be later than "from".')
        yield from _in_freeze("team", freeze.teams, known, (*at, "teams"))
        yield from _in_freeze("service", freeze.services, known, (*at, "services"))


def _in_freeze(kind: str, names: Sequence[str], known: _Known, at: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for n, name in enumerate(names):
        yield from known.missing(kind, name, *at, n)
        if name in seen:
            yield Problem((*at, n), f'"{name}" is in this freeze already: name each {kind} once.')
        seen.add(name)


def _in_audiences(audiences: Sequence[Audience], known: _Known) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, audience in enumerate(audiences):
        at = ("settings", "audiences", position)
        for kind, key in (("service", "services"), ("team", "teams"), ("person", "people")):
            for n, name in enumerate(getattr(audience, key)):
                yield from known.missing(kind, name, *at, key, n)
        if audience.name.casefold() in seen:
            yield Problem(
                (*at, "name"), f'The audience "{audience.name}" is there twice: rename or remove one of them.'
            )
        seen.add(audience.name.casefold())


def _in_reviews(chosen: str, templates: Sequence[ReviewTemplate]) -> Iterator[Problem]:
    ours, at = [template.id for template in TEMPLATES], ("settings", "review_templates")
    for position, name in _again([template.id for template in templates]):
        yield Problem(
            (*at, position, "id"), f'The review template "{name}" is there twice: rename or remove one of them.'
        )
    for position, template in enumerate(templates):
        for place, name in _again([section.id for section in template.sections]):
            sentence = f'The section "{name}" is there twice: rename or remove one of them.'
            yield Problem((*at, position, "sections", place, "id"), sentence)
        if len(template.sections) > MOST_SECTIONS:
            sentence = f"A review template has {MOST_SECTIONS} sections at most: join some of them."
            yield Problem((*at, position, "sections"), sentence)
    known = [*ours, *(template.id for template in templates)]
    if chosen not in known:
        meant = nearest(chosen, known)
        advice = f'did you mean "{meant}"?' if meant else f"choose one of {', '.join(known)}."
        yield Problem(("settings", "review_template"), f'There is no review template "{chosen}": {advice}')


def _again(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name.casefold() in seen:
            yield position, name
        seen.add(name.casefold())
