"""`ack`: somebody has it."""

from bot.grammar import incident_and_rest
from bot.turn import Answer, Command, OpenForm, Reply, Turn


def run(turn: Turn, rest: str) -> Answer:
    """Acknowledge an incident."""
    about = incident_and_rest(turn, "ack", rest, bare_number=True)
    if isinstance(about, OpenForm):
        return about
    result = turn.incidents.acknowledge(turn.actor, about.incident.id, turn.trail)
    return Reply(text=result.notice or f"{turn.actor.name} acknowledged {about.incident.ref}.", about=about.incident.id)


COMMAND = Command(word="ack", usage="ack [ref]", meaning="Say that you are on it.", run=run, aliases=("acknowledge",))
