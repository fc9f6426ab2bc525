"""`remind`: how people are reminded to tell how an incident goes."""

import re
from datetime import timedelta

from bot.grammar import first_word, incident_and_rest, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.durations import MAX_DURATION, parse_duration
from domain.errors import Refused
from usecases import reminders

_PART = re.compile(
    r"(\d{1,9})? ?(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d)(?:,? |$|(?=\d))", re.IGNORECASE
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def run(turn: Turn, rest: str) -> Answer:
    """Switch the reminders off or on, or choose how often; without a word tell how it is."""
    about = incident_and_rest(turn, "remind", rest)
    if isinstance(about, OpenForm):
        return about
    number = about.incident.id
    if not about.rest.strip():
        return Reply(text=reminders.told(turn.store, about.incident, turn.now), about=number)
    result = turn.incidents.remind(turn.actor, number, wanted(about.rest), turn.trail)
    text = result.notice or reminders.told(turn.store, result.view.incident, turn.now)
    return Reply(text=text, about=number)


def wanted(words: str) -> reminders.Wanted:
    """Read what is asked for. Raise Refused with what can be written instead."""
    first, left = first_word(unquoted(words))
    match first.lower(), left:
        case "off" | "on" as switch, "":
            return switch
        case "every", _ if left:
            return every(left)
        case _:
            raise Refused(
                f"“{unquoted(words)[:40]}” says nothing about reminders: write `off`, `on`, or how often, as in `every 15m`."
            )


def every(text: str) -> timedelta:
    """Read a length as people write it, "15m", "1 h 30 min", "hour", or "PT15M". Raise Refused for anything else."""
    spelled = " ".join(unquoted(text).split())
    seconds, end = 0, 0
    while end < len(spelled) and (part := _PART.match(spelled, end)):
        if part[1] is None and part[0].strip() != spelled:
            break
        seconds += int(part[1] or 1) * _SECONDS[part[2][0].lower()]
        end = part.end()
    if spelled and end == len(spelled) and 0 < seconds <= MAX_DURATION.total_seconds():
        return timedelta(seconds=seconds)
    try:
        return parse_duration(spelled)
    except ValueError as fault:
        if spelled[:1].upper() == "P" and spelled[1:2].isalnum():
            raise Refused(str(fault)) from fault
        raise Refused(f"“{spelled[:40]}” is no length of time: write it like 15m, 90 min, 1h or PT15M.") from fault


COMMAND = Command(
    word="remind",
    usage="remind [ref] off|on|every <duration>",
    meaning="Choose how often people are reminded to give an update, or not at all.",
    run=run,
    example="remind INC-12 every 15m",
)
