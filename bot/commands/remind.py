"""`remind`: how people are reminded to tell how an incident goes."""

from bot.grammar import first_word, incident_and_rest, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from bot.when import read_length
from domain.errors import Refused
from usecases import reminders


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
            return read_length(left)
        case _:
            raise Refused(
                f"“{unquoted(words)[:40]}” says nothing about reminders: write `off`, `on`, or how often, as in `every 15m`."
            )


COMMAND = Command(
    word="remind",
    usage="remind [ref] off|on|every <duration>",
    meaning="Choose how often people are reminded to give an update, or not at all.",
    run=run,
    example="remind INC-12 every 15m",
)
