"""Recurrence rules as text: the RRULE value of RFC 5545, section 3.3.10, as far as it concerns whole days."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from domain.errors import Refused
from domain.zones import FIRST_YEAR, LAST_YEAR, instant

MAX_INTERVAL = 999
"""Our own limit: a thousand of anything is a mistake in typing."""
MAX_COUNT = 1000
"""Our own limit: occurrences are counted from the first one on, so it keeps every answer cheap."""
MAX_TEXT = 300
"""Characters of a rule. Ours; the longest rule that makes sense has fewer than 200."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,4}", re.ASCII)
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_NAME = re.compile(r"[A-Z-]{1,20}", re.ASCII)
_OTHER_LINES = ("DTSTART", "DTEND", "RDATE", "EXDATE", "EXRULE")
_EXAMPLE = "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
_CLOCK = "leave it out, because the time of day is that of the beginning"
_INSTEAD = {
    "BYHOUR": _CLOCK,
    "BYMINUTE": _CLOCK,
    "BYSECOND": _CLOCK,
    "BYYEARDAY": "write the days with BYMONTH and BYMONTHDAY, such as FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=10",
    "BYWEEKNO": "write the months with BYMONTH and the weekdays with BYDAY, such as FREQ=YEARLY;BYMONTH=5;BYDAY=2MO",
}


class Frequency(StrEnum):
    """What a rule counts its intervals in."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Rule:
    """The parts of a rule, sorted and without doubles. An empty part limits nothing."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    """How many occurrences there are, the first one included."""
    until: datetime | None = None
    """The last moment at which something may begin, UTC."""
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    """1 to 31, or -31 to -1 counted from the end of the month."""
    weekdays: tuple[tuple[int, int], ...] = ()
    """Which one of its month or year (0: each, -1: the last), and the weekday from 0, Monday, to 6."""
    positions: tuple[int, ...] = ()
    """Which days of one interval's are meant, -1 the last. Empty: all of them."""
    week_start: int = 0

    def __str__(self) -> str:
        """Write the normalised text; `parse_rule` reads it back to an equal value in any time zone."""
        parts = {
            "FREQ": self.frequency.value,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "COUNT": str(self.count or ""),
            "UNTIL": f"{self.until:%Y%m%dT%H%M%SZ}" if self.until else "",
            "BYMONTH": _listed(self.months),
            "BYMONTHDAY": _listed(self.month_days),
            "BYDAY": ",".join(f"{number or ''}{_WEEKDAYS[day]}" for number, day in self.weekdays),
            "BYSETPOS": _listed(self.positions),
            "WKST": _WEEKDAYS[self.week_start] if self.week_start else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def parse_rule(text: str, zone: str) -> Rule:
    """Read a rule such as "FREQ=MONTHLY;BYDAY=-1SU", in any case and with or without "RRULE:" before it.

    UNTIL without a "Z" is read on the wall clock of `zone`, and a date alone includes its whole day. Raise Refused with
    a sentence for all that is not supported: frequencies below a day, BYHOUR, BYMINUTE, BYSECOND, BYYEARDAY, BYWEEKNO.
    """
    values = _values(text)
    if "FREQ" not in values:
        raise Refused(f"The rule does not say how often: begin it with FREQ, such as {_EXAMPLE}.")
    if {"COUNT", "UNTIL"} <= values.keys():
        raise Refused("The rule has both COUNT and UNTIL: keep one of them.")
    rule = Rule(
        frequency=_frequency(values["FREQ"]),
        interval=_one(values, "INTERVAL", MAX_INTERVAL) or 1,
        count=_one(values, "COUNT", MAX_COUNT),
        until=_until(values["UNTIL"], zone) if "UNTIL" in values else None,
        months=_many(values, "BYMONTH", lambda n: 1 <= n <= 12, "1 to 12"),  # noqa: PLR2004
        month_days=_many(values, "BYMONTHDAY", lambda n: 1 <= abs(n) <= 31, "1 to 31, or -1 to -31 from the end"),  # noqa: PLR2004
        weekdays=_weekdays(values["BYDAY"]) if "BYDAY" in values else (),
        positions=_many(values, "BYSETPOS", lambda n: 1 <= abs(n) <= 366, "1 to 366, or -1 to -366 from the end"),  # noqa: PLR2004
        week_start=_week_start(values.get("WKST", "MO")),
    )
    _together(rule)
    return rule


def _values(text: str) -> dict[str, str]:
    if len(text) > MAX_TEXT:
        raise Refused(f"The rule is too long: write it in {MAX_TEXT} characters, such as {_EXAMPLE}.")
    bare = "".join(text.split()).upper().removeprefix("RRULE:").removesuffix(";")
    if not bare:
        raise Refused(f"The rule is empty: write one such as {_EXAMPLE}.")
    if other := next((name for name in _OTHER_LINES if name in bare), None):
        raise Refused(f"{other} cannot be used here: write the rule alone, such as {_EXAMPLE}.")
    values: dict[str, str] = {}
    for part in bare.split(";"):
        name, equals, value = part.partition("=")
        if not _NAME.fullmatch(name) or not equals or not value:
            raise Refused(f"The rule cannot be read: write it in parts like {_EXAMPLE}, with a semicolon between them.")
        if name in values:
            raise Refused(f"The rule has {name} twice: write it once, with a comma between its values.")
        if name not in _KNOWN:
            raise Refused(f"{name} cannot be used here: {_INSTEAD.get(name, f'write a rule like {_EXAMPLE}')}.")
        values[name] = value
    return values


def _frequency(value: str) -> Frequency:
    try:
        return Frequency(value)
    except ValueError:
        raise Refused("FREQ must be a day or longer: write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.") from None


def _one(values: dict[str, str], name: str, most: int) -> int | None:
    if name not in values:
        return None
    number = int(values[name]) if _NUMBER.fullmatch(values[name]) else 0
    if not 1 <= number <= most:
        without = ", or UNTIL and a date" if name == "COUNT" else ""
        raise Refused(f"{name} must be a number from 1 to {most}: write {name}=2, for example{without}.")
    return number


def _many(values: dict[str, str], name: str, allowed: Callable[[int], bool], which: str) -> tuple[int, ...]:
    if name not in values:
        return ()
    texts = values[name].split(",")
    if not all(_NUMBER.fullmatch(text) and allowed(int(text)) for text in texts):
        raise Refused(f"{name} must be numbers from {which}: write {name}=1 or {name}=1,2, for example.")
    return tuple(sorted({int(text) for text in texts}))


def _weekdays(value: str) -> tuple[tuple[int, int], ...]:
    found = [_WEEKDAY.fullmatch(text) for text in value.split(",")]
    days = {(int(each[1] or 0), _WEEKDAYS.index(each[2])) for each in found if each}
    if None in found or any(each and each[1] and not 1 <= abs(int(each[1])) <= 53 for each in found):  # noqa: PLR2004
        raise Refused(
            "BYDAY must be weekdays: write BYDAY=MO,SA, or BYDAY=1SA for the first and -1SA for the last one."
        )
    return tuple(sorted(days))


def _week_start(value: str) -> int:
    if value not in _WEEKDAYS:
        raise Refused("WKST must be the weekday a week begins with: write WKST=MO or WKST=SU.")
    return _WEEKDAYS.index(value)


def _until(value: str, zone: str) -> datetime:
    found = _UNTIL.fullmatch(value)
    try:
        day = date.fromisoformat(found[1]) if found else None
        clock = time.fromisoformat(found[2]) if found and found[2] else time(23, 59, 59)
    except ValueError:
        day, clock = None, time()
    if found is None or day is None:
        raise Refused("UNTIL must be a date, alone or with a time: write UNTIL=20261231 or UNTIL=20261231T180000Z.")
    wall = _in_range(datetime.combine(day, clock))
    return wall.replace(tzinfo=UTC) if found[3] else _in_range(instant(wall, zone))


def _in_range(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Refused(f"UNTIL is out of range: write a year from {FIRST_YEAR} to {LAST_YEAR}, or leave it out.")
    return moment


def _together(rule: Rule) -> None:
    """Refuse parts that RFC 5545 allows by themselves, but not together."""
    numbered = any(number for number, _ in rule.weekdays)
    if numbered and rule.frequency in (Frequency.DAILY, Frequency.WEEKLY):
        raise Refused("BYDAY has a number, which needs FREQ=MONTHLY or FREQ=YEARLY: write BYDAY=SA without it.")
    if rule.month_days and rule.frequency is Frequency.WEEKLY:
        raise Refused("BYMONTHDAY cannot be used with FREQ=WEEKLY: write FREQ=MONTHLY or FREQ=DAILY.")
    if rule.positions and not (rule.months or rule.month_days or rule.weekdays):
        raise Refused("BYSETPOS needs days to choose from: write BYDAY or BYMONTHDAY as well.")


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
