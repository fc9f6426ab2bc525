"""The `.env` file of a development checkout."""

import re
from pathlib import Path

from server.settings_values import SettingsError

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_QUOTED = re.compile(r"""(?:'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)")\s*(?:#.*)?""")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def read_dotenv(path: Path) -> dict[str, str]:
    """Read NAME=VALUE lines; a missing file is an empty one.

    Understood: `export`, comments, single quotes (as they stand) and double quotes (with backslash escapes).
    Nothing is expanded or executed. Raises SettingsError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path.name} cannot be read as UTF-8 text ({type(fault).__name__}).") from fault
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            name, value = _parse(stripped, f"{path.name} line {number}")
            found[name] = value
    return found


def _parse(line: str, where: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise SettingsError(f"{where} is not of the form NAME=VALUE.")
    value = match["value"]
    if not value.startswith(("'", '"')):
        return match["name"], re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()
    quoted = _QUOTED.fullmatch(value)
    if quoted is None:
        raise SettingsError(f"{where} has a quote that is not closed or text after the closing quote.")
    if quoted["single"] is not None:
        return match["name"], quoted["single"]
    return match["name"], re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), quoted["double"])
