"""`update`: tell stakeholders how it goes."""

from bot.grammar import incident_and_rest
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Refused
from domain.update import UPDATE_LIMIT
from usecases.updates import writing
from usecases.updates.writing import Draft


def run(turn: Turn, rest: str) -> Answer:
    """Send an update, or ask for its approval; without words, and where it cannot be sent, the form has what is known."""
    about = incident_and_rest(turn, "update", rest)
    if isinstance(about, OpenForm):
        return about
    number, text = about.incident.id, about.rest.strip()
    if not text:
        return OpenForm(name="update", values={"incident": number})
    promise = writing.usual_promise(turn.store, about.incident, turn.now)
    try:
        said = writing.propose(
            turn.store, turn.actor, Draft(incident_id=number, text=text, next_at=promise), turn.trail, turn.now
        )
    except Refused as refused:
        if len(text) > UPDATE_LIMIT:
            raise Refused(f"{refused} Your message still stands above.") from refused
        return OpenForm(name="update", values={"incident": number, "text": text}, problem=str(refused))
    return Reply(text=said, about=number)


COMMAND = Command(
    word="update",
    usage="update [ref] <text>",
    meaning="Tell stakeholders how it goes, with approval where the organisation wants it.",
    run=run,
    example="update INC-12 payments work again in Europe, the rest follows",
)
