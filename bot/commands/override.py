"""`override`: somebody is on call instead of whoever the schedule names, for a time."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.cards.override import override_card, spoken
from bot.grammar import person_of, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from bot.when import read_when
from domain.errors import Refused
from domain.oncall import Schedule
from domain.people import Person
from usecases import overrides
from usecases.oncall_names import schedule_named

_FROM = re.compile(r"^(.*)(?:^|\s)from\s+(.+)$", re.IGNORECASE | re.DOTALL)
_TO = re.compile(r"^(.*?)(?:^|\s)(?:to|until|till)\s+(.+)$", re.IGNORECASE | re.DOTALL)


def run(turn: Turn, rest: str) -> Answer:
    """Make an override; what is missing or cannot be read opens the form, filled in with the rest."""
    typed = _typed(rest)
    read = _Read()
    problems: list[str] = []
    for part in (_read_who, _read_when):
        try:
            part(turn, typed, read)
        except Refused as refused:
            problems.append(str(refused))
    if problems or not (read.schedule and read.person and read.starts_at and read.ends_at):
        return _form(read, typed, problems[0] if problems else None)
    try:
        made = overrides.make(
            turn.store,
            turn.actor,
            read.schedule.id,
            read.person,
            when=(read.starts_at, read.ends_at),
            now=turn.now,
        )
    except Refused as refused:
        return _form(read, typed, str(refused))
    return Reply(text=spoken(made, turn.actor), card=override_card(made, turn.actor))


@dataclass(frozen=True, slots=True)
class _Typed:
    """The parts of the line as they were typed; empty where one is missing."""

    who: str
    """Schedule and person."""
    starts: str
    ends: str


@dataclass(slots=True)
class _Read:
    """What was understood of it."""

    schedule: Schedule | None = None
    person: Person | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def _typed(rest: str) -> _Typed:
    found = _FROM.match(rest)
    who, times = (found[1], found[2]) if found else (rest, "")
    if found:
        ends = _TO.match(times)
        return _Typed(who.strip(), (ends[1] if ends else times).strip(), ends[2].strip() if ends else "")
    ends = _TO.match(rest)
    return _Typed((ends[1] if ends else rest).strip(), "", ends[2].strip() if ends else "")


def _read_who(turn: Turn, typed: _Typed, read: _Read) -> None:
    words = typed.who.split()
    known = ((word, turn.store.schedules.get(_bare(word))) for word in words if not word.startswith("@"))
    word, read.schedule = next(((word, found) for word, found in known if found), ("", None))
    if read.schedule is None and words and not words[0].startswith("@"):
        word = words[0]
    left = " ".join(words)
    person = " ".join((left.replace(word, " ", 1) if word else left).split())
    if person:
        read.person = person_of(turn, person)
    if word and read.schedule is None:
        schedule_named(turn.store, _bare(word))  # says which come near


def _read_when(turn: Turn, typed: _Typed, read: _Read) -> None:
    zone = turn.actor.time_zone
    if typed.starts:
        read.starts_at = read_when(typed.starts, zone, turn.now)
    if typed.ends:
        read.ends_at = read_when(typed.ends, zone, turn.now, after=read.starts_at or turn.now)


def _bare(word: str) -> str:
    word = unquoted(word.strip(",;"))
    return word[len("schedule:") :] if word.lower().startswith("schedule:") else word


def _form(read: _Read, typed: _Typed, problem: str | None) -> OpenForm:
    values = {
        "schedule": read.schedule.id if read.schedule else "",
        "person": read.person.handle if read.person else "",
        "starts": read.starts_at.isoformat() if read.starts_at else "",
        "ends": read.ends_at.isoformat() if read.ends_at else "",
        "typed": f"{typed.who} {typed.starts} {typed.ends}".strip(),
    }
    return OpenForm(name="override", values=values, problem=problem)


COMMAND = Command(
    word="override",
    usage="override <schedule> @person from <when> to <when>",
    meaning="Put somebody on call for a time.",
    run=run,
    example="override payments-primary @Grace Hopper from 2026-12-05 22:00 to 2026-12-06 08:00",
)
