"""Every fault has its line and a sentence that says what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.organisation_file import Fault, OrganisationFileError, read_organisation, read_with_notes

PEOPLE = "people: [{id: ada, name: Ada}, {id: lin, name: Lin}]\n"
TEAM = PEOPLE + "teams: [{id: payments, name: Payments, side: engineering}]\n"
SCHEDULE = TEAM + "schedules:\n  - {id: primary, team: payments, time_zone: Europe/London, "
TURN = "{starts: 2026-11-02T09:00, shift: P7D, people: [ada]}"
FREEZE = TEAM + "settings:\n  freezes:\n    - {name: Christmas, from: 2026-12-18T18:00Z, to: 2027-01-04T08:00Z"
POLICY = TEAM + "escalation_policies:\n  - {id: checkout, "
SECTIONS = "people, teams, services, schedules, escalation_policies and settings"
ID_RULE = 'use up to 64 letters a-z, digits, ".", "-" and "_", beginning with a letter or digit.'
GUID = "11111111-1111-1111-1111-00000000000a"
PUBLIC = "write the public https address of the calendar."
STEP = "steps: [{notify: [person:ada], wait: PT5M}]"


def faults_of(text):
    with pytest.raises(OrganisationFileError) as refused:
        read_organisation(text if isinstance(text, bytes) else text.encode())
    return [(fault.line, fault.sentence) for fault in refused.value.faults]


CASES = {
    # people
    "unknown section": ("people: []\nteems: []\n", 2, 'The key "teems" is not known here: did you mean "teams"?'),
    "unknown section, nothing near": (
        "zzz: 1\n",
        1,
        f'The key "zzz" is not known here: the organisation file has {SECTIONS}.',
    ),
    "unknown key": (
        "people:\n  - id: ada\n    name: Ada\n    emial: a@example.org\n",
        4,
        'The key "emial" is not known here: did you mean "email"?',
    ),
    "missing id": ("people:\n  - name: Ada\n", 2, 'A person needs "id": add it.'),
    "missing name": ("people:\n  - id: ada\n", 2, 'A person "ada" needs "name": add it.'),
    "empty name": ("people:\n  - id: ada\n    name:\n", 3, 'A person "ada" needs "name": add it.'),
    "null id": ("people:\n  - id: null\n    name: Ada\n", 2, 'A person needs "id": add it.'),
    "blank name": ('people:\n  - id: ada\n    name: " "\n', 3, "This text has nothing to see in it: write a name."),
    "name over two lines": (
        'people:\n  - id: ada\n    name: "A\\nB"\n',
        3,
        "This text holds a line break or a control character: write it on one line without them.",
    ),
    "long name": (
        f"people:\n  - id: ada\n    name: {'x' * 201}\n",
        3,
        f'"{"x" * 40}…" is longer than 200 characters: shorten it.',
    ),
    "bad id": (
        "people:\n  - id: Ada Lovelace\n    name: Ada\n",
        2,
        f'"Ada Lovelace" cannot be an id: {ID_RULE}',
    ),
    "id twice": (
        "people:\n  - {id: ada, name: A}\n  - {id: ada, name: B}\n",
        3,
        'The id "ada" is there twice: rename or remove one of them.',
    ),
    "ids that differ in case": (
        "people:\n  - {id: ada, name: A}\n  - {id: Ada, name: B}\n",
        3,
        'The id "ada" and "Ada" differ only in case: rename or remove one of them.',
    ),
    "bad object id": (
        "people:\n  - {id: ada, name: A, aad_object_id: 1234}\n",
        2,
        '"1234" is not an Entra object id: copy it from the user\'s page, 8-4-4-4-12 hex digits.',
    ),
    "one object id for two people": (
        f"people:\n  - {{id: ada, name: A, aad_object_id: {GUID}}}\n  - {{id: lin, name: B, aad_object_id: {GUID.upper()}}}\n",
        3,
        '"ada" and "lin" have the same aad_object_id: correct it or remove one of them.',
    ),
    "bad email": (
        "people:\n  - {id: ada, name: A, email: ada at example}\n",
        2,
        '"ada at example" is not an e-mail address: write it like ada@example.org.',
    ),
    "bad time zone": (
        "people:\n  - {id: ada, name: A, time_zone: Europe/Lodnon}\n",
        2,
        '"Europe/Lodnon" is not a time zone: did you mean "Europe/London"?',
    ),
    "hopeless time zone": (
        "people:\n  - {id: ada, name: A, time_zone: ../../etc/passwd}\n",
        2,
        '"../../etc/passwd" is not a time zone: write an IANA name, such as Europe/London.',
    ),
    "bad flag": (
        "people:\n  - {id: ada, name: A, admin: maybe}\n",
        2,
        '"maybe" is neither true nor false: write one of them.',
    ),
    "a list for a text": (
        "people:\n  - {id: ada, name: [A, B]}\n",
        2,
        "Here should be one value, not a list or a mapping: write it on one line.",
    ),
    "a text for a person": ("people:\n  - ada\n", 2, 'Here should be a person: write it as "key: value" lines.'),
    "a text for a section": (
        "people: ada\n",
        1,
        '"people" is a list: write [one, another], or each on its own line after "- ".',
    ),
    # teams
    "missing side": ("teams:\n  - {id: payments, name: P}\n", 2, 'A team "payments" needs "side": add it.'),
    "unknown side": (
        "teams:\n  - {id: payments, name: P, side: sales}\n",
        2,
        '"sales" is not possible here: write engineering, operations or platform.',
    ),
    "unknown lead": (
        PEOPLE + "teams:\n  - id: payments\n    name: P\n    side: platform\n    lead: adda\n",
        6,
        'There is no person "adda": did you mean "ada"?',
    ),
    "unknown member": (
        PEOPLE + "teams:\n  - id: payments\n    name: P\n    side: platform\n    members:\n      - ada\n      - zoe\n",
        8,
        'There is no person "zoe": add it to people or correct the name.',
    ),
    "member in the wrong case": (
        PEOPLE + "teams:\n  - {id: t, name: P, side: platform, members: [Ada]}\n",
        3,
        'There is no person "Ada": did you mean "ada"?',
    ),
    "member twice": (
        PEOPLE + "teams:\n  - id: t\n    name: P\n    side: platform\n    members:\n      - ada\n      - ada\n",
        8,
        '"ada" is a member of this team already: name each member once.',
    ),
    "members not a list": (
        PEOPLE + "teams:\n  - {id: t, name: P, side: platform, members: ada}\n",
        3,
        '"members" is a list: write [one, another], or each on its own line after "- ".',
    ),
    "an empty member": (
        PEOPLE + "teams:\n  - {id: t, name: P, side: platform, members: [ada, ~]}\n",
        3,
        "Here is no value: write one, or remove the line.",
    ),
    "bad channel": (
        'teams:\n  - {id: t, name: P, side: platform, channel: "the payments channel"}\n',
        2,
        '"the payments channel" is not a channel: copy its id, such as "19:abc@thread.tacv2".',
    ),
    "bad working hours": (
        'teams:\n  - {id: t, name: P, side: platform, working_hours: ["9 to 5"]}\n',
        2,
        '"9 to 5" is not a weekly window: write it like "mon-fri 09:00-17:00".',
    ),
    "bad capacity": (
        "teams:\n  - {id: t, name: P, side: platform, capacity_hours_per_week: lots}\n",
        2,
        '"lots" does not fit: write a number from 0 to 168000.',
    ),
    # services
    "unknown owner": (
        TEAM + "services:\n  - {id: api, name: API, owner: paymints}\n",
        4,
        'There is no team "paymints": did you mean "payments"?',
    ),
    "missing owner": (TEAM + "services:\n  - {id: api, name: API}\n", 4, 'A service "api" needs "owner": add it.'),
    "unknown operations side": (
        TEAM + "services:\n  - {id: api, name: API, owner: payments, operations: it-ops}\n",
        4,
        'There is no team "it-ops": add it to teams or correct the name.',
    ),
    "unknown policy": (
        TEAM + "services:\n  - {id: api, name: API, owner: payments, escalation_policy: api}\n",
        4,
        'There is no escalation policy "api": add it to escalation_policies or correct the name.',
    ),
    "bad tier": (
        TEAM + "services:\n  - {id: api, name: API, owner: payments, tier: 0}\n",
        4,
        '"0" does not fit: write a whole number from 1 to 5.',
    ),
    "bad runbook": (
        TEAM + 'services:\n  - {id: api, name: API, owner: payments, runbooks: ["javascript:alert(1)"]}\n',
        4,
        '"javascript:alert(1)" is not a web address: write it in full, such as https://wiki.example.org/page.',
    ),
    # schedules
    "schedule without rotations": (
        TEAM + "schedules:\n  - {id: primary, team: payments, time_zone: UTC}\n",
        4,
        '"rotations" is empty: a schedule needs at least one.',
    ),
    "rotation without people": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: []}]}\n",
        4,
        '"people" is empty: a rotation needs at least one.',
    ),
    "rotation with a stranger": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada, bob]}]}\n",
        4,
        'There is no person "bob": add it to people or correct the name.',
    ),
    "schedule of an unknown team": (
        PEOPLE + "schedules:\n  - id: primary\n    team: payments\n    time_zone: UTC\n    rotations: [" + TURN + "]\n",
        4,
        'There is no team "payments": add it to teams or correct the name.',
    ),
    "schedule without time zone": (
        TEAM + "schedules:\n  - {id: primary, team: payments, rotations: [" + TURN + "]}\n",
        4,
        'A schedule "primary" needs "time_zone": add it.',
    ),
    "rotation without start": (
        SCHEDULE + "rotations: [{shift: P7D, people: [ada]}]}\n",
        4,
        'A rotation needs "starts": add it.',
    ),
    "start with an offset": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00Z, shift: P7D, people: [ada]}]}\n",
        4,
        '"2026-11-02T09:00Z" has an offset: write the wall clock of the time zone, such as 2026-11-02T09:00.',
    ),
    "mixed shift": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P1DT12H, people: [ada]}]}\n",
        4,
        '"P1DT12H" mixes calendar days with hours: write days (P7D) or hours (PT36H), not both.',
    ),
    "bad restriction": (
        SCHEDULE + 'rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada], only: ["mon 9-17"]}]}\n',
        4,
        '"mon 9-17" is not a weekly window: write it like "mon-fri 09:00-17:00".',
    ),
    "reversed override": (
        SCHEDULE + "rotations: [" + TURN + "],\n     overrides: [{person: ada,\n"
        "     from: 2026-11-08T00:00Z,\n     to: 2026-11-07T00:00Z}]}\n",
        7,
        'This override would never apply: "to" must be later than "from".',
    ),
    "override of no time": (
        SCHEDULE + "rotations: [" + TURN + "],\n"
        "     overrides: [{person: ada, from: 2026-11-08T00:00Z, to: 2026-11-08T01:00+01:00}]}\n",
        5,
        'This override would never apply: "to" must be later than "from".',
    ),
    "override reversed by the clock change": (
        SCHEDULE + "rotations: [" + TURN + "],\n"
        "     overrides: [{person: ada, from: 2026-03-29T01:30, to: 2026-03-29T02:15}]}\n",
        5,
        'This override would never apply: "to" must be later than "from".',
    ),
    "override of a stranger": (
        SCHEDULE + "rotations: [" + TURN + "],\n"
        "     overrides: [{person: linn, from: 2026-11-07T00:00Z, to: 2026-11-08T00:00Z}]}\n",
        5,
        'There is no person "linn": did you mean "lin"?',
    ),
    "override without end": (
        SCHEDULE + "rotations: [" + TURN + "],\n     overrides: [{person: lin, from: 2026-11-07T00:00Z}]}\n",
        5,
        'An override needs "to": add it.',
    ),
    # policies
    "policy without steps": (
        POLICY + "steps: []}\n",
        4,
        '"steps" is empty: an escalation policy needs at least one.',
    ),
    "step without targets": (
        POLICY + "steps: [{notify: [], wait: PT5M}]}\n",
        4,
        '"notify" is empty: a step needs at least one.',
    ),
    "step without wait": (POLICY + "steps: [{notify: [person:ada]}]}\n", 4, 'A step needs "wait": add it.'),
    "step that waits zero": (
        POLICY + "steps: [{notify: [person:ada], wait: PT0S}]}\n",
        4,
        '"PT0S" is no time at all: the shortest duration is PT1S.',
    ),
    "unknown target": (
        POLICY + "steps: [{notify: [schedule:primry], wait: PT5M}]}\n",
        4,
        'There is no schedule "primry": add it to schedules or correct the name.',
    ),
    "unknown kind of target": (
        POLICY + "steps: [{notify: [pager:x], wait: PT5M}]}\n",
        4,
        '"pager" cannot be paged: write schedule:<id>, person:<id> or team:<id>.',
    ),
    "channel of an unknown team": (
        POLICY + "steps: [{notify: [channel:paiments], wait: PT5M}]}\n",
        4,
        'There is no team "paiments": did you mean "payments"?',
    ),
    "side that does not exist": (
        POLICY + "steps: [{notify: [sides:left], wait: PT5M}]}\n",
        4,
        '"left" is no side: write sides:both, sides:engineering or sides:operations.',
    ),
    "step that nobody can satisfy": (
        POLICY + "steps: [{notify: [person:ada], wait: PT5M,\n     acknowledgements: 0}]}\n",
        5,
        '"0" does not fit: write a whole number from 1 to 10.',
    ),
    "step at no known hours": (
        POLICY + "steps: [{notify: [person:ada], wait: PT5M,\n     only: weekends}]}\n",
        5,
        '"weekends" is not possible here: write always, working-hours or off-hours.',
    ),
    "acknowledgement that times out at once": (
        POLICY + STEP + ",\n     ack_timeout: PT0S}\n",
        5,
        '"PT0S" is no time at all: the shortest duration is PT1S.',
    ),
    "policy of a severity that does not exist": (
        TEAM + "services:\n  - {id: checkout, name: Checkout, owner: payments,\n     severity_policies: {1: nobody}}\n",
        5,
        'There is no escalation policy "nobody": add it to escalation_policies or correct the name.',
    ),
    "policy of a fifth severity": (
        TEAM + "services:\n  - {id: checkout, name: Checkout, owner: payments,\n     severity_policies: {5: x}}\n",
        5,
        'The key "5" is not known here: a list of policies has 1, 2, 3 and 4.',
    ),
    "unknown handoff rule": (
        SCHEDULE + "rotations: [" + TURN + "],\n     handoff: never}\n",
        5,
        '"never" is not possible here: write accepted, boundary or off.',
    ),
    "calendar that is no address": (
        SCHEDULE + "rotations: [" + TURN + "],\n     calendar: team.ics}\n",
        5,
        '"team.ics" is not a web address: write it in full, such as https://wiki.example.org/page.',
    ),
    "calendar inside": (
        SCHEDULE + "rotations: [" + TURN + "],\n     calendar: https://１０.0.0.1/x.ics}\n",
        5,
        f"Its address leads into a private network, where calendars are not read: {PUBLIC}",
    ),
    "calendar at half an address": (
        SCHEDULE + "rotations: [" + TURN + "],\n     calendar: https://127.1/x.ics}\n",
        5,
        f"Its address is neither a name nor an IP address in its usual form: {PUBLIC}",
    ),
    "calendar without encryption": (
        SCHEDULE + "rotations: [" + TURN + "],\n     calendar: http://example.org/x.ics}\n",
        5,
        f"Only https addresses are read: {PUBLIC}",
    ),
    "neither rotations nor a calendar": (
        TEAM + "schedules:\n  - {id: primary, team: payments, time_zone: UTC}\n",
        4,
        '"rotations" is empty: a schedule needs at least one.',
    ),
    "change of people before the start": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada],\n"
        "     changes: [{from: 2026-11-02T09:00, people: [lin]}]}]}\n",
        5,
        'This change must come later than the rotation\'s "starts": put them in order.',
    ),
    "changes of people out of order": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada], changes: [\n"
        "     {from: 2026-12-02T09:00, people: [lin]},\n     {from: 2026-12-01T09:00, people: [ada]}]}]}\n",
        6,
        "This change must come later than the change before it: put them in order.",
    ),
    "bad start of a rotation that changes": (
        SCHEDULE + "rotations: [{starts: 2026-13-01T09:00, shift: P7D, people: [ada], changes: [\n"
        "     {from: 2026-12-01T09:00, people: [lin]}]}]}\n",
        4,
        '"2026-13-01T09:00" is not a date and time: write it like 2026-11-02T09:00.',
    ),
    "bad time of a change before another": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada], changes: [\n"
        "     {from: 2026-12-01T09:00Z, people: [lin]},\n     {from: 2026-12-02T09:00, people: [ada]}]}]}\n",
        5,
        '"2026-12-01T09:00Z" has an offset: write the wall clock of the time zone, such as 2026-11-02T09:00.',
    ),
    "change without a time": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada], changes: [\n"
        "     {people: [lin]}, {from: 2026-12-02T09:00, people: [ada]}]}]}\n",
        5,
        'A change of people needs "from": add it.',
    ),
    "change to nobody": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada], changes: [\n"
        "     {from: 2026-12-02T09:00, people: []}]}]}\n",
        5,
        '"people" is empty: a change of people needs at least one.',
    ),
    "change to a stranger": (
        SCHEDULE + "rotations: [{starts: 2026-11-02T09:00, shift: P7D, people: [ada], changes: [\n"
        "     {from: 2026-12-02T09:00, people: [linn]}]}]}\n",
        5,
        'There is no person "linn": did you mean "lin"?',
    ),
    "unknown last resort": (
        POLICY + STEP + ",\n     last_resort: team:paiments}\n",
        5,
        'There is no team "paiments": did you mean "payments"?',
    ),
    "too many rounds": (
        POLICY + STEP + ",\n     repeat: 101}\n",
        5,
        '"101" does not fit: write a whole number from 0 to 100.',
    ),
    # settings
    "unknown severity": (
        "settings:\n  severities:\n    1: Critical\n    5: None\n",
        4,
        'The key "5" is not known here: a list of severities has 1, 2, 3 and 4.',
    ),
    "bad reminder": (
        "settings:\n  update_reminder: {1: 30m}\n",
        2,
        '"30m" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.',
    ),
    "unknown target number": (
        "settings:\n  targets:\n    resolve_hour: 2\n",
        3,
        'The key "resolve_hour" is not known here: did you mean "resolve_hours"?',
    ),
    "target out of range": (
        "settings:\n  targets:\n    reactive_work_percent: 130\n",
        3,
        '"130" does not fit: write a number from 0 to 100.',
    ),
    "an audience of an unknown team": (
        "teams: [{id: payments, name: P, side: platform}]\nsettings:\n  audiences: [{name: A, teams: [paiments]}]\n",
        3,
        'There is no team "paiments": did you mean "payments"?',
    ),
    "an audience of unknown people and services": (
        "settings:\n  audiences:\n    - name: Leadership\n      people: [zed]\n",
        4,
        'There is no person "zed": add it to people or correct the name.',
    ),
    "an audience that is nobody": (
        "settings:\n  audiences:\n    - {name: Leadership, severities: [1]}\n",
        3,
        "This audience reaches nobody: give it channels, teams, people or emails.",
    ),
    "two audiences of one name": (
        'settings:\n  audiences:\n    - {name: A, emails: ["a@example.org"]}\n    - {name: a, emails: ["b@example.org"]}\n',
        4,
        'The audience "a" is there twice: rename or remove one of them.',
    ),
    "an address that is none": (
        "settings:\n  audiences:\n    - {name: A, emails: [everybody]}\n",
        3,
        '"everybody" is not an e-mail address: write it like ada@example.org.',
    ),
    "approval of a severity that does not exist": (
        "settings: {update_approval: [0]}\n",
        1,
        '"0" does not fit: write a whole number from 1 to 4.',
    ),
    "a template with an unknown word": (
        'settings:\n  update_templates: {1: "{tittle} is down"}\n',
        2,
        '"{tittle}" is not known in a template: write one of {title}, {severity}, {status}, {services}, {next}.',
    ),
    "settings not a mapping": (
        "settings: [1]\n",
        1,
        'Here should be a settings section: write it as "key: value" lines.',
    ),
    # freezes
    "freezes not a list": (
        "settings:\n  freezes: {name: Christmas}\n",
        2,
        '"freezes" is a list: write [one, another], or each on its own line after "- ".',
    ),
    "freeze without name": (
        "settings:\n  freezes:\n    - {from: 2026-12-18T18:00Z, to: 2027-01-04T08:00Z}\n",
        3,
        'A freeze needs "name": add it.',
    ),
    "freeze without end": (
        "settings:\n  freezes:\n    - {name: Christmas, from: 2026-12-18T18:00Z}\n",
        3,
        'A freeze needs "to": add it.',
    ),
    "freeze without offset": (
        "settings:\n  freezes:\n    - name: Christmas\n      from: 2026-12-18 18:00\n      to: 2027-01-04T08:00Z\n",
        4,
        '"2026-12-18 18:00" has no offset: write 2026-12-18 18:00Z for UTC, or an offset like 2026-12-18 18:00+01:00.',
    ),
    "freeze by the day": (
        "settings:\n  freezes:\n    - {name: Christmas, from: 2026-12-18,\n       to: 2027-01-04T08:00Z}\n",
        3,
        '"2026-12-18" is not a date and time: write it like 2026-11-02T09:00.',
    ),
    "reversed freeze": (
        "settings:\n  freezes:\n    - name: Christmas\n      to: 2026-12-18T18:00Z\n      from: 2026-12-18T18:00Z\n",
        4,
        'This freeze would never apply: "to" must be later than "from".',
    ),
    "freeze of an unknown team": (
        FREEZE + ",\n       teams: [payment]}\n",
        6,
        'There is no team "payment": did you mean "payments"?',
    ),
    "freeze of an unknown service": (
        FREEZE + ",\n       services:\n       [payments]}\n",
        7,
        'There is no service "payments": add it to services or correct the name.',
    ),
    "freeze with a team twice": (
        FREEZE + ",\n       teams: [payments,\n       payments]}\n",
        7,
        '"payments" is in this freeze already: name each team once.',
    ),
    "freeze with an unknown key": (
        FREEZE + ",\n       team: [payments]}\n",
        6,
        'The key "team" is not known here: did you mean "teams"?',
    ),
}


@pytest.mark.parametrize(("text", "line", "sentence"), CASES.values(), ids=CASES)
def test_a_fault_has_its_line_and_a_sentence(text, line, sentence):
    assert faults_of(text) == [(line, sentence)]


def test_all_faults_are_told_at_once_in_the_order_of_their_lines():
    text = (
        "settings: {targets: {uptime: 1}}\n"
        "people:\n"
        "  - id: ada\n"
        "    name: Ada\n"
        "    time_zone: London\n"
        "  - id: lin\n"
        "teams:\n"
        "  - {id: payments, name: P, side: sales, lead: bob}\n"
    )
    assert [line for line, _ in faults_of(text)] == [1, 5, 6, 8, 8]


def test_a_calendar_on_this_machine_is_for_development():
    for address in ("http://127.0.0.1:4190/a.ics", "http://localhost/a.ics", "https://[::1]/a.ics"):
        [found] = read_organisation(f'{SCHEDULE}calendar: "{address}"}}\n'.encode()).schedules
        assert found.calendar == address


def test_a_person_with_a_fault_can_still_be_referred_to():
    text = "people: [{id: ada, name: A, time_zone: x}]\nteams: [{id: t, name: T, side: platform, lead: ada}]\n"
    assert [line for line, _ in faults_of(text)] == [1]


def test_a_fault_hides_none_of_its_neighbours():
    text = (
        PEOPLE
        + "teams:\n  - id: t\n    name: T\n    side: platform\n    members:\n      - ~\n      - bob\n      - kim\n"
    )
    assert [line for line, _ in faults_of(text)] == [7, 8, 9]
    assert [line for line, _ in faults_of("people:\n  - 1\n  - 2\n  - {id: ada}\n")] == [2, 3, 4]


def test_a_fault_is_told_with_its_line():
    fault = Fault(12, "Correct it.")
    assert str(fault) == "line 12: Correct it."
    with pytest.raises(OrganisationFileError) as refused:
        read_organisation(b"people: 1\nteams: 2\n")
    assert str(refused.value).splitlines()[1].startswith('line 2: "teams" is a list')


def test_thousands_of_faults_end_with_one_that_says_so():
    found = faults_of(b"people:\n" + b"  - x\n" * 5000)
    assert len(found) == 1001
    assert found[-1] == (1002, "There are more than 1,000 faults: correct these first.")


def test_a_missing_person_is_suggested_only_when_near():
    assert faults_of(PEOPLE + "teams: [{id: t, name: T, side: platform, lead: x}]\n")[0][1].endswith(
        "correct the name."
    )


# -- notes: nothing is wrong, but somebody should know ----------------------------------------------------------------

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def notes_of(text, now=NOW):
    return [(note.line, note.sentence) for note in read_with_notes(text.encode(), now)[1]]


def with_addresses(text):
    return text.replace("name: Ada}", "name: Ada, email: a@example.org}").replace(
        "name: Lin}", "name: Lin, email: l@example.org}"
    )


def test_a_schedule_whose_first_rotation_is_still_to_start_is_told_with_its_line():
    text = with_addresses(SCHEDULE + "rotations:\n     [" + TURN + "]}\n")
    told = 'Nobody is on call on "primary" until 2026-11-02 09:00 UTC: its first rotation starts then.'
    assert notes_of(text) == [(5, told)]
    assert notes_of(text, NOW + timedelta(days=1)) == []


def test_a_schedule_that_somebody_covers_already_is_not_worth_a_note():
    later = "{starts: 2027-01-04T09:00, shift: P7D, people: [lin]}"
    earlier = "{starts: 2026-01-05T09:00, shift: P7D, people: [lin]}"
    start = with_addresses(SCHEDULE)
    assert notes_of(start + f"rotations: [{later}, {earlier}]}}\n") == []
    assert notes_of(start + f"calendar: https://example.org/a.ics, rotations: [{later}]}}\n") == []


def test_a_team_that_nobody_can_be_paged_in_is_told():
    text = POLICY + "steps: [{notify: [person:ada], wait: PT5M}],\n     last_resort: team:payments}\n"
    assert (5, 'The team "payments" has neither a lead nor a channel: team:payments reaches nobody.') in notes_of(text)


def test_people_in_a_rota_who_cannot_be_reached_yet_are_told_once():
    text = SCHEDULE + "rotations: [{starts: 2026-01-05T09:00, shift: P7D, people: [ada, lin, ada]}]}\n"
    told = "has neither an aad_object_id nor an email: they can be paged only after they have written to the bot."
    assert notes_of(text) == [(4, f'"ada" {told}'), (4, f'"lin" {told}')]
    known = text.replace("{id: ada,", "{id: ada, email: a@example.org,").replace(
        "{id: lin,", f"{{id: lin, aad_object_id: {GUID},"
    )
    assert notes_of(known) == []
