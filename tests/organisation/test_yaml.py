"""YAML's own traps: what cannot be read, what is refused, and what stays the text that was written."""

import pytest
import yaml

from domain.organisation import Organisation
from integrations.organisation_file import OrganisationFileError, read_organisation, tree, write_organisation
from tests.organisation.test_faults import faults_of

ALIGN = 'Here should be a "key: value" or "- item" that lines up with those above: check the indentation.'
EMPTY = "The file is empty: give it at least one section, such as people."

UNREADABLE = {
    "empty": (b"", 1, EMPTY),
    "only a comment": (b"# nothing\n", 1, EMPTY),
    "only a null": (b"---\nnull\n", 1, EMPTY),
    "a list": (b"- people\n", 1, 'Here should be the organisation file: write it as "key: value" lines.'),
    "a word": (b"people\n", 1, 'Here should be the organisation file: write it as "key: value" lines.'),
    "tab": (b"people:\n\t- id: ada\n", 2, "This line has a tab: indent with spaces."),
    "tab after spaces": (b"people:\n  - id: ada\n \t name: A\n", 3, "This line has a tab: indent with spaces."),
    "wrong indentation": (b"people:\n  - id: ada\n   name: A\n", 3, ALIGN),
    "wrong indentation of a key": (b"people: []\n teams: []\n", 2, None),
    "open bracket": (
        b"people: [{id: ada, name: A}\nteams: []\n",
        2,
        'The list that begins with "[" in line 1 is not closed: add the missing "]" or ",".',
    ),
    "open brace": (
        b"people:\n  - {id: ada, name: A\nteams: []\n",
        3,
        'The mapping that begins with "{" in line 2 is not closed: add the missing "}" or ",".',
    ),
    "open quotes": (
        b'people:\n  - id: "ada\n    name: A\n',
        3,
        "The text in quotes that begins in line 2 is not closed or has a wrong escape: correct it.",
    ),
    "wrong escape": (
        b'people:\n  - {id: ada, name: "\\q"}\n',
        2,
        "The text in quotes that begins in line 2 is not closed or has a wrong escape: correct it.",
    ),
    "lone surrogate": (
        b'people:\n  - {id: ada, name: "\\ud800"}\n',
        2,
        "The text in quotes that begins in line 2 is not closed or has a wrong escape: correct it.",
    ),
    "colon in a text": (
        b"people:\n  - id: ada\n    name: Ada: the first\n",
        3,
        'A ":" is not expected here: check the indentation, and put a text with ": " in it in quotes.',
    ),
    "list on the line of its key": (
        b"people: - id: ada\n",
        1,
        'The first "- item" of a list stands on a line of its own: begin a new line before it.',
    ),
    "unquoted at sign": (
        b"people:\n  - id: @ada\n",
        2,
        "This is not YAML (found character that cannot start any token): correct the line, or put the text in quotes.",
    ),
    "nothing after a bracket": (
        b"people: [",
        1,
        "A list or mapping in brackets is not closed in line 1, or has a comma too many: correct it.",
    ),
    "key twice": (
        b"people:\n  - id: ada\n    id: lin\n    name: A\n",
        3,
        'The key "id" is here twice, first in line 2: remove one of them.',
    ),
    "section twice": (
        b"people: []\nteams: []\npeople: []\n",
        3,
        'The key "people" is here twice, first in line 1: remove one of them.',
    ),
    "severity twice": (
        b"settings:\n  severities: {1: A,\n    1: B}\n",
        3,
        'The key "1" is here twice, first in line 2: remove one of them.',
    ),
    "a list as key": (b"? [a]\n: b\n", 1, 'A key must be a word: write it like "name: value".'),
    "alias": (b"people: &p []\nteams: *p\n", 2, 'The alias "*p" is not accepted: write the values out.'),
    "merge": (
        b"people:\n  - &a {id: a, name: A}\n  - <<: *a\n",
        3,
        'The alias "*a" is not accepted: write the values out.',
    ),
    "tag": (
        b"people: !!python/object/apply:os.system [ls]\n",
        1,
        'The tag "tag:yaml.org,2002:python/object/apply:os.system" is not accepted: write the plain value.',
    ),
    "second document": (
        b"people: []\n---\nteams: []\n",
        2,
        'A second document begins here: put everything into one, without "---" between.',
    ),
    "too deep": (
        b"people:\n  " + b"[" * 2000 + b"\n",
        2,
        "Lists and mappings are nested too deeply here: follow the layout of the organisation file.",
    ),
    "not UTF-8": (b"people:\n  - id: a\xff\n", 2, "This line is not UTF-8 text: save the file as UTF-8."),
    "UTF-16": ("people: []\n".encode("utf-16"), 1, "This line is not UTF-8 text: save the file as UTF-8."),
    "NUL": (b"people: []\n\0", 2, "This line holds the control character U+0000: remove it."),
    "escape character": (b"# \x1b[31m\n", 1, "This line holds the control character U+001B: remove it."),
    "too large": (
        b"#" * (tree.MAX_BYTES + 1),
        1,
        "The file is larger than 5 MB: remove what does not belong into it.",
    ),
    "too many values": (
        b"people: [" + b"1," * tree.MAX_NODES + b"]",
        1,
        "The file has more than 250,000 values: remove what does not belong into it.",
    ),
}


@pytest.mark.parametrize(("data", "line", "sentence"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_one_fault_with_a_sentence(data, line, sentence):
    ((found_line, found),) = faults_of(data)
    assert found_line == line
    assert found == (sentence or found)
    assert found.endswith(".")


def test_billion_laughs_are_refused_before_they_are_told():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert faults_of(bomb) == [(2, 'The alias "*a" is not accepted: write the values out.')]


def test_keys_written_twice_are_told_together_with_other_faults():
    assert [line for line, _ in faults_of("people:\n  - id: ada\n    id: lin\nteams: [x]\n")] == [2, 3, 4]


def test_plain_words_stay_texts():
    text = (
        "people:\n"
        "  - id: no\n"
        "    name: yes\n"
        "  - id: 007\n"
        "    name: 12:30\n"
        "  - id: on\n"
        "    name: 2026-11-07\n"
        "  - id: 0x1f\n"
        "    name: 1e3\n"
        "teams:\n"
        "  - {id: off, name: 1_000, side: platform, lead: no, members: [no, on, 007]}\n"
    )
    organisation = read_organisation(text.encode())
    assert [(person.handle, person.name) for person in organisation.people] == [
        ("007", "12:30"),
        ("0x1f", "1e3"),
        ("no", "yes"),
        ("on", "2026-11-07"),
    ]
    assert organisation.teams[0].members == ("007", "no", "on")
    assert (organisation.teams[0].id, organisation.teams[0].name) == ("off", "1_000")


def test_quoted_null_is_a_name_and_plain_null_is_nothing():
    assert read_organisation(b'people: [{id: a, name: "null", email: null}]').people[0].name == "null"


@pytest.mark.parametrize("word", ["true", "True", "yes", "on", '"true"'])
def test_a_flag_may_be_written_in_every_usual_way(word):
    assert read_organisation(f"people: [{{id: a, name: A, admin: {word}}}]".encode()).people[0].admin


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated():
    data = b"\xef\xbb\xbfpeople:\r\n  - id: ada\r\n    name: A\r\n"
    assert read_organisation(data).people[0].name == "A"
    assert [line for line, _ in faults_of(data + b"    x: 1\r\n")] == [4]


def test_empty_sections_and_missing_sections_are_the_same():
    assert read_organisation(b"people:\nteams: []\nservices: ~\n") == Organisation()
    assert read_organisation(write_organisation(Organisation()).encode()) == Organisation()


def test_the_loader_without_the_c_library_reads_the_same(monkeypatch):
    data = "people:\n  - id: zoe\n    name: 'Zoë 🚒'\nsettings: {update_reminder: {4: PT1S}}\n".encode()
    fast = read_organisation(data)
    monkeypatch.setattr(tree, "_LOADER", yaml.SafeLoader)
    assert read_organisation(data) == fast
    with pytest.raises(OrganisationFileError):
        read_organisation(b"people: [\n")
    assert [line for line, _ in faults_of('people:\n  - {id: a, name: "\\ud800"}\n')] == [2]
