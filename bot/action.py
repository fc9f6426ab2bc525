"""Reading action items from what people type: a whole line, or the fields of a form. Both name their parts alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.grammar import person_of, unquoted
from bot.turn import Turn
from domain.action import ActionKind, checked_title, today_in
from domain.errors import Refused
from domain.people import Person
from usecases.actions import NewAction

_KIND = re.compile(r"(?:^|(?<=\s))type:(\S+)", re.IGNORECASE)
_INCIDENT = re.compile(r"(?:^|(?<=\s))(?:for\s+)?(?:inc-?|#)0*([1-9]\d{0,8})(?=$|[\s,;])", re.IGNORECASE | re.ASCII)
_DUE = re.compile(
    r"(?:^|(?<=\s))due\s+(\d{4}-\d{2}-\d{2}|today|tomorrow|in\s+\d{1,3}\s+(?:day|week)s?)(?=$|[\s,;])", re.IGNORECASE
)
_OWNER = re.compile(r"(?:^|(?<=\s))owner\s+(\S.*?)(?=\s+(?:due|type:)|$)", re.IGNORECASE | re.DOTALL)
_AHEAD = re.compile(r"in\s+(\d{1,3})\s+(day|week)s?", re.IGNORECASE)
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Line:
    """What was read of a line; `problems` are sentences about what was not."""

    values: Mapping[str, Any]
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return all(self.values[name] for name in ("title", "kind", "person", "due")) and not self.problems


def read_line(turn: Turn, rest: str) -> Line:
    """Read `<title> type:<type> owner @person due <day> [INC-3]`, its parts in any order."""
    problems: list[str] = []
    left, kind = _taken(_KIND, rest)
    left, ref = _taken(_INCIDENT, left)
    left, due = _taken(_DUE, left)
    left, owner = _taken(_OWNER, left)
    person = _person(turn, owner, problems)
    here = turn.here() if not ref else None
    values = {
        "title": unquoted(" ".join(left.split())),
        "kind": _kind(kind, problems),
        "person": person.handle if person else "",
        "due": _day(due, person.time_zone if person else turn.actor.time_zone, turn, problems),
        "incident": int(ref) if ref else here.id if here else None,
    }
    return Line(values, tuple(problems))


def new_action(values: Mapping[str, Any], owner: Person) -> NewAction:
    """Make one of its parts. Raise Refused with one sentence about the first that is missing or wrong."""
    kind = str(values.get("kind"))
    if kind not in {str(k) for k in ActionKind}:
        raise Refused("Choose what it is good for: prevent, detect, mitigate or process.")
    incident = values.get("incident")
    return NewAction(
        title=checked_title(_text(values, "title")),
        kind=ActionKind(kind),
        owner=owner,
        due_on=day_of(_text(values, "due")),
        incident=incident if isinstance(incident, int) else None,
        factor=_text(values, "factor"),
        repair=str(values.get("repair")).lower() == "true",
    )


def day_of(text: str) -> date:
    """Read a day such as 2026-12-04. Raise Refused where it is missing or none."""
    if not text.strip():
        raise Refused("Choose the day until which it is done.")
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(f"“{text.strip()[:_SHOWN]}” is no day. Write it like 2026-12-04.") from None


def typed_day(turn: Turn, text: str, zone: str) -> date:
    """Read a day as people type it: 2026-12-04, today, tomorrow, in 2 weeks. Raise Refused where it is none."""
    word, today = unquoted(text).lower(), today_in(zone, turn.now)
    ahead = _AHEAD.fullmatch(word)
    if ahead:
        return today + int(ahead[1]) * timedelta(days=7 if ahead[2] == "week" else 1)
    return {"today": today, "tomorrow": today + timedelta(days=1)}.get(word) or day_of(word)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Take the last match out of a text."""
    found = next(iter([*pattern.finditer(text)][-1:]), None)
    return (text, "") if found is None else (f"{text[: found.start()]} {text[found.end() :]}".strip(), found[1].strip())


def _kind(typed: str, problems: list[str]) -> str:
    word = typed.strip(",;").lower()
    if word and word not in {str(k) for k in ActionKind}:
        problems.append(f"“{typed[:_SHOWN]}” is no type: choose prevent, detect, mitigate or process.")
        return ""
    return word


def _day(typed: str, zone: str, turn: Turn, problems: list[str]) -> str:
    try:
        return typed_day(turn, typed, zone).isoformat() if typed else ""
    except Refused as refused:
        problems.append(str(refused))
        return ""


def _person(turn: Turn, typed: str, problems: list[str]) -> Person | None:
    try:
        return person_of(turn, typed) if typed else None
    except Refused as unknown:
        problems.append(str(unknown))
        return None


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
