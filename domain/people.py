"""People: who can act, and who a verified activity says is speaking."""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from itertools import count

MAX_HANDLE = 64
# Letters that Unicode does not decompose into a base letter and a mark, in their usual Latin spelling.
_SPELLINGS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ı": "i"}
)


BOT_ID = 0
"""The row of the bot itself: whoever acted when no person did. It is never listed, active or found by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can act: listed in the organisation file, or taken in from a verified activity."""

    id: int
    """The database id; 0 before the person is stored, and for the bot itself."""
    handle: str
    """The id in the organisation file and in commands, such as "ada"; unique, compared without case."""
    name: str
    object_id: str | None = None
    """Microsoft Entra object id, lower case."""
    tenant_id: str | None = None
    channel_user_id: str | None = None
    """The "29:…" id, as last seen in a verified activity."""
    email: str | None = None
    time_zone: str = "UTC"
    """IANA name."""
    admin: bool = False
    listed: bool = False
    """True: named in the organisation file. False: taken in from a verified activity."""
    active: bool = True
    """False: was listed once and is not any more; kept because timelines name this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a verified activity says is speaking."""

    object_id: str
    tenant_id: str
    channel_user_id: str
    name: str
    time_zone: str | None
    locale: str | None
    guest: bool


def handle_from_name(name: str, taken: Container[str]) -> str:
    """Make a free handle from a display name: "Zoë Ångström" -> "zoe-angstrom", then "zoe-angstrom-2".

    `taken` holds the used handles in lower case. A name without Latin letters or digits becomes "person",
    "person-2" and so on; the answer is never empty and never longer than 64 characters.
    """
    base = _latin(name) or "person"
    for number in count(1):
        suffix = "" if number == 1 else f"-{number}"
        handle = base[: MAX_HANDLE - len(suffix)].rstrip("-") + suffix
        if handle not in taken:
            return handle
    raise AssertionError  # pragma: no cover - count() does not end


def _latin(name: str) -> str:
    """Lower-case ASCII letters and digits of a name, its words joined by single hyphens."""
    spelled = unicodedata.normalize("NFKD", name.casefold().translate(_SPELLINGS))
    letters = "".join(c for c in spelled if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
