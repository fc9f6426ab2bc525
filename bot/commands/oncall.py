"""`oncall`: who is on call, until when, and who is next."""

from bot.cards.oncall import answer, answer_person
from bot.grammar import person_of, unquoted
from bot.turn import Answer, Command, Turn

_ME = ("me", "@me", "mine", "myself")


def run(turn: Turn, rest: str) -> Answer:
    """Show everything, or what one word means: a service, a team, a schedule or a person."""
    words = unquoted(" ".join(rest.split()))
    if words.lower() in _ME:
        return answer_person(turn, turn.actor)
    mentioned = {f"@{mention.name}".casefold() for mention in turn.mentions}
    if words.casefold() in mentioned:
        return answer_person(turn, person_of(turn, words))
    return answer(turn, words)


COMMAND = Command(
    word="oncall",
    usage="oncall [service|team|schedule|@person]",
    meaning="Show who is on call, until when, and who is next.",
    run=run,
    example="oncall checkout",
    aliases=("on-call",),
)
