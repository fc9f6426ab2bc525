"""Hypothesis strategies for organisations that fit together."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.audience import Audience
from domain.catalog import Service, Side, Team
from domain.durations import MAX_DURATION, MAX_MONTHS, ShiftLength, ShiftUnit
from domain.escalation import MAX_ACKNOWLEDGEMENTS, EscalationPolicy, Step, StepHours, parse_target
from domain.freeze import Freeze
from domain.oncall import HandoffRule, Override, PeopleChange, Rotation, Schedule, WeeklyWindow
from domain.organisation import ListedPerson, Organisation, OrganisationSettings, Targets

SECOND = timedelta(seconds=1)
ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo")
# Words that YAML readers like to take for something else.
TRAPS = ("no", "yes", "on", "off", "null", "y", "12", "0x1f", "1e3", "1_000", "0o17", "007", "nan", "true", "1.5")

handles = st.one_of(
    st.sampled_from(TRAPS),
    st.text(string.ascii_lowercase + string.digits + "-_.", min_size=1, max_size=12).filter(
        lambda text: text[0].isalnum()
    ),
)
labels = st.one_of(
    st.sampled_from(
        [*TRAPS, "~", "- a", "a: b", "a #b", " padded ", "'", '"', "\\", "{x}", "[x]", "*a", "&a", "!x", "12:30"]
    ),
    st.sampled_from(
        ["Zoë Ångström", "نادية حداد", "林薇", "🚒 Ops", "a\u200db", "\ufeffa", "\u202eevil", "2026-11-07", "x, y"]
    ),
    st.text(min_size=1, max_size=30),
).filter(lambda text: text.isprintable() or any(letter in text for letter in "\u200d\ufeff\u202e"))
names = labels.filter(lambda text: any(not letter.isspace() and letter != "\ufeff" for letter in text))


def _length(limit):
    return st.timedeltas(SECOND, limit).map(lambda length: timedelta(seconds=length // SECOND))


durations = _length(MAX_DURATION)
shift_lengths = st.one_of(
    st.builds(ShiftLength, st.just(ShiftUnit.MONTHS), st.integers(1, MAX_MONTHS)),
    st.builds(ShiftLength, st.just(ShiftUnit.DAYS), st.integers(1, MAX_DURATION.days)),
    st.builds(ShiftLength, st.just(ShiftUnit.SECONDS), st.integers(1, MAX_DURATION // SECOND)),
)
walls = st.datetimes(datetime(2001, 1, 1), datetime(2198, 12, 31)).map(lambda t: t.replace(microsecond=0))  # noqa: DTZ001
windows = st.builds(
    WeeklyWindow,
    first_day=st.integers(0, 6),
    last_day=st.integers(0, 6),
    starts=st.integers(0, 1439),
    ends=st.integers(1, 1440),
).filter(lambda window: window.starts != window.ends)
window_lists = st.lists(windows, max_size=3).map(tuple)
thousandths = st.integers(0, 100_000).map(lambda n: n // 1000 if n % 1000 == 0 else n / 1000)


def some(values, **limits):
    return st.lists(st.sampled_from(values), **limits).map(tuple) if values else st.just(())


def maybe(strategy):
    return st.one_of(st.none(), strategy)


def either(values):
    return maybe(st.sampled_from(values)) if values else st.none()


@st.composite
def overrides(draw, people):
    starts = draw(walls).replace(tzinfo=UTC)
    length = draw(_length(timedelta(days=300)))
    return Override(person=draw(st.sampled_from(people)), starts_at=starts, ends_at=starts + length)


@st.composite
def rotations(draw, people):
    turns = some(people, min_size=1, max_size=6)
    starts = draw(walls)
    later = sorted(draw(st.sets(walls.filter(lambda wall: wall > starts), max_size=2)))
    return Rotation(
        starts=starts,
        shift=draw(shift_lengths),
        people=draw(turns),
        only=draw(window_lists),
        changes=tuple(PeopleChange(starts=wall, people=draw(turns)) for wall in later),
    )


def schedules(people, teams, ids=handles):
    return st.builds(
        Schedule,
        id=ids,
        team=st.sampled_from(teams),
        time_zone=st.sampled_from(ZONES),
        rotations=st.lists(rotations(people), min_size=1, max_size=3).map(tuple),
        overrides=st.lists(overrides(people), max_size=3).map(tuple),
        handoff=st.sampled_from(HandoffRule),
        calendar=maybe(st.just("https://calendar.example.org/team.ics?key=a%20b")),
    )


def escalation_policies(targets, ids=handles):
    target = st.sampled_from(targets).map(parse_target)
    step = st.builds(
        Step,
        notify=st.lists(target, min_size=1, max_size=3).map(tuple),
        wait=durations,
        acknowledgements=st.integers(1, MAX_ACKNOWLEDGEMENTS),
        only=st.sampled_from(StepHours),
    )
    return st.builds(
        EscalationPolicy,
        id=ids,
        steps=st.lists(step, min_size=1, max_size=4).map(tuple),
        repeat=st.integers(0, 100),
        last_resort=maybe(target),
        ack_timeout=maybe(durations),
    )


@st.composite
def freezes(draw, teams, services):
    starts = draw(walls).replace(tzinfo=UTC)
    return Freeze(
        name=draw(names),
        starts_at=starts,
        ends_at=starts + draw(_length(timedelta(days=300))),
        teams=draw(some(teams, unique=True)),
        services=draw(some(services, unique=True)),
    )


severity_sets = st.sets(st.sampled_from((1, 2, 3, 4))).map(lambda found: tuple(sorted(found)))
templates = st.sampled_from(["{title}\n{next}: „ja“\n", "no", "{services} ({severity}) {status}", " 12 "])


def settings(people, teams, services):
    audience = st.builds(
        Audience,
        name=names,
        severities=severity_sets,
        services=some(services),
        channels=some(["19:abc@thread.tacv2", "19:x-y@unq.gbl.spaces"]),
        teams=some(teams),
        people=some(people),
        emails=some(["status@example.org", "a+b@example.org"], min_size=1),
    )
    return st.builds(
        OrganisationSettings,
        severities=st.fixed_dictionaries(dict.fromkeys((1, 2, 3, 4), names)),
        update_reminder=st.dictionaries(st.sampled_from((1, 2, 3, 4)), durations),
        targets=st.builds(
            Targets,
            resolve_hours=st.integers(1, 8760),
            reactive_work_percent=thousandths,
            automation_coverage_percent=thousandths,
        ),
        audiences=st.lists(audience, max_size=3, unique_by=lambda one: one.name.casefold()).map(tuple),
        update_approval=severity_sets,
        update_templates=st.dictionaries(st.sampled_from((1, 2, 3, 4)), templates, max_size=2),
    )


def _ids(**limits):
    return st.lists(handles, unique=True, **limits)


@st.composite
def organisations(draw):
    people = draw(
        st.lists(
            st.builds(
                ListedPerson,
                handle=handles,
                name=names,
                aad_object_id=maybe(st.uuids().map(str)),
                email=maybe(st.just("ada@example.org")),
                time_zone=st.sampled_from(ZONES),
                admin=st.booleans(),
            ),
            max_size=4,
            unique_by=(lambda person: person.handle, lambda person: person.aad_object_id or person.handle),
        )
    )
    known = [person.handle for person in people]
    teams = [
        Team(
            id=name,
            name=draw(names),
            side=draw(st.sampled_from(Side)),
            lead=draw(either(known)),
            members=draw(some(known, unique=True)),
            channel=draw(maybe(st.just("19:abc@thread.tacv2"))),
            time_zone=draw(st.sampled_from(ZONES)),
            working_hours=draw(window_lists),
            capacity_hours_per_week=draw(maybe(thousandths)),
            care_hours_per_week=draw(maybe(thousandths)),
        )
        for name in draw(_ids(max_size=3))
    ]
    team_ids = [team.id for team in teams]
    rota = (
        [draw(schedules(known, team_ids, st.just(name))) for name in draw(_ids(max_size=2))] if known and teams else []
    )
    targets = [f"person:{name}" for name in known] + [f"team:{name}" for name in team_ids]
    targets += [f"schedule:{schedule.id}" for schedule in rota] + [f"channel:{name}" for name in team_ids]
    targets += ["sides:both", "sides:engineering", "sides:operations"]
    policies = [draw(escalation_policies(targets, st.just(n))) for n in draw(_ids(max_size=2))] if targets else []
    services = [
        Service(
            id=name,
            name=draw(names),
            owner=draw(st.sampled_from(team_ids)),
            operations=draw(either(team_ids)),
            tier=draw(maybe(st.integers(1, 5))),
            escalation_policy=draw(either([policy.id for policy in policies])),
            severity_policies=draw(
                st.dictionaries(st.sampled_from((1, 2, 3, 4)), st.sampled_from([policy.id for policy in policies]))
                if policies
                else st.just({})
            ),
            runbooks=draw(some(["https://wiki.example.org/a?b=c#d", "http://[::1]:80/x,y"])),
        )
        for name in (draw(_ids(max_size=2)) if teams else ())
    ]
    return Organisation(
        people=tuple(people),
        teams=tuple(teams),
        services=tuple(services),
        schedules=tuple(rota),
        escalation_policies=tuple(policies),
        settings=replace(
            draw(settings(known, team_ids, [service.id for service in services])),
            freezes=tuple(draw(st.lists(freezes(team_ids, [service.id for service in services]), max_size=3))),
        ),
    )
