"""Reading planned care from what people type: a whole line, or the fields of a form. Both name their parts alike."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.grammar import person_of, services_in, unquoted
from bot.turn import Turn
from domain import care as steps
from domain.care import END_OF_DAY, Evidence, Proof
from domain.catalog import Team
from domain.errors import Refused
from domain.recurrence import Recurrence
from domain.zones import instant
from usecases import people
from usecases.care.planning import Plan
from usecases.oncall_names import nearest

UNITS = ("days", "weeks", "months")
NONE = "-"
"""What a list sends for no choice; no id begins like that."""
_TEAM = re.compile(r"(?:^|(?<=\s))team:(\S+)", re.IGNORECASE)
_EVERY = re.compile(r"(?:^|\s)every\s+(?:(\d{1,6})\s+)?(day|week|month)s?(?=\s|$)", re.IGNORECASE)
_HOURS = re.compile(r"(?:^|\s)hours\s+(-?\d[\d.,]*)(?=\s|$)", re.IGNORECASE)
_OWNER = re.compile(r"(?:^|\s)owner\s+(\S.*?)(?=\s+(?:every|hours)\s|$)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """What was read of a line; `problems` are sentences about what was not."""

    values: Mapping[str, str]
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        needed = self.values["title"] and self.values["every"]
        return bool(needed and (self.values["team"] or self.values["service"]) and not self.problems)


def read_line(turn: Turn, rest: str) -> Line:
    """Read `<title> team:<id>|service:<id> every <n> <unit> [owner @person] [hours <n>]`, its parts in any order."""
    problems: list[str] = []
    teams = [unquoted(found.strip(",;")) for found in _TEAM.findall(rest)]
    services, left = services_in(_TEAM.sub(" ", rest))
    left, owner = _taken(_OWNER, left)
    left, every = _taken(_EVERY, left)
    left, hours = _taken(_HOURS, left)
    values = {
        "title": unquoted(left),
        "team": _known(turn, "team", teams, problems),
        "service": _known(turn, "service", services, problems),
        "every": (every[1] or "1") if every else "",
        "unit": f"{every[2].lower()}s" if every else "",
        "hours": hours[1] if hours else "",
        "person": _handle(turn, owner[1], problems) if owner else "",
    }
    return Line(values, tuple(problems))


def plan_of(turn: Turn, values: Mapping[str, Any]) -> Plan:
    """Make a plan of its parts. Raise Refused with one sentence about the first that cannot be read."""
    title = steps.checked_title(_text(values, "title"))
    team = team_in(turn, values)
    if team is None:
        raise Refused("Choose a team or a service.")
    handle, evidence = _text(values, "person"), _text(values, "evidence")
    return Plan(
        title=title,
        team=_text(values, "team"),
        service=_text(values, "service"),
        owner=people.find(turn.store, handle) if handle else None,
        rhythm=rhythm_of(values, team.time_zone, turn.now),
        hours=steps.checked_hours(_text(values, "hours")),
        evidence=Evidence(evidence) if evidence in {str(e) for e in Evidence} else None,
        sign_off=_text(values, "sign_off") == "true",
    )


def team_in(turn: Turn, values: Mapping[str, Any]) -> Team | None:
    """Find the team that does it: the one named, else the one that owns the service."""
    service = turn.store.catalog.service(_text(values, "service"))
    wanted = _text(values, "team") or (service.owner if service else "")
    return turn.store.catalog.team(wanted) if wanted else None


def rhythm_of(values: Mapping[str, Any], zone: str, now: datetime) -> Recurrence:
    """Read how often it comes back: a rule where there is one, else so many units; on the wall clock of `zone`.

    Without a first day it is due for the first time one interval from today.
    """
    rule, unit = _text(values, "rule"), _text(values, "unit")
    clock, day = _clock(_text(values, "time")), _day(_text(values, "day"))
    today = now.astimezone(ZoneInfo(zone)).date()
    if day is not None and day < today:
        raise Refused(f"The first day, {day}, is over. Choose one from today on.")
    begins = datetime.combine(day or today, clock)
    if rule:
        return Recurrence.parse(rule, begins, zone)
    count = _text(values, "every")
    if not count.isdecimal() or not count.isascii() or unit not in UNITS:
        raise Refused("Say how often it comes back, such as every 2 weeks.")
    rhythm = Recurrence.from_words(int(count[:9]), unit, begins, zone)
    if day is None:
        later = rhythm.after(instant(begins, zone))
        begins = datetime.combine(later.astimezone(ZoneInfo(zone)).date(), clock) if later else begins
        rhythm = Recurrence.from_words(int(count[:9]), unit, begins, zone)
    return rhythm


def proof_of(values: Mapping[str, Any]) -> Proof:
    """Read what somebody shows. Raise Refused with one sentence about what cannot be read."""
    note, hours = _text(values, "note"), _text(values, "hours")
    return Proof(
        note=steps.checked_words(note, "note", "") if note else "",
        link=steps.checked_link(_text(values, "link")),
        number=steps.checked_number(_text(values, "number")),
        hours=steps.checked_hours(hours) if hours else None,
    )


def evidence_in(text: str, wanted: Evidence | None) -> Mapping[str, str]:
    """Sort evidence that was typed in a row into the fields of the form; `hours <n>` at its end says how long it took."""
    left, hours = _taken(_HOURS, text)
    shown = unquoted(left)
    field = wanted if wanted is Evidence.NUMBER else Evidence.LINK if steps.is_link(shown) else Evidence.NOTE
    return {str(field): shown, "hours": hours[1] if hours else ""}


# -- inside -----------------------------------------------------------------------------------------------------------


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, re.Match[str] | None]:
    """Take the last match out of a text."""
    found = next(iter([*pattern.finditer(text)][-1:]), None)
    return (text, None) if found is None else (f"{text[: found.start()]} {text[found.end() :]}".strip(), found)


def _known(turn: Turn, kind: str, typed: Sequence[str], problems: list[str]) -> str:
    if not typed:
        return ""
    if len(typed) > 1:
        problems.append(f"Name one {kind}: I took {kind}:{typed[0][:60]}.")
    found = turn.store.catalog.team(typed[0]) if kind == "team" else turn.store.catalog.service(typed[0])
    if found is None:
        problems.append(nearest(turn.store, typed[0], kind))
    return found.id if found is not None else ""


def _handle(turn: Turn, typed: str, problems: list[str]) -> str:
    try:
        return person_of(turn, typed).handle
    except Refused as unknown:
        problems.append(str(unknown))
        return ""


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    text = value.strip() if isinstance(value, str) else ""
    return "" if text == NONE else text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"“{text[:20]}” is no day. Choose it from the calendar.") from None


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else END_OF_DAY
    except ValueError:
        raise Refused(f"“{text[:20]}” is no time of day. Write it like 17:00.") from None
