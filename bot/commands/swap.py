"""`swap`: exchange one of my shifts for one of somebody else's, once they have said yes."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.swap import spoken, swap_card
from bot.grammar import person_of, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Refused, Unknown
from domain.oncall import Schedule
from domain.people import Person
from domain.shifts import Shift
from usecases import swaps
from usecases.oncall_names import schedule_named

_DATES = re.compile(r"^(.*?)(?:^|\s)(\d{4}-\d{2}-\d{2})\s+for\s+(\d{4}-\d{2}-\d{2})\s*$", re.IGNORECASE | re.DOTALL)


def run(turn: Turn, rest: str) -> Answer:
    """Ask for a swap by the days on which two shifts begin; what is missing or unclear opens the form."""
    dates = _DATES.match(rest)
    left = (dates[1] if dates else rest).strip()
    schedule, other, problem = _who(turn, left)
    asked = {"schedule": schedule.id if schedule else "", "with": other.handle if other else ""}
    if problem or not (dates and schedule and other):
        return OpenForm(name="swap", values=asked, problem=problem)
    try:
        gives = _shift(turn, schedule, turn.actor, dates[2])
        takes = _shift(turn, schedule, other, dates[3])
        shown = swaps.ask(turn.store, turn.actor, other, schedule.id, gives=gives, takes=takes, now=turn.now)
    except Refused as refused:
        return OpenForm(name="swap", values=asked, problem=str(refused))
    return Reply(text=spoken(shown, turn.actor), card=swap_card(shown, turn.actor))


def _who(turn: Turn, words: str) -> tuple[Schedule | None, Person | None, str | None]:
    """Read a schedule and a person in any order, and say what was not understood."""
    parts = words.split()
    named = ((word, turn.store.schedules.get(unquoted(word))) for word in parts if not word.startswith("@"))
    word, schedule = next(((word, found) for word, found in named if found), ("", None))
    left = " ".join(part for part in parts if part != word)
    if not left:
        return schedule, None, None
    try:
        return schedule, person_of(turn, left), None
    except Unknown as unknown:
        if schedule is None and not left.startswith("@"):
            return _not_a_schedule(turn, parts[0])
        return schedule, None, str(unknown)


def _not_a_schedule(turn: Turn, word: str) -> tuple[None, None, str]:
    try:
        schedule_named(turn.store, word)
    except Unknown as unknown:
        return None, None, str(unknown)
    raise AssertionError(word)  # pragma: no cover - it was looked for before


def _shift(turn: Turn, schedule: Schedule, person: Person, day: str) -> tuple[datetime, datetime]:
    """Find the shift of a person that begins on a day, on the wall clock of whoever writes."""
    zone = ZoneInfo(turn.actor.time_zone)
    for shift in swaps.shifts_of_person(schedule, person, turn.now):
        if _begins_on(shift, day, zone) and shift.starts_at and shift.ends_at:
            return shift.starts_at, shift.ends_at
    raise Refused(f"{person.name} has no shift on {schedule.id} that begins on {day}: choose one below.")


def _begins_on(shift: Shift, day: str, zone: ZoneInfo) -> bool:
    return shift.starts_at is not None and f"{shift.starts_at.astimezone(zone):%Y-%m-%d}" == day


COMMAND = Command(
    word="swap",
    usage="swap [schedule] [@person] [<day> for <day>]",
    meaning="Exchange one of your shifts for somebody else's, once they accept.",
    run=run,
    example="swap payments-primary @Grace Hopper",
)
