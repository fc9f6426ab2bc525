"""`declare`: begin an incident."""

from bot.grammar import Declaration, declaration
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Refused
from domain.incident import DEFAULT_SEVERITY, TEXT_LIMIT, TITLE_LIMIT


def run(turn: Turn, rest: str) -> Answer:
    """Declare with what was typed; whatever is missing or not understood opens the form, filled in."""
    said = declaration(rest)
    problem = _problem(turn, said, rest)
    if not said.title or problem:
        return OpenForm(name="declare", values=_typed(said, rest), problem=problem)
    try:
        turn.incidents.declare(
            turn.actor,
            title=said.title,
            severity=said.severity or DEFAULT_SEVERITY,
            services=said.services,
            details="",
            place=turn.place,
            trail=turn.trail,
        )
    except Refused as refused:
        return OpenForm(name="declare", values=_typed(said, rest), problem=str(refused))
    return Reply(text="", silent=True)


def _problem(turn: Turn, said: Declaration, rest: str) -> str | None:
    if len(said.title) > TITLE_LIMIT:
        kept = "everything you wrote" if len(rest) <= TEXT_LIMIT else f"the first {TEXT_LIMIT} characters"
        return (
            f"That title has {len(said.title)} characters; {TITLE_LIMIT} is the most. I cut it and put {kept} into "
            "the details; your message still stands above. Shorten the title and declare."
        )
    if said.severity is not None and said.severity not in (1, 2, 3, 4):
        return f"There is no severity {said.severity}: choose 1 (critical) to 4 (low)."
    unknown = [s for s in said.services if turn.store.catalog.service(s) is None]
    if unknown:
        return f"There is no service “{unknown[0]}” in the catalogue: choose one, or declare without."
    return None


def _typed(said: Declaration, rest: str) -> dict[str, object]:
    long = len(said.title) > TITLE_LIMIT
    return {
        "title": said.title[:TITLE_LIMIT],
        "severity": said.severity,
        "services": said.services,
        "details": rest if long else "",
    }


COMMAND = Command(
    word="declare",
    usage="declare [title] [sev1..sev4] [service:<id>]",
    meaning="Begin an incident and post its status card; without a title a form asks.",
    run=run,
    example="declare Checkout is down sev1 service:checkout",
    aliases=("new",),
)
