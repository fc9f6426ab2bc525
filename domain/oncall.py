"""On-call schedules: rotations, the hours they are restricted to, and overrides."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from domain.durations import ShiftLength, parse_shift_length
from domain.zones import format_moment, format_wall_time, parse_moment, parse_wall_time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names of the weekdays in windows; the index is `datetime.weekday()`."""
_WINDOW = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:\s*-\s*(?P<last>[a-z]{3}))?\s+)?"
    r"(?P<starts>\d{1,2}:\d{2})\s*-\s*(?P<ends>\d{1,2}:\d{2})",
    re.ASCII,
)
_FULL_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyWindow:
    """Hours that come back every week, on the wall clock of whoever uses it; half-open.

    Both days are included; `last_day` before `first_day` goes through the weekend ("fri-mon"). When `ends` is not
    after `starts` the window runs over midnight and belongs to the day on which it begins.
    """

    first_day: int
    """0 is Monday."""
    last_day: int
    starts: int
    """Minutes after midnight, 0 to 1439."""
    ends: int
    """Minutes after midnight, 1 to 1440; 1440 is the end of the day."""

    @property
    def over_midnight(self) -> bool:
        """Whether each occurrence ends on the day after it begins."""
        return self.ends < self.starts

    @property
    def days(self) -> tuple[int, ...]:
        """The weekdays on which the window begins, 0 is Monday."""
        return tuple((self.first_day + n) % 7 for n in range((self.last_day - self.first_day) % 7 + 1))

    def __str__(self) -> str:
        """Write it as in the organisation file; `parse_weekly_window` reads it back to an equal value."""
        days = WEEKDAYS[self.first_day]
        if self.last_day != self.first_day:
            days += f"-{WEEKDAYS[self.last_day]}"
        return f"{days} {_clock(self.starts)}-{_clock(self.ends)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns, one shift after the other, from the first handoff on."""

    starts: datetime
    """The first handoff: naive wall-clock time in the schedule's zone."""
    shift: ShiftLength
    people: tuple[str, ...]
    """Handles in the order of their turns; a person may stand in it more than once."""
    only: tuple[WeeklyWindow, ...] = ()
    """Hours in which the rotation applies, several mean "or"; empty means always."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        data: dict[str, Any] = {
            "starts": format_wall_time(self.starts),
            "shift": str(self.shift),
            "people": list(self.people),
        }
        return data | ({"only": [str(window) for window in self.only]} if self.only else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            starts=parse_wall_time(data["starts"]),
            shift=parse_shift_length(data["shift"]),
            people=tuple(data["people"]),
            only=tuple(parse_weekly_window(text) for text in data.get("only", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One person instead of the rotations; half-open. Of overlapping overrides the later one in the list wins."""

    person: str
    """Handle."""
    starts_at: datetime
    """UTC, included."""
    ends_at: datetime
    """UTC, excluded."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, times in UTC; `from_json` gives an equal value."""
        return {"person": self.person, "from": format_moment(self.starts_at), "to": format_moment(self.ends_at)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            person=data["person"],
            starts_at=parse_moment(data["from"], "UTC"),
            ends_at=parse_moment(data["to"], "UTC"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who is on call for a team: overrides win over rotations, later rotations over earlier ones."""

    id: str
    team: str
    time_zone: str
    """IANA name; the wall clock of the rotations and their restrictions."""
    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[Override, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        data: dict[str, Any] = {"id": self.id, "team": self.team, "time_zone": self.time_zone}
        data["rotations"] = [rotation.to_json() for rotation in self.rotations]
        return data | ({"overrides": [override.to_json() for override in self.overrides]} if self.overrides else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            id=data["id"],
            team=data["team"],
            time_zone=data["time_zone"],
            rotations=tuple(Rotation.from_json(rotation) for rotation in data["rotations"]),
            overrides=tuple(Override.from_json(override) for override in data.get("overrides", ())),
        )


def parse_weekly_window(text: str) -> WeeklyWindow:
    """Read "mon-fri 09:00-17:00", "sat 10:00-14:00" or "00:00-24:00" (every day).

    Raises ValueError with a sentence.
    """
    found = _WINDOW.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f'"{text[:40]}" is not a weekly window: write it like "mon-fri 09:00-17:00".')
    first = _weekday(found["first"] or "mon", text)
    last = _weekday(found["last"] or found["first"] or "sun", text)
    starts, ends = _minutes(found["starts"], text), _minutes(found["ends"], text) or _FULL_DAY
    if starts == _FULL_DAY:
        raise ValueError(f'"{text}" begins at 24:00: write 00:00 of the next day.')
    if starts == ends:
        raise ValueError(f'"{text}" begins and ends at the same time: write 00:00-24:00 for the whole day.')
    return WeeklyWindow(first_day=first, last_day=last, starts=starts, ends=ends)


def _weekday(name: str, text: str) -> int:
    if name not in WEEKDAYS:
        raise ValueError(f'"{text}" has no weekday "{name}": use {", ".join(WEEKDAYS)}.')
    return WEEKDAYS.index(name)


def _minutes(clock: str, text: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    if minutes > 59 or hours * 60 + minutes > _FULL_DAY:  # noqa: PLR2004 - the clock on the wall
        raise ValueError(f'"{text}" has a time that does not exist: times go from 00:00 to 24:00.')
    return hours * 60 + minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
