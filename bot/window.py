"""A time "from … to …" as people type it into commands, on the wall clock of whoever writes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.turn import Turn
from bot.when import counts_from_start, left_out, read_when
from domain.errors import Refused

_FROM = re.compile(r"^(.*)(?:^|\s)from(?:\s+(.+)|$)", re.IGNORECASE | re.DOTALL)
_TO = re.compile(r"^(.*?)(?:^|\s)(?:to|until|till)(?:\s+(.+)|$)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class TypedWindow:
    """The parts of a line as they were typed; empty where one is missing."""

    before: str
    """What stands in front of the time."""
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class Window:
    """What was understood of the two moments."""

    starts_at: datetime | None
    ends_at: datetime | None
    problems: Sequence[str]
    left_out: str
    """That the clocks leave the beginning out; empty where they do not."""


def typed_window(rest: str) -> TypedWindow:
    """Split a line at its last "from" and the first "to" behind it."""
    found = _FROM.match(rest)
    before, starts = (found[1], found[2] or "") if found else (rest, "")
    if ends := _TO.match(starts):
        return TypedWindow(before.strip(), ends[1].strip(), (ends[2] or "").strip())
    ends = _TO.match(before)
    return TypedWindow((ends[1] if ends else before).strip(), starts.strip(), (ends[2] or "").strip() if ends else "")


def read_window(turn: Turn, typed: TypedWindow) -> Window:
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
    return Window(starts_at, ends_at, [*filter(None, (no_start, no_end))], moved)


def _moment(turn: Turn, typed: str, after: datetime | None) -> tuple[datetime | None, str]:
    """Read a moment, or say why it cannot be read."""
    try:
        return read_when(typed, turn.actor.time_zone, turn.now, after=after) if typed else None, ""
    except Refused as refused:
        return None, str(refused)
