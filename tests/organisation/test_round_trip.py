import json

import pytest
import yaml
from hypothesis import given, settings

from domain.organisation import ListedPerson, Organisation, diff
from integrations.organisation_file import read_organisation, write_organisation
from tests.organisation.strategies import organisations


@settings(max_examples=100)
@given(organisations())
def test_import_and_export_are_inverse_and_so_is_json(organisation):
    text = write_organisation(organisation)
    again = read_organisation(text.encode())
    assert again == organisation
    assert not diff(organisation, again)
    assert write_organisation(again) == text
    assert Organisation.from_json(json.loads(json.dumps(organisation.to_json()))) == organisation


@settings(max_examples=50)
@given(organisations())
def test_other_yaml_readers_see_the_same_words(organisation):
    """Whoever reads the export with a typed YAML 1.1 loader gets texts where we have texts."""
    data = yaml.safe_load(write_organisation(organisation))
    assert [person["id"] for person in data.get("people", ())] == [person.handle for person in organisation.people]
    assert [person["name"] for person in data.get("people", ())] == [person.name for person in organisation.people]
    assert data["settings"]["severities"] == organisation.settings.severities


def test_the_order_of_sections_and_members_does_not_matter():
    one = b"people: [{id: a, name: A}, {id: b, name: B}]\nteams: [{id: t, name: T, side: platform, members: [b, a]}]\n"
    two = b"teams: [{id: t, name: T, side: platform, members: [a, b]}]\npeople: [{id: b, name: B}, {id: a, name: A}]\n"
    assert read_organisation(one) == read_organisation(two)
    assert write_organisation(read_organisation(one)) == write_organisation(read_organisation(two))


def test_long_lists_are_written_one_by_line():
    people = "\n".join(f"  - {{id: person-{n:03}, name: P}}" for n in range(300))
    members = ", ".join(f"person-{n:03}" for n in range(300))
    text = f"people:\n{people}\nteams: [{{id: t, name: T, side: platform, members: [{members}]}}]\n"
    organisation = read_organisation(text.encode())
    written = write_organisation(organisation)
    assert "    members:\n      - person-000\n      - person-001\n" in written
    assert read_organisation(written.encode()) == organisation


@pytest.mark.parametrize(
    "name", ["y", "N", "0o17", "1e3", "12", "1_000", "no", "null", "2026-11-07", "padded ", " padded"]
)
def test_what_some_reader_takes_for_something_else_is_written_in_quotes(name):
    organisation = Organisation(people=(ListedPerson(handle="ada", name=name),))
    written = write_organisation(organisation)
    assert f'    name: "{name}"\n' in written
    assert read_organisation(written.encode()) == organisation


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Zoë Ångström", "Zoë Ångström"),
        ("O'Brien (Ops)", "O'Brien (Ops)"),
        ("Ada: the first", '"Ada: the first"'),
        ('say "hi" \\o/', '"say \\"hi\\" \\\\o/"'),
        ("a\u200db", '"a\\u200Db"'),
        ("🚒", '"🚒"'),
        ("a\U000e0001", '"a\\U000E0001"'),
    ],
)
def test_names_are_written_as_plainly_as_they_can_be(name, written):
    organisation = Organisation(people=(ListedPerson(handle="ada", name=name),))
    assert f"    name: {written}\n" in write_organisation(organisation)
    assert read_organisation(write_organisation(organisation).encode()) == organisation
