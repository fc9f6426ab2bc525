"""Organisation -> YAML text, in the style of the documentation and the same bytes each time."""

import re
from typing import Any

import yaml

from domain.organisation import Organisation

WIDTH = 120
# Words that some YAML reader takes for something else than text, beyond those PyYAML knows.
_TRAPS = re.compile(r"[yn]|0o[0-7]+|[-+]?\d[\d_]*(\.\d*)?(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(r"\w[\w .@/+&'()-]*")
_PLAIN_WITH_COLON = re.compile(r"[a-z]+:[\w.-]+|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z?", re.ASCII)


def write_organisation(organisation: Organisation) -> str:
    """Write the organisation file: reading it gives an equal organisation, writing that the same text.

    Ids stand in alphabetical order; sections without entries are left out; the settings are always written.
    """
    data = organisation.to_json()
    settings = data.pop("settings")
    lines: list[str] = []
    for section, items in data.items():
        if items:
            lines.append(f"{section}:")
            for item in items:
                lines.extend(_block_item(item, indent=2))
    lines.append("settings:")
    for key, value in settings.items():
        lines.extend(_entry(key, value, indent=2))
    return "\n".join(lines) + "\n"


def _block_item(item: dict[str, Any], indent: int) -> list[str]:
    """Write a mapping as an item of a block list: "- " before its first key."""
    lines = [line for key, value in item.items() for line in _entry(key, value, indent + 2)]
    lines[0] = " " * indent + "- " + lines[0].lstrip()
    return lines


def _entry(key: str, value: Any, indent: int) -> list[str]:
    margin = " " * indent
    line = f"{margin}{key}: {_flow(value)}"
    nested = isinstance(value, list) and any(isinstance(item, dict) for item in value)
    if not nested and (len(line) <= WIDTH or not isinstance(value, list)):
        return [line]
    lines = [f"{margin}{key}:"]
    for item in value:
        flow = f"{margin}  - {_flow(item)}"
        fits = len(flow) <= WIDTH and key in {"overrides", "steps", "changes", "freezes", "audiences"}
        lines.extend([flow] if fits or not isinstance(item, dict) else _block_item(item, indent + 2))
    return lines


def _flow(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(inner) for inner in value) + "]"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:.3f}".rstrip("0").rstrip(".")
        case _:
            return _scalar(str(value))


def _scalar(text: str) -> str:
    fits = _PLAIN.fullmatch(text) or _PLAIN_WITH_COLON.fullmatch(text)
    if fits and text[-1] != " " and text.isprintable() and not _means_something_else(text):
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _means_something_else(text: str) -> bool:
    """Whether a YAML 1.1 or 1.2 reader would not take the plain word for text."""
    resolvers: dict[Any, Any] = yaml.SafeLoader.yaml_implicit_resolvers
    candidates = (*resolvers.get(text[0], ()), *resolvers.get(None, ()))
    return bool(_TRAPS.fullmatch(text)) or any(pattern.match(text) for _, pattern in candidates)


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04X}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08X}"  # noqa: PLR2004 - escape widths
