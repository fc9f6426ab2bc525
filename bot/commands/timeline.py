"""`timeline`: what happened, step by step."""

from bot.cards.timeline import timeline_card
from bot.grammar import incident_and_rest
from bot.turn import Answer, Command, OpenForm, Reply, Turn


def run(turn: Turn, rest: str) -> Answer:
    """Show the newest page of a timeline."""
    about = incident_and_rest(turn, "timeline", rest, bare_number=True)
    if isinstance(about, OpenForm):
        return about
    view = turn.incidents.timeline(turn.actor, about.incident.id)
    return Reply(text=f"Timeline of {about.incident.ref}", card=timeline_card(view, turn.zone, turn.now))


COMMAND = Command(
    word="timeline",
    usage="timeline [ref]",
    meaning="Show every step with who and when.",
    run=run,
    aliases=("history",),
)
