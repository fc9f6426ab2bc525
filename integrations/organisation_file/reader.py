"""Reads typed values out of the tree, collecting one fault for each place that is wrong."""

from collections.abc import Callable
from typing import TypeVar

from domain.references import Path, nearest
from integrations.organisation_file.faults import Faults
from integrations.organisation_file.tree import Entries, Items, Node, Text

Value = TypeVar("Value")


class Reader:
    """Remembers where every value came from, and everything that is wrong."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lines: dict[Path, int] = {}
        self._faulty: set[Path] = set()

    def saw(self, path: Path, line: int) -> None:
        """Remember the line of a value."""
        self._lines[path] = line

    def wrong(self, path: Path, sentence: str) -> None:
        """Add a fault at a value, unless one is known there: the first tells what to do."""
        if path in self._faulty:
            return
        self._faulty.add(path)
        self._faults.add(self.line_of(path), sentence)

    def line_of(self, path: Path) -> int:
        """Tell the line of a value, or of the nearest one around it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def record(self, node: Node, path: Path, what: str, build: Callable[["Record"], Value]) -> Value | None:
        """Read a mapping with `build`, which asks for every key it knows; None where it is not a mapping."""
        self.saw(path, node.line)
        if not isinstance(node, Entries):
            self.wrong(path, f'Here should be {what}: write it as "key: value" lines.')
            return None
        record = Record(self, node, path, what)
        value = build(record)
        record.refuse_the_rest()
        return value


class Record:
    """One mapping of the file while it is read."""

    def __init__(self, reader: Reader, node: Entries, path: Path, what: str) -> None:
        self._reader = reader
        self._node = node
        self._path = path
        self._what = what
        self._asked: list[str] = []

    def required(self, key: str, convert: Callable[[str], Value], instead: Value) -> Value:
        """Read a scalar that must be there; `instead` stands in for it after a fault, so that reading goes on."""
        node = self._find(key)
        if node is None:
            self._missing(key)
            return instead
        return self._scalar(node, (*self._path, key), convert, instead)

    def optional(self, key: str, convert: Callable[[str], Value], default: Value) -> Value:
        """Read a scalar, or take the default where the key is missing or has no value."""
        node = self._find(key)
        return default if node is None else self._scalar(node, (*self._path, key), convert, default)

    def texts(
        self, key: str, convert: Callable[[str], Value], *, needed: bool = False, default: tuple[Value, ...] = ()
    ) -> tuple[Value, ...]:
        """Read a list of scalars, or take the default where the key is missing; `needed` lists must not be empty."""
        if default and self._find(key) is None:
            return default
        values: list[Value] = []
        for n, node in enumerate(self._items(key, needed=needed)):
            # A value that is left out has a place of its own, so that its fault hides none of the next value.
            place = (*self._path, key, "item", n)
            self._reader.saw(place, node.line)
            value = self._scalar(node, place, convert, None)
            if value is not None:
                self._reader.saw((*self._path, key, len(values)), node.line)
                values.append(value)
        return tuple(values)

    def records(
        self, key: str, what: str, build: Callable[["Record"], Value], *, needed: bool = False
    ) -> tuple[Value, ...]:
        """Read a list of mappings; `needed` lists must not be empty."""
        values: list[Value] = []
        for n, node in enumerate(self._items(key, needed=needed)):
            place = (len(values),) if isinstance(node, Entries) else ("item", n)
            value = self._reader.record(node, (*self._path, key, *place), what, build)
            if value is not None:
                values.append(value)
        return tuple(values)

    def inner(self, key: str, what: str, build: Callable[["Record"], Value], default: Value) -> Value:
        """Read a mapping inside this one, or take the default."""
        node = self._find(key)
        if node is None:
            return default
        value = self._reader.record(node, (*self._path, key), what, build)
        return default if value is None else value

    def wrong_without(self, sentence: str, *keys: str) -> None:
        """Add a fault where none of these lists has anything in it."""
        nodes = (self._node.entries.get(key) for key in keys)
        if not any(isinstance(node, Items) and node.items for node in nodes):
            self._reader.wrong(self._path, sentence)

    def refuse_the_rest(self) -> None:
        """Add a fault for every key nobody asked for."""
        for key, line in self._node.key_lines.items():
            if key in self._asked:
                continue
            meant = nearest(key, self._asked)
            advice = f'did you mean "{meant}"?' if meant else f"{self._what} has {_listed(self._asked)}."
            path = (*self._path, key)
            self._reader.saw(path, line)
            self._reader.wrong(path, f'The key "{key[:80]}" is not known here: {advice}')

    def _find(self, key: str) -> Node | None:
        if key not in self._asked:
            self._asked.append(key)
        node = self._node.entries.get(key)
        if node is None or (isinstance(node, Text) and node.empty):
            return None
        self._reader.saw((*self._path, key), node.line)
        return node

    def _missing(self, key: str) -> None:
        if key in self._node.key_lines:
            self._reader.saw((*self._path, key), self._node.key_lines[key])
        name = self._node.entries.get("id")
        which = f' "{name.value[:80]}"' if isinstance(name, Text) and key != "id" else ""
        self._reader.wrong((*self._path, key), f'{self._what.capitalize()}{which} needs "{key}": add it.')

    def _items(self, key: str, *, needed: bool) -> list[Node]:
        node = self._find(key)
        path = (*self._path, key)
        if node is None and not needed:
            return []
        if node is not None and not isinstance(node, Items):
            self._reader.wrong(path, f'"{key}" is a list: write [one, another], or each on its own line after "- ".')
            return []
        if node is None or not node.items:
            if needed:
                self._reader.wrong(path, f'"{key}" is empty: {self._what} needs at least one.')
            return []
        return node.items

    def _scalar(self, node: Node, path: Path, convert: Callable[[str], Value], instead: Value) -> Value:
        if not isinstance(node, Text):
            self._reader.wrong(path, "Here should be one value, not a list or a mapping: write it on one line.")
            return instead
        if node.empty:
            self._reader.wrong(path, "Here is no value: write one, or remove the line.")
            return instead
        try:
            return convert(node.value)
        except ValueError as error:
            self._reader.wrong(path, str(error))
            return instead


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
