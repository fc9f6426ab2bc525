"""The keys of the organisation file mean what its documentation says."""

from datetime import UTC, datetime, timedelta

from domain.audience import Audience
from domain.catalog import Side
from domain.durations import ShiftLength, ShiftUnit
from domain.escalation import NotifyTarget, TargetKind
from domain.freeze import Freeze
from domain.oncall import Override
from domain.organisation import OrganisationSettings, Targets
from integrations.organisation_file import read_organisation, write_organisation

FILE = """
people:
  - id: ada
    name: Ada Lovelace
    aad_object_id: 11111111-1111-1111-1111-00000000000A
    email: ada@example.org
    time_zone: Europe/London
    admin: true
  - {id: grace, name: Grace Hopper}
  - {id: lin, name: Lin}
teams:
  - id: payments
    name: Payments
    side: engineering
    lead: ada
    members: [grace, ada]
    channel: "19:abc@thread.tacv2"
    time_zone: Europe/London
    working_hours: ["mon-fri 09:00-17:00"]
    capacity_hours_per_week: 160
  - {id: it-ops, name: IT Operations, side: operations}
services:
  - id: checkout
    name: Checkout
    owner: payments
    operations: it-ops
    tier: 1
    escalation_policy: checkout
    runbooks: ["https://wiki.example.org/checkout"]
schedules:
  - id: payments-primary
    team: payments
    time_zone: America/New_York
    rotations:
      - starts: 2026-11-02T09:00
        shift: P7D
        people: [ada, grace]
        only: ["mon-fri 09:00-17:00", "sat 10:00-14:00"]
      - {starts: 2026-11-02T21:00:30, shift: PT12H, people: [lin]}
    overrides:
      - {person: lin, from: 2026-11-07T00:00Z, to: 2026-11-08T01:00+01:00}
      - {person: grace, from: 2026-11-01T01:30, to: 2026-11-07T12:00}
escalation_policies:
  - id: checkout
    steps:
      - {notify: [schedule:payments-primary], wait: PT5M}
      - {notify: [schedule:payments-primary, person:lin], wait: P1DT10S}
    repeat: 2
    last_resort: team:it-ops
settings:
  severities: {1: Kritisch}
  update_reminder: {1: PT30M, 3: PT60M, 4: ~}
  targets: {resolve_hours: 1.5}
  freezes:
    - {name: "Year end: no changes", from: 2026-12-31T18:00+01:00, to: 2027-01-04T08:00Z, services: [checkout], teams: [payments, it-ops]}
    - {name: Christmas, from: 2026-12-18T18:00Z, to: 2027-01-04T08:00Z}
"""


def read():
    return read_organisation(FILE.encode())


def test_people():
    ada, grace, _ = read().people
    assert (ada.handle, ada.name, ada.email, ada.time_zone, ada.admin) == (
        "ada",
        "Ada Lovelace",
        "ada@example.org",
        "Europe/London",
        True,
    )
    assert ada.aad_object_id == "11111111-1111-1111-1111-00000000000a"
    assert (grace.aad_object_id, grace.email, grace.time_zone, grace.admin) == (None, None, "UTC", False)


def test_teams():
    it_ops, payments = read().teams
    assert (payments.side, payments.lead, payments.members) == (Side.ENGINEERING, "ada", ("ada", "grace"))
    assert (payments.channel, payments.time_zone) == ("19:abc@thread.tacv2", "Europe/London")
    assert [str(window) for window in payments.working_hours] == ["mon-fri 09:00-17:00"]
    assert payments.capacity_hours_per_week == 160
    assert (it_ops.side, it_ops.lead, it_ops.members, it_ops.channel) == (Side.OPERATIONS, None, (), None)


def test_services():
    (checkout,) = read().services
    assert (checkout.owner, checkout.operations, checkout.tier) == ("payments", "it-ops", 1)
    assert (checkout.escalation_policy, checkout.runbooks) == ("checkout", ("https://wiki.example.org/checkout",))


def test_schedules():
    (schedule,) = read().schedules
    weekly, nightly = schedule.rotations
    assert (weekly.starts, weekly.shift) == (datetime(2026, 11, 2, 9), ShiftLength(ShiftUnit.DAYS, 7))  # noqa: DTZ001
    assert (weekly.people, len(weekly.only)) == (("ada", "grace"), 2)
    assert nightly.shift == ShiftLength(ShiftUnit.SECONDS, 43_200)
    assert nightly.starts.second == 30


def test_overrides_may_overlap_and_keep_their_order():
    """Of overlapping overrides the one further down wins; without an offset the schedule's clock counts."""
    (schedule,) = read().schedules
    assert schedule.overrides == (
        Override(
            person="lin",
            starts_at=datetime(2026, 11, 7, tzinfo=UTC),
            ends_at=datetime(2026, 11, 8, tzinfo=UTC),
        ),
        Override(
            person="grace",
            starts_at=datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
            ends_at=datetime(2026, 11, 7, 17, tzinfo=UTC),
        ),
    )


def test_policies():
    (policy,) = read().escalation_policies
    assert policy.steps[1].notify == (
        NotifyTarget(TargetKind.SCHEDULE, "payments-primary"),
        NotifyTarget(TargetKind.PERSON, "lin"),
    )
    assert [step.wait for step in policy.steps] == [timedelta(minutes=5), timedelta(days=1, seconds=10)]
    assert (policy.repeat, policy.last_resort) == (2, NotifyTarget(TargetKind.TEAM, "it-ops"))


def test_settings():
    settings = read().settings
    assert settings.severities == {1: "Kritisch", 2: "Major", 3: "Minor", 4: "Low"}
    assert settings.update_reminder == {1: timedelta(minutes=30), 3: timedelta(hours=1)}
    assert settings.targets == Targets(resolve_hours=1.5)


def test_freezes_stand_in_the_order_of_time():
    ends = datetime(2027, 1, 4, 8, tzinfo=UTC)
    assert read().settings.freezes == (
        Freeze(name="Christmas", starts_at=datetime(2026, 12, 18, 18, tzinfo=UTC), ends_at=ends),
        Freeze(
            name="Year end: no changes",
            starts_at=datetime(2026, 12, 31, 17, tzinfo=UTC),
            ends_at=ends,
            teams=("it-ops", "payments"),
            services=("checkout",),
        ),
    )


def test_settings_have_defaults():
    settings = read_organisation(b"people: []\n").settings
    assert settings == OrganisationSettings()
    assert settings.severities == {1: "Critical", 2: "Major", 3: "Minor", 4: "Low"}
    assert {level: length.seconds for level, length in settings.update_reminder.items()} == {1: 1800, 2: 1800, 3: 3600}


def test_export_has_the_style_of_the_documentation():
    written = write_organisation(read())
    for line in (
        "  - id: ada\n    name: Ada Lovelace\n",
        "    members: [ada, grace]\n",
        '    channel: "19:abc@thread.tacv2"\n',
        '    working_hours: ["mon-fri 09:00-17:00"]\n    capacity_hours_per_week: 160\n',
        "      - starts: 2026-11-02T09:00\n        shift: P7D\n",
        "      - {person: lin, from: 2026-11-07T00:00Z, to: 2026-11-08T00:00Z}\n",
        "      - {notify: [schedule:payments-primary], wait: PT5M}\n",
        "  targets: {resolve_hours: 1.5, reactive_work_percent: 30, automation_coverage_percent: 80}\n",
        "  freezes:\n    - {name: Christmas, from: 2026-12-18T18:00Z, to: 2027-01-04T08:00Z}\n    - name: ",
    ):
        assert line in written
    assert read_organisation(written.encode()) == read()


def test_the_settings_of_stakeholder_updates():
    text = (
        "people: [{id: ada, name: Ada}]\n"
        "settings:\n"
        "  audiences:\n"
        "    - {name: Leadership, severities: [2, 1], people: [ada], emails: [status@example.org]}\n"
        "  update_approval: []\n"
        '  update_templates: {1: "{title}, next {next}"}\n'
    )
    found = read_organisation(text.encode()).settings
    assert found.audiences == (
        Audience(name="Leadership", severities=(1, 2), people=("ada",), emails=("status@example.org",)),
    )
    assert found.update_approval == ()
    assert found.update_templates == {1: "{title}, next {next}"}
    assert read_organisation(b"settings: {update_approval: }\n").settings.update_approval == (1,)


def test_settings_stored_before_there_were_audiences_are_read():
    stored = OrganisationSettings().to_json()
    assert "audiences" not in stored
    assert OrganisationSettings.from_json(stored) == OrganisationSettings()
