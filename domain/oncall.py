"""On-call schedules: rotations, the hours they are restricted to, and overrides."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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
class PeopleChange:
    """Somebody joins or leaves a rotation at a date. Shifts before it stay as they were.

    Whoever is on call at that moment finishes the shift if still in the list; else the next one in the old order who
    is takes it over. The handoff times stay.
    """

    starts: datetime
    """Naive wall-clock time in the schedule's zone."""
    people: tuple[str, ...]
    """Handles in the order of their turns from then on."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        return {"from": format_wall_time(self.starts), "people": list(self.people)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(starts=parse_wall_time(data["from"]), people=tuple(data["people"]))


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
    changes: tuple[PeopleChange, ...] = ()
    """People joining and leaving later on, in the order of their times, all after `starts`."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        data: dict[str, Any] = {
            "starts": format_wall_time(self.starts),
            "shift": str(self.shift),
            "people": list(self.people),
        }
        data |= {"only": [str(window) for window in self.only]} if self.only else {}
        return data | ({"changes": [change.to_json() for change in self.changes]} if self.changes else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            starts=parse_wall_time(data["starts"]),
            shift=parse_shift_length(data["shift"]),
            people=tuple(data["people"]),
            only=tuple(parse_weekly_window(text) for text in data.get("only", ())),
            changes=tuple(PeopleChange.from_json(change) for change in data.get("changes", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One person for a time; half-open."""

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
class Override(Assignment):
    """One person instead of the rotations. Of overlapping overrides the later one in the list wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedShift(Assignment):
    """A shift that an outside calendar gives."""


class HandoffRule(StrEnum):
    """When responsibility passes at a shift change."""

    ACCEPTED = "accepted"
    """When the incoming person accepts, or when the handoff expires; until then the outgoing one is paged."""
    BOUNDARY = "boundary"
    """At the shift change itself; the handoff is still offered."""
    OFF = "off"
    """At the shift change, and nobody is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who is on call for a team: overrides win over rotations, later rotations over earlier ones."""

    id: str
    team: str
    time_zone: str
    """IANA name; the wall clock of the rotations and their restrictions."""
    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[Override, ...] = ()
    handoff: HandoffRule = HandoffRule.ACCEPTED
    calendar: str | None = None
    """Address of an outside iCalendar feed whose events are the shifts; rotations of the file win over them."""
    imported: tuple[ImportedShift, ...] = ()
    """The last good copy of that feed, in the order of their starts; not part of the organisation file."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        data: dict[str, Any] = {"id": self.id, "team": self.team, "time_zone": self.time_zone}
        data["rotations"] = [rotation.to_json() for rotation in self.rotations]
        data |= {"handoff": str(self.handoff)} if self.handoff is not HandoffRule.ACCEPTED else {}
        data |= {"calendar": self.calendar} if self.calendar is not None else {}
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
            handoff=HandoffRule(data.get("handoff", HandoffRule.ACCEPTED)),
            calendar=data.get("calendar"),
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
