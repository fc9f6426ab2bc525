"""`show`: one incident."""

from bot.cards.incident import spoken, status_card
from bot.grammar import incident_and_rest
from bot.turn import Answer, Command, OpenForm, Reply, Turn


def run(turn: Turn, rest: str) -> Answer:
    """Post the live status card here; asked privately, show it to the asker alone."""
    about = incident_and_rest(turn, "show", rest, bare_number=True)
    if isinstance(about, OpenForm):
        return about
    if turn.private or turn.message_id:
        view = turn.incidents.show(turn.actor, about.incident.id)
        return Reply(text=spoken(view), card=status_card(view, reader=turn.actor))
    turn.incidents.stand_again(turn.actor, about.incident.id, turn.place)
    return Reply(text="", silent=True)


COMMAND = Command(
    word="show", usage="show [ref]", meaning="Show an incident's status card.", run=run, example="show INC-12"
)
