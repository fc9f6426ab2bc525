"""YAML text -> a tree of texts, lists and mappings that knows its lines.

YAML has types for plain words that surprise people ("no" is false, "12:30" is 750, the last of two equal keys wins).
So nothing is typed here: every scalar stays the text that was written, and what it means is decided by its reader.
"""

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import yaml

from integrations.organisation_file.faults import Fault, Faults, OrganisationFileError

MAX_BYTES = 5_000_000
MAX_NODES = 250_000
"""Most values in one file: six times what 500 people, 500 services and 200 schedules need."""
MAX_DEPTH = 12
# YAML 1.1, section 5.1: the characters a YAML file may hold.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALIGN = 'Here should be a "key: value" or "- item" that lines up with those above: check the indentation.'
# What the parser says (its context and its problem) -> what to do; the first that fits.
_SYNTAX = (
    (
        "quoted scalar",
        "The text in quotes that begins in line {began} is not closed or has a wrong escape: correct it.",
    ),
    ("flow sequence", 'The list that begins with "[" in line {began} is not closed: add the missing "]" or ",".'),
    ("flow mapping", 'The mapping that begins with "{{" in line {began} is not closed: add the missing "}}" or ",".'),
    (
        "mapping values are not allowed",
        'A ":" is not expected here: check the indentation, and put a text with ": " in it in quotes.',
    ),
    (
        "expected node content",
        "A list or mapping in brackets is not closed in line {began}, or has a comma too many: correct it.",
    ),
    (
        "sequence entries are not allowed",
        'The first "- item" of a list stands on a line of its own: begin a new line before it.',
    ),
    ("block mapping", _ALIGN),
    ("block collection", _ALIGN),
    ("simple key", _ALIGN),
)
_NOT_YAML = "This is not YAML ({problem}): correct the line, or put the text in quotes."
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as it was written."""

    line: int
    value: str
    plain: bool
    """Whether it stood without quotes."""

    @property
    def empty(self) -> bool:
        """Whether it says "nothing here": no value, ~ or null, without quotes."""
        return self.plain and self.value in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping; keys are texts and each stands in it once."""

    line: int
    entries: dict[str, "Node"] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


Node: TypeAlias = Text | Items | Entries


def load_tree(data: bytes, faults: Faults) -> Node:
    """Read one YAML document as a tree; `faults` takes those that do not stop the reading (keys written twice).

    Raises OrganisationFileError for what cannot be read at all, and for files that are built to exhaust memory.
    """
    text = _decode(data)
    builder = _Builder(faults)
    try:
        # Events, not nodes: aliases are refused before anything is expanded.
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise OrganisationFileError([*faults.found, _syntax_fault(error, text)]) from error
    if builder.root is None or (isinstance(builder.root, Text) and builder.root.empty):
        raise OrganisationFileError([Fault(1, "The file is empty: give it at least one section, such as people.")])
    return builder.root


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise OrganisationFileError([Fault(1, "The file is larger than 5 MB: remove what does not belong into it.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise OrganisationFileError([Fault(line, "This line is not UTF-8 text: save the file as UTF-8.")]) from error
    if found := _FORBIDDEN.search(text):
        line = text.count("\n", 0, found.start()) + 1
        sentence = f"This line holds the control character U+{ord(found[0]):04X}: remove it."
        raise OrganisationFileError([Fault(line, sentence)])
    return text


class _Builder:
    """Builds the tree from parser events, without recursion."""

    def __init__(self, faults: Faults) -> None:
        self.root: Node | None = None
        self._faults = faults
        self._open: list[Items | Entries] = []
        self._keys: list[Text | None] = []
        self._nodes = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1
        match event:
            case yaml.AliasEvent():
                _stop(line, f'The alias "*{event.anchor}" is not accepted: write the values out.')
            case yaml.ScalarEvent():
                self._count(event, line)
                self._add(Text(line, event.value, plain=bool(event.implicit[0])))
            case yaml.SequenceStartEvent():
                self._count(event, line)
                self._enter(Items(line))
            case yaml.MappingStartEvent():
                self._count(event, line)
                self._enter(Entries(line))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
                self._keys.pop()
            case yaml.DocumentStartEvent() if self.root is not None:
                _stop(line, 'A second document begins here: put everything into one, without "---" between.')
            case _:
                pass

    def _count(self, event: Any, line: int) -> None:
        self._nodes += 1
        if event.tag is not None:
            _stop(line, f'The tag "{event.tag}" is not accepted: write the plain value.')
        if self._nodes > MAX_NODES:
            _stop(line, f"The file has more than {MAX_NODES:,} values: remove what does not belong into it.")
        if len(self._open) > MAX_DEPTH:
            _stop(line, "Lists and mappings are nested too deeply here: follow the layout of the organisation file.")

    def _enter(self, node: Items | Entries) -> None:
        self._add(node)
        self._open.append(node)
        self._keys.append(None)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        match self._open[-1], self._keys[-1]:
            case Items() as parent, _:
                parent.items.append(node)
            case Entries() as parent, Text() as key:
                self._keys[-1] = None
                self._put(parent, key, node)
            case _, _ if isinstance(node, Text):
                self._keys[-1] = node
            case _:
                _stop(node.line, 'A key must be a word: write it like "name: value".')

    def _put(self, parent: Entries, key: Text, node: Node) -> None:
        if key.value in parent.entries:
            first = parent.key_lines[key.value]
            sentence = f'The key "{key.value[:80]}" is here twice, first in line {first}: remove one of them.'
            self._faults.add(key.line, sentence)
            return
        parent.entries[key.value] = node
        parent.key_lines[key.value] = key.line


def _stop(line: int, sentence: str) -> NoReturn:
    raise OrganisationFileError([Fault(line, sentence)])


def _syntax_fault(error: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    line = min(mark.line + 1, len(lines)) if mark else 1
    column = mark.column if mark else 0
    written = lines[line - 1] if lines else ""
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent or written[column : column + 1] == "\t":
        return Fault(line, "This line has a tab: indent with spaces.")
    began = min(error.context_mark.line + 1 if error.context_mark else line, line)
    message = f"{error.context} {error.problem}"
    sentence = next((sentence for words, sentence in _SYNTAX if words in message), _NOT_YAML)
    return Fault(line, sentence.format(began=began, problem=error.problem))
