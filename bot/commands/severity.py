"""`severity`: how bad it is."""

from bot.grammar import incident_and_rest, severity_of
from bot.turn import Answer, Command, OpenForm, Reply, Turn


def run(turn: Turn, rest: str) -> Answer:
    """Raise or lower the severity; anything but 1 to 4 opens the form."""
    about = incident_and_rest(turn, "severity", rest)
    if isinstance(about, OpenForm):
        return about
    wanted = severity_of(about.rest)
    if wanted not in (1, 2, 3, 4):
        problem = f"“{about.rest.strip()[:80]}” is no severity: choose one." if about.rest.strip() else None
        return OpenForm(name="status", values={"incident": about.incident.id}, problem=problem)
    result = turn.incidents.change_severity(turn.actor, about.incident.id, wanted, turn.trail)
    name = result.view.severity_name
    return Reply(text=result.notice or f"{about.incident.ref} is now SEV{wanted} {name}.", about=about.incident.id)


COMMAND = Command(
    word="severity",
    usage="severity [ref] <1-4>",
    meaning="Raise or lower the severity: 1 is the worst.",
    run=run,
    example="severity INC-12 2",
    aliases=("sev",),
)
