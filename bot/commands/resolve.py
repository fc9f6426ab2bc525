"""`resolve`: it is over."""

from bot.grammar import incident_and_rest
from bot.turn import Answer, Command, OpenForm, Reply, Turn


def run(turn: Turn, rest: str) -> Answer:
    """Resolve an incident, with a summary if there is one."""
    about = incident_and_rest(turn, "resolve", rest)
    if isinstance(about, OpenForm):
        return about
    result = turn.incidents.resolve(turn.actor, about.incident.id, about.rest, turn.trail)
    return Reply(text=result.notice or f"{turn.actor.name} resolved {about.incident.ref}.", about=about.incident.id)


COMMAND = Command(
    word="resolve",
    usage="resolve [ref] [summary]",
    meaning="Close an incident.",
    run=run,
    example="resolve INC-12 rolled back to 4.11",
    aliases=("close",),
)
