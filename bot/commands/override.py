"""`override`: somebody is on call instead of whoever the schedule names, for a time."""

from collections.abc import Sequence

from bot.cards.override import override_card, spoken
from bot.grammar import OnCallNames, schedule_and_person
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from bot.window import TypedWindow, Window, read_window, typed_window
from domain.errors import Refused
from usecases import overrides


def run(turn: Turn, rest: str) -> Answer:
    """Make an override; what is missing or cannot be read opens the form, filled in with the rest."""
    typed = typed_window(rest)
    names, times = schedule_and_person(turn, typed.before), read_window(turn, typed)
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


def _form(typed: TypedWindow, names: OnCallNames, times: Window, problems: Sequence[str]) -> OpenForm:
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
