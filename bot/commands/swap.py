"""`swap`: exchange one of my shifts for one of somebody else's, once they have said yes."""

import re

from bot.cards.swap import spoken, swap_card
from bot.grammar import schedule_and_person
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Refused
from domain.oncall import Schedule
from domain.people import Person
from usecases import swaps
from usecases.spans import Span

_DATES = re.compile(r"^(.*?)(?:^|\s)(\d{4}-\d{2}-\d{2})\s+for\s+(\d{4}-\d{2}-\d{2})\s*$", re.IGNORECASE | re.DOTALL)


def run(turn: Turn, rest: str) -> Answer:
    """Ask for a swap by the days on which two shifts begin; what is missing or unclear opens the form."""
    dates = _DATES.match(rest)
    names = schedule_and_person(turn, (dates[1] if dates else rest).strip())
    schedule, other, problems = names.schedule, names.person, [*names.problems]
    asked = {"schedule": schedule.id if schedule else "", "with": other.handle if other else ""}
    if names.unread:
        problems.append(
            f"“{names.unread[:60]}” names no two days: write <day> for <day>, as in 2026-12-05 for 2026-12-12."
        )
    if other is not None and other.id == turn.actor.id:
        problems.append("You cannot swap with yourself.")
        asked["with"], other = "", None
    if not dates:
        return OpenForm(name="swap", values=asked, problem=" ".join(problems) or None)
    asked |= {"gives_on": dates[2], "takes_on": dates[3]}
    gives = _shift(turn, schedule, turn.actor, dates[2], problems)
    takes = _shift(turn, schedule, other, dates[3], problems)
    if problems or not (schedule and other and gives and takes):
        return OpenForm(name="swap", values=asked, problem=" ".join(problems) or None)
    try:
        shown = swaps.ask(turn.store, turn.actor, other, schedule.id, gives=gives, takes=takes, now=turn.now)
    except Refused as refused:
        return OpenForm(name="swap", values=asked, problem=str(refused))
    return Reply(text=spoken(shown, turn.actor), card=swap_card(shown, turn.actor))


def _shift(turn: Turn, schedule: Schedule | None, person: Person | None, day: str, problems: list[str]) -> Span | None:
    """Find the shift of a person that begins on a day, on the wall clock of whoever writes, or say that there is none."""
    if schedule is None or person is None:
        return None
    for shift in swaps.shifts_of_person(schedule, person, turn.now):
        if swaps.begins_on(shift, day, turn.actor.time_zone) and shift.starts_at and shift.ends_at:
            return shift.starts_at, shift.ends_at
    problems.append(f"{person.name} has no shift on {schedule.id} that begins on {day}: choose one below.")
    return None


COMMAND = Command(
    word="swap",
    usage="swap [schedule] [@person] [<day> for <day>]",
    meaning="Exchange one of your shifts for somebody else's, once they accept.",
    run=run,
    example="swap payments-primary @Grace Hopper",
)
