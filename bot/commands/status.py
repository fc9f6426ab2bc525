"""`status`: where the work stands."""

from bot.grammar import incident_and_rest, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.incident import OPEN_STATUSES, Status


def run(turn: Turn, rest: str) -> Answer:
    """Move between investigating, identified and monitoring; anything else opens the form."""
    about = incident_and_rest(turn, "status", rest)
    if isinstance(about, OpenForm):
        return about
    wanted = unquoted(about.rest).lower()
    if wanted not in OPEN_STATUSES:
        problem = f"“{about.rest.strip()[:80]}” is no status: choose one." if wanted else None
        return OpenForm(name="status", values={"incident": about.incident.id}, problem=problem)
    result = turn.incidents.change_status(turn.actor, about.incident.id, Status(wanted), turn.trail)
    return Reply(text=result.notice or f"{about.incident.ref} is now {wanted}.", about=about.incident.id)


COMMAND = Command(
    word="status",
    usage="status [ref] investigating|identified|monitoring",
    meaning="Say where the work stands.",
    run=run,
    example="status INC-12 identified",
)
