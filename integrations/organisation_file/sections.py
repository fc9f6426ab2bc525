"""The layout of the organisation file: which keys each section has and what they mean."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.audience import Audience
from domain.catalog import LOWEST_TIER, Service, Side, Team
from domain.durations import ShiftLength, ShiftUnit, parse_duration, parse_shift_length
from domain.escalation import MAX_ACKNOWLEDGEMENTS, MAX_REPEAT, EscalationPolicy, Step, StepHours, parse_target
from domain.freeze import Freeze
from domain.oncall import HandoffRule, Override, PeopleChange, Rotation, Schedule, parse_weekly_window
from domain.organisation import (
    SEVERITY_NAMES,
    UPDATE_APPROVAL,
    UPDATE_REMINDERS,
    ListedPerson,
    OrganisationSettings,
    Targets,
)
from domain.references import Sections
from domain.review_template import DEFAULT_TEMPLATE, Fill, ReviewTemplate, SectionKind
from domain.zones import FIRST_YEAR, parse_moment, parse_wall_time
from integrations.organisation_file import words
from integrations.organisation_file.reader import Record

MAX_HOURS_PER_WEEK = 168_000
"""A thousand people around the clock."""
MAX_RESOLVE_HOURS = 8760
"""A year."""

# They stand in for values that could not be read: the file is refused anyway, reading goes on to find every fault.
_SOME_TIME, _SOME_LATER_TIME = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
# Earlier than every time that can be written: no other turn or change seems out of order because of it.
_SOME_WALL_TIME = datetime(FIRST_YEAR - 1, 1, 1)  # noqa: DTZ001 - the wall clock of a schedule
_SOME_SHIFT = ShiftLength(ShiftUnit.DAYS, 7)


def sections(top: Record) -> tuple[Sections, OrganisationSettings]:
    """Read the whole file; every section may be missing."""
    found = Sections(
        people=top.records("people", "a person", _person),
        teams=top.records("teams", "a team", _team),
        services=top.records("services", "a service", _service),
        schedules=top.records("schedules", "a schedule", _schedule),
        escalation_policies=top.records("escalation_policies", "an escalation policy", _policy),
    )
    settings = top.inner("settings", "a settings section", _settings, OrganisationSettings())
    found = replace(
        found,
        freezes=settings.freezes,
        audiences=settings.audiences,
        review_template=settings.review_template,
        review_templates=settings.review_templates,
    )
    return found, settings


def _person(record: Record) -> ListedPerson:
    return ListedPerson(
        handle=record.required("id", words.handle, ""),
        name=record.required("name", words.label, ""),
        aad_object_id=record.optional("aad_object_id", words.object_id, None),
        email=record.optional("email", words.email, None),
        time_zone=record.optional("time_zone", words.time_zone, "UTC"),
        admin=record.optional("admin", words.flag, default=False),
    )


def _team(record: Record) -> Team:
    return Team(
        id=record.required("id", words.handle, ""),
        name=record.required("name", words.label, ""),
        side=record.required("side", words.choice(Side), Side.ENGINEERING),
        lead=record.optional("lead", words.label, None),
        members=record.texts("members", words.label),
        channel=record.optional("channel", words.channel, None),
        time_zone=record.optional("time_zone", words.time_zone, "UTC"),
        working_hours=record.texts("working_hours", parse_weekly_window),
        capacity_hours_per_week=record.optional("capacity_hours_per_week", words.number(0, MAX_HOURS_PER_WEEK), None),
        care_hours_per_week=record.optional("care_hours_per_week", words.number(0, MAX_HOURS_PER_WEEK), None),
    )


def _service(record: Record) -> Service:
    return Service(
        id=record.required("id", words.handle, ""),
        name=record.required("name", words.label, ""),
        owner=record.required("owner", words.label, ""),
        operations=record.optional("operations", words.label, None),
        tier=record.optional("tier", words.whole_number(1, LOWEST_TIER), None),
        escalation_policy=record.optional("escalation_policy", words.label, None),
        runbooks=record.texts("runbooks", words.web_address),
        severity_policies=record.inner("severity_policies", "a list of policies", _severity_policies, {}),
    )


def _severity_policies(record: Record) -> dict[int, str]:
    found = {level: record.optional(str(level), words.label, None) for level in SEVERITY_NAMES}
    return {level: name for level, name in found.items() if name is not None}


def _schedule(record: Record) -> Schedule:
    zone = record.required("time_zone", words.time_zone, "UTC")

    def override(inner: Record) -> Override:
        return Override(
            person=inner.required("person", words.label, ""),
            starts_at=inner.required("from", lambda text: parse_moment(text, zone), _SOME_TIME),
            ends_at=inner.required("to", lambda text: parse_moment(text, zone), _SOME_LATER_TIME),
        )

    calendar = record.optional("calendar", words.calendar_address, None)
    return Schedule(
        id=record.required("id", words.handle, ""),
        team=record.required("team", words.label, ""),
        time_zone=zone,
        rotations=record.records("rotations", "a rotation", _rotation, needed=calendar is None),
        overrides=record.records("overrides", "an override", override),
        handoff=record.optional("handoff", words.choice(HandoffRule), HandoffRule.ACCEPTED),
        calendar=calendar,
    )


def _rotation(record: Record) -> Rotation:
    return Rotation(
        starts=record.required("starts", parse_wall_time, _SOME_WALL_TIME),
        shift=record.required("shift", parse_shift_length, _SOME_SHIFT),
        people=record.texts("people", words.label, needed=True),
        only=record.texts("only", parse_weekly_window),
        changes=record.records("changes", "a change of people", _people_change),
    )


def _people_change(record: Record) -> PeopleChange:
    return PeopleChange(
        starts=record.required("from", parse_wall_time, _SOME_WALL_TIME),
        people=record.texts("people", words.label, needed=True),
    )


def _policy(record: Record) -> EscalationPolicy:
    return EscalationPolicy(
        id=record.required("id", words.handle, ""),
        steps=record.records("steps", "a step", _step, needed=True),
        repeat=record.optional("repeat", words.whole_number(0, MAX_REPEAT), 0),
        last_resort=record.optional("last_resort", parse_target, None),
        ack_timeout=record.optional("ack_timeout", parse_duration, None),
    )


def _step(record: Record) -> Step:
    return Step(
        notify=record.texts("notify", parse_target, needed=True),
        wait=record.required("wait", parse_duration, timedelta(seconds=1)),
        acknowledgements=record.optional("acknowledgements", words.whole_number(1, MAX_ACKNOWLEDGEMENTS), 1),
        only=record.optional("only", words.choice(StepHours), StepHours.ALWAYS),
    )


def _settings(record: Record) -> OrganisationSettings:
    return OrganisationSettings(
        severities=record.inner("severities", "a list of severities", _severities, dict(SEVERITY_NAMES)),
        update_reminder=record.inner("update_reminder", "a list of reminders", _reminders, dict(UPDATE_REMINDERS)),
        targets=record.inner("targets", "a list of targets", _targets, Targets()),
        freezes=record.records("freezes", "a freeze", _freeze),
        audiences=record.records("audiences", "an audience", _audience),
        update_approval=_severity_list(record, "update_approval", UPDATE_APPROVAL),
        update_templates=record.inner("update_templates", "a list of templates", _templates, {}),
        review_template=record.optional("review_template", words.label, DEFAULT_TEMPLATE),
        review_templates=record.records("review_templates", "a review template", _review_template),
    )


def _review_template(record: Record) -> ReviewTemplate:
    return ReviewTemplate(
        id=record.required("id", words.handle, ""),
        title=record.required("title", words.label, ""),
        sections=record.records("sections", "a section", _review_section, needed=True),
    )


def _review_section(record: Record) -> SectionKind:
    return SectionKind(
        id=record.required("id", words.handle, ""),
        title=record.required("title", words.label, ""),
        hint=record.optional("hint", words.label, ""),
        required=record.optional("required", words.flag, default=False),
        fill=record.optional("fill", words.choice(Fill), None),
    )


def _audience(record: Record) -> Audience:
    reaches = ("channels", "teams", "people", "emails")
    record.wrong_without("This audience reaches nobody: give it channels, teams, people or emails.", *reaches)
    return Audience(
        name=record.required("name", words.label, ""),
        severities=_severity_list(record, "severities", ()),
        services=record.texts("services", words.label),
        channels=record.texts("channels", words.channel),
        teams=record.texts("teams", words.label),
        people=record.texts("people", words.label),
        emails=record.texts("emails", words.email),
    )


def _severity_list(record: Record, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(record.texts(key, words.whole_number(1, len(SEVERITY_NAMES)), default=default))))


def _templates(record: Record) -> dict[int, str]:
    found = {level: record.optional(str(level), words.template, None) for level in SEVERITY_NAMES}
    return {level: text for level, text in found.items() if text is not None}


def _severities(record: Record) -> dict[int, str]:
    return {level: record.optional(str(level), words.label, name) for level, name in SEVERITY_NAMES.items()}


def _reminders(record: Record) -> dict[int, timedelta]:
    found = {level: record.optional(str(level), parse_duration, None) for level in SEVERITY_NAMES}
    return {level: length for level, length in found.items() if length is not None}


def _targets(record: Record) -> Targets:
    usual, percent = Targets(), words.number(0, 100)
    return Targets(
        resolve_hours=record.optional("resolve_hours", words.number(0.001, MAX_RESOLVE_HOURS), usual.resolve_hours),
        reactive_work_percent=record.optional("reactive_work_percent", percent, usual.reactive_work_percent),
        automation_coverage_percent=record.optional(
            "automation_coverage_percent", percent, usual.automation_coverage_percent
        ),
    )


def _freeze(record: Record) -> Freeze:
    return Freeze(
        name=record.required("name", words.label, ""),
        starts_at=record.required("from", words.moment, _SOME_TIME),
        ends_at=record.required("to", words.moment, _SOME_LATER_TIME),
        teams=record.texts("teams", words.label),
        services=record.texts("services", words.label),
    )
