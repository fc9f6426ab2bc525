"""Reading the words after a command: incident names, severities, services, people."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.turn import OpenForm, Turn
from bot.words import Mention
from domain.errors import Refused, Unknown
from domain.incident import TEXT_LIMIT, Incident
from domain.oncall import Schedule
from domain.people import Person
from usecases import access, people
from usecases.oncall_names import schedule_named

Found = TypeVar("Found")
_REF = re.compile(r"(?:inc-?|#)0*(\d{1,9})", re.IGNORECASE)
_SEVERITY = re.compile(r"(?:sev|severity)[-: ]?([0-9]{1,3})", re.IGNORECASE)
_SERVICE = re.compile(r"(?:^|(?<=\s))service:(\S+)", re.IGNORECASE)
_TIME = re.compile(
    r"[\d+].*|from|to|until|till|for|at|in|now|today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE
)
_QUOTES = "\"'“”„‟‘’‚‛«»‹›"
_APOSTROPHES = "'’"  # they also stand inside words


@dataclass(frozen=True, slots=True)
class About:
    """The incident a command is about, and the words that are left."""

    incident: Incident
    rest: str


def incident_and_rest(turn: Turn, word: str, rest: str, *, bare_number: bool = False) -> About | OpenForm:
    """Read `[ref]`: the named incident, else the one this place is about, else ask which one is meant."""
    number, left = leading_ref(rest, bare_number=bare_number)
    if number is not None:
        return About(access.incident_to_see(turn.store, turn.actor, number), left)
    here = turn.here()
    if here is not None:
        return About(here, rest)
    if len(rest) > TEXT_LIMIT:
        raise Refused(
            f"I do not know which incident you mean, and {len(rest)} characters are too many to ask back. "
            f"Write its name first, as in `{word} INC-12`; your message still stands above."
        )
    return OpenForm(name="pick", values={"command": word, "rest": rest})


def leading_ref(rest: str, *, bare_number: bool = False) -> tuple[int | None, str]:
    """Split a leading INC-12, inc12 or #12 off; with `bare_number` a lone 12 is one too."""
    first, left = first_word(rest)
    matched = _REF.fullmatch(first.rstrip(":,"))
    if matched:
        return int(matched[1]), left.strip()
    if bare_number and first.isdecimal() and first.isascii() and len(first) < 10 and not left.strip():  # noqa: PLR2004
        return int(first), ""
    return None, rest


def first_word(text: str) -> tuple[str, str]:
    """Split the first word off, at blank space of any kind."""
    parts = text.split(None, 1)
    return (parts[0] if parts else ""), (parts[1].rstrip() if len(parts) > 1 else "")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What `declare` was given."""

    title: str
    severity: int | None
    services: tuple[str, ...]


def declaration(rest: str) -> Declaration:
    """Take `service:<id>` from anywhere, and `sev1` to `sev4` from the beginning or the end of a title."""
    services, _ = services_in(rest)
    words = _SERVICE.sub(" ", rest).split()
    severity: int | None = None
    for index in (-1, 0):
        if words and (found := _SEVERITY.fullmatch(words[index].strip(",;:()"))):
            severity = severity if severity is not None else int(found[1])
            words.pop(index)
    return Declaration(unquoted(" ".join(words)), severity, services)


def services_in(rest: str) -> tuple[tuple[str, ...], str]:
    """Take `service:<id>` out of a line."""
    found = tuple(unquoted(s.strip(",;")) for s in _SERVICE.findall(rest))
    return found, unquoted(" ".join(_SERVICE.sub(" ", rest).split()))


def unquoted(text: str) -> str:
    """Take off the quotes around a whole text: phones turn typed ones into curly ones. Quotes inside stay."""
    bare, inside = text.strip(), text.strip()[1:-1]
    if len(bare) < 2 or bare[0] not in _QUOTES or bare[-1] not in _QUOTES:  # noqa: PLR2004 - a pair
        return bare
    return bare if any(c in _QUOTES and c not in _APOSTROPHES for c in inside) else inside.strip()


def severity_of(text: str) -> int | None:
    """Read 2, sev2, SEV-2 or severity 2."""
    word = unquoted(text).lower()
    found = _SEVERITY.fullmatch(word)
    digits = found[1] if found else word
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < 4 else None  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class OnCallNames:
    """A schedule and a person as they were typed, and what they mean: None where nothing was typed or nobody knows it."""

    schedule_typed: str
    schedule: Schedule | None
    person_typed: str
    person: Person | None
    problems: tuple[str, ...]
    """A sentence about each that nobody knows."""
    unread: str = ""
    """What follows the person and belongs to neither, such as a day."""


def schedule_and_person(turn: Turn, text: str) -> OnCallNames:
    """Read a schedule and a person in any order; a first word that belongs to neither is taken for a schedule."""
    parts = text.split()
    bare = [part for part in parts if not part.startswith("@")]
    word = next((part for part in bare if turn.store.schedules.get(_schedule_id(part))), "")
    if not word and bare[:1] == parts[:1] and _tried(person_of, turn, text)[0] is None:
        word = "".join(parts[:1])
    schedule, unknown = _tried(_schedule_of, turn, word)
    left, unread = parts.copy(), list[str]()
    if word:
        left.remove(word)
    person, nobody = _tried(person_of, turn, " ".join(left))
    if nobody:
        cut = next((n for n, part in enumerate(left) if _TIME.fullmatch(part)), len(left))
        left, unread = left[:cut], left[cut:]
        person, nobody = _tried(person_of, turn, " ".join(left))
    problems = tuple(filter(None, (unknown, nobody)))
    return OnCallNames(word, schedule, " ".join(left), person, problems, " ".join(unread))


def _tried(find: Callable[[Turn, str], Found], turn: Turn, typed: str) -> tuple[Found | None, str]:
    """Find what was typed, or say why not."""
    try:
        return find(turn, typed) if typed else None, ""
    except Unknown as unknown:
        return None, str(unknown)


def _schedule_of(turn: Turn, typed: str) -> Schedule:
    return schedule_named(turn.store, _schedule_id(typed))


def _schedule_id(typed: str) -> str:
    word = unquoted(typed.strip(",;"))
    return word[len("schedule:") :] if word.lower().startswith("schedule:") else word


def person_of(turn: Turn, words: str) -> Person:
    """Find the person a mention, a handle or a name means. Raise Unknown when nobody or several fit."""
    wanted = unquoted(words)
    if wanted.lower().lstrip("@") in {"me", "you", "myself"}:
        return turn.actor
    for mention in turn.mentions:
        if wanted.lstrip("@").strip().casefold() == mention.name.strip().casefold():
            return _mentioned(turn, mention)
    return people.find(turn.store, wanted)


def _mentioned(turn: Turn, mention: Mention) -> Person:
    found = (
        (turn.store.people.by_object_id(mention.object_id) if mention.object_id else None)
        or (turn.store.people.by_channel_user_id(mention.id) if mention.id else None)
        or (turn.store.people.by_object_id(mention.id.removeprefix("8:orgid:")) if mention.id else None)
    )
    if found:
        return found
    unknown = Unknown(
        f"I do not know {mention.name} yet. Ask them to write me `help` once, or an admin to add them to the organisation file."
    )
    try:
        namesake = people.find(turn.store, mention.name)
    except Unknown as nobody:
        raise unknown from nobody
    if namesake.channel_user_id not in (None, mention.id):
        raise unknown  # somebody else of the same name
    return namesake
