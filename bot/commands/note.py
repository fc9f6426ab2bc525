"""`note`: write something on the timeline."""

from bot.grammar import incident_and_rest
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Refused


def run(turn: Turn, rest: str) -> Answer:
    """Add a note; without words the form asks for them."""
    about = incident_and_rest(turn, "note", rest)
    if isinstance(about, OpenForm):
        return about
    if not about.rest.strip():
        return OpenForm(name="note", values={"incident": about.incident.id})
    try:
        turn.incidents.note(turn.actor, about.incident.id, about.rest, turn.trail)
    except Refused as refused:
        raise Refused(f"{refused} Your message still stands above.") from refused
    return Reply(text=f"Noted on {about.incident.ref}.", about=about.incident.id)


COMMAND = Command(
    word="note",
    usage="note [ref] <text>",
    meaning="Write something on the timeline.",
    run=run,
    example="note INC-12 restarting the pods now",
)
