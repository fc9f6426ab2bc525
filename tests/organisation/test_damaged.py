"""Whatever happens to a file on its way, the answer is an organisation or sentences, never a traceback."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.organisation_file import OrganisationFileError, read_organisation
from tests.organisation.test_demo import DEMO

SCRAPS = (
    b"\t",
    b"'",
    b'"',
    b"[",
    b"]",
    b"{",
    b"}",
    b": ",
    b"- ",
    b"\n",
    b"&a ",
    b"*a",
    b"!x ",
    b"\xff",
    b"\0",
    b"|",
    b">",
)
SCRAPS += (
    b"%",
    b"---\n",
    b"~",
    b"#",
    b"? ",
    b"\\",
    b"\r",
    b"@",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"99999999999999999999",
)
WHOLE = DEMO.read_bytes()
WITH_CHANGES = """
people: [{id: ada, name: Ada, email: ada@example.org, time_zone: UTC, admin: true}]
teams: [{id: ops, name: Ops, side: operations, lead: ada, members: [ada], working_hours: [mon-fri 09:00-17:00]}]
schedules:
  - {id: rota, team: ops, time_zone: Europe/London, handoff: off, calendar: "https://example.org/a.ics", rotations: [
    {starts: 2026-11-02T09:00, shift: P7D, people: [ada], only: [sat-sun 00:00-24:00], changes: [
    {from: 2026-12-01T09:00, people: [ada]}, {from: 2026-12-02T09:00, people: [ada]}]}],
    overrides: [{person: ada, from: 2026-11-07T00:00Z, to: 2026-11-08T00:00}]}
escalation_policies: [{id: all, steps: [{notify: [schedule:rota], wait: PT5M}], last_resort: person:ada, repeat: 2}]
services: [{id: shop, name: Shop, owner: ops, tier: 1, escalation_policy: all, severity_policies: {1: all}}]
settings: {update_reminder: {1: PT30M}, targets: {resolve_hours: 4}, freezes: [
    {name: Xmas, from: 2026-12-18T18:00Z, to: 2027-01-04T08:00Z, teams: [ops], services: [shop]}]}
"""
VALUES = [found.span() for found in re.finditer(r"(?<=[:\[] )[^\s\[{}\],]+|(?<=\[)[^\s\[{}\],]+", WITH_CHANGES)]
WORDS = (
    "~",
    "[]",
    "{}",
    "- x",
    "0",
    "-1",
    "99999999",
    "1.5",
    "true",
    "P0D",
    "P9Y",
    "PT1S",
    "P1DT1H",
    "2026-13-01T09:00",
)
WORDS += ("2026-01-01T09:00Z", "2026-01-01T09:00+24:00", "1999-01-01T00:00", "2026-12-01", "mon 24:00-25:00", "x:")
WORDS += (
    "https://127.1",
    "http://[",
    "Europe/london",
    "sides:both",
    "channel:ops",
    "schedule:x",
    "ADA",
    '"\\u2028"',
    "🕐",
)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 20), st.sampled_from(SCRAPS)), min_size=1, max_size=3
    ),
    st.integers(0, len(WHOLE)),
)
def test_a_damaged_file_gives_sentences_with_lines_that_exist(damages, end):
    data = WHOLE[:end] if end % 2 else WHOLE
    for at, length, scrap in damages:
        data = data[:at] + scrap + data[at + length :]
    lines = len(data.decode(errors="replace").splitlines())
    try:
        read_organisation(data)
    except OrganisationFileError as error:
        assert error.faults
        for fault in error.faults:
            assert 1 <= fault.line <= max(lines, 1)
            assert fault.sentence.endswith((".", "?"))


@given(st.binary(max_size=200))
def test_any_bytes_give_sentences(data):
    try:
        read_organisation(data)
    except OrganisationFileError as error:
        assert error.faults


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(WORDS)), min_size=1, max_size=3))
def test_any_values_in_any_places_give_sentences(changes):
    text = WITH_CHANGES
    for (begins, ends), word in sorted(changes, reverse=True):
        text = f"{text[:begins]}{word}{text[ends:]}"
    try:
        read_organisation(text.encode())
    except OrganisationFileError as error:
        assert all(fault.sentence.endswith((".", "?")) for fault in error.faults)
