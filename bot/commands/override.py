"""`override`: somebody is on call instead of whoever the schedule names, for a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.override import override_card, spoken
from bot.grammar import OnCallNames, schedule_and_person
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from bot.when import counts_from_start, left_out, read_when
from domain.errors import Refused
from usecases import overrides

_FROM = re.compile(r"^(.*)(?:^|\s)from(?:\s+(.+)|$)", re.IGNORECASE | re.DOTALL)
_TO = re.compile(r"^(.*?)(?:^|\s)(?:to|until|till)(?:\s+(.+)|$)", re.IGNORECASE | re.DOTALL)


def run(turn: Turn, rest: str) -> Answer:
    """Make an override; what is missing or cannot be read opens the form, filled in with the rest."""
    typed = _typed(rest)
    names, times = schedule_and_person(turn, typed.who), _times(turn, typed)
    unread = [f"“{names.unread[:60]}” does not say from when to when."] if names.unread else []
    problems = [*names.problems, *unread, *times.problems]
    if problems or not (names.schedule and names.person and times.starts_at and times.ends_at):
        return _form(typed, names, times, problems)
    try:
        made = overrides.make(
            turn.store,
            turn.actor,
            names.schedule.id,
            names.person,
            when=(times.starts_at, times.ends_at),
            now=turn.now,
        )
    except Refused as refused:
        return _form(typed, names, times, [str(refused)])
    return Reply(text=spoken(made, turn.actor), card=override_card(made, turn.actor))


@dataclass(frozen=True, slots=True)
class _Typed:
    """The parts of the line as they were typed; empty where one is missing."""

    who: str
    """Schedule and person."""
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class _Times:
    """What was understood of the two moments."""

    starts_at: datetime | None
    ends_at: datetime | None
    problems: Sequence[str]
    left_out: str
    """That the clocks leave the beginning out; empty where they do not."""


def _typed(rest: str) -> _Typed:
    found = _FROM.match(rest)
    who, starts = (found[1], found[2] or "") if found else (rest, "")
    if ends := _TO.match(starts):
        return _Typed(who.strip(), ends[1].strip(), (ends[2] or "").strip())
    ends = _TO.match(who)
    return _Typed((ends[1] if ends else who).strip(), starts.strip(), (ends[2] or "").strip() if ends else "")


def _times(turn: Turn, typed: _Typed) -> _Times:
    """Read each moment for itself, so that one that cannot be read does not cost the other."""
    zone = turn.actor.time_zone
    starts_at, no_start = _moment(turn, typed.starts, None)
    ends_at, no_end = _moment(turn, typed.ends, starts_at or turn.now)
    moved = left_out(typed.starts, starts_at, zone) if starts_at else ""
    if ends_at and counts_from_start(typed.ends):
        if no_start:
            ends_at, no_end = None, f"“{typed.ends}” counts from the beginning, so choose “To” as well."
        elif moved:
            no_end = f"“{typed.ends}” counts from the beginning, so check “To”."
    return _Times(starts_at, ends_at, [*filter(None, (no_start, no_end))], moved)


def _moment(turn: Turn, typed: str, after: datetime | None) -> tuple[datetime | None, str]:
    """Read a moment, or say why it cannot be read."""
    try:
        return read_when(typed, turn.actor.time_zone, turn.now, after=after) if typed else None, ""
    except Refused as refused:
        return None, str(refused)


def _form(typed: _Typed, names: OnCallNames, times: _Times, problems: Sequence[str]) -> OpenForm:
    """Ask for what is missing. None stands for what was typed and not understood: nothing else may take its place."""
    said = [*problems, *filter(None, [times.left_out])]
    schedule = names.schedule.id if names.schedule else None if names.schedule_typed else ""
    person = names.person.handle if names.person else None if names.person_typed else ""
    starts = times.starts_at.isoformat() if times.starts_at else None if typed.starts or names.unread else ""
    values = {
        "schedule": schedule,
        "person": person,
        "starts": starts,
        "ends": times.ends_at.isoformat() if times.ends_at else "",
    }
    return OpenForm(name="override", values=values, problem=" ".join(said) or None)


COMMAND = Command(
    word="override",
    usage="override <schedule> @person from <when> to <when>",
    meaning="Put somebody on call for a time.",
    run=run,
    example="override payments-primary @Grace Hopper from 2026-12-05 22:00 to 2026-12-06 08:00",
)
