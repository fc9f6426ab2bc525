"""`reopen`: it is back."""

from bot.grammar import incident_and_rest
from bot.turn import Answer, Command, OpenForm, Reply, Turn


def run(turn: Turn, rest: str) -> Answer:
    """Reopen a resolved incident; without a reason the form asks for it."""
    about = incident_and_rest(turn, "reopen", rest)
    if isinstance(about, OpenForm):
        return about
    if not about.rest.strip() and not about.incident.is_open:
        return OpenForm(name="reopen", values={"incident": about.incident.id})
    if about.incident.is_open:
        return Reply(text=f"{about.incident.ref} is open already.", about=about.incident.id)
    result = turn.incidents.reopen(turn.actor, about.incident.id, about.rest, turn.trail)
    return Reply(text=result.notice or f"{turn.actor.name} reopened {about.incident.ref}.", about=about.incident.id)


COMMAND = Command(
    word="reopen",
    usage="reopen [ref] <reason>",
    meaning="Open a resolved incident again.",
    run=run,
    example="reopen INC-12 errors are back",
)
