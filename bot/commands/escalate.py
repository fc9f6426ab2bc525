"""`escalate`: page the next step, or somebody."""

from bot.grammar import incident_and_rest
from bot.targets import side_named, target_of
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Unknown
from usecases import escalations


def run(turn: Turn, rest: str) -> Answer:
    """Page the next step now, or a target; whoever is unknown is asked for with the form."""
    about = incident_and_rest(turn, "escalate", rest)
    if isinstance(about, OpenForm):
        return about
    incident, typed = about.incident, about.rest.strip()
    side = side_named(typed)
    if side is not None:
        said = escalations.bring_in(turn.store, turn.actor, incident.id, side, turn.trail, turn.now)
        return Reply(text=said, about=incident.id)
    try:
        target = target_of(turn, typed) if typed else None
    except Unknown as unknown:
        return OpenForm(name="escalate", values={"incident": incident.id, "person": None}, problem=str(unknown))
    said = escalations.escalate(turn.store, turn.actor, incident.id, target, turn.trail, turn.now)
    return Reply(text=said, about=incident.id)


COMMAND = Command(
    word="escalate",
    usage="escalate [ref] [@person|team:<id>|policy:<id>]",
    meaning="Page the next step now, or exactly somebody; “operations” or “engineering” brings that side in.",
    run=run,
    example="escalate INC-12 team:platform",
    aliases=("page",),
)
