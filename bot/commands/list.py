"""`list`: which incidents there are."""

from bot.cards.incidents import list_card
from bot.grammar import services_in
from bot.turn import Answer, Command, Reply, Turn
from domain.errors import Refused, Unknown
from usecases.ports import IncidentFilter

PAGE = 10  # rows; ours: what fits two phone screens
WORDS = ("open", "mine", "all")


def run(turn: Turn, rest: str) -> Answer:
    """List open incidents, or mine, or all, of one service or every one."""
    services, left = services_in(rest)
    which = left.lower() or "open"
    if which not in WORDS:
        raise Refused(
            f"I cannot list “{left[:80]}”. Write `list`, `list mine` or `list all`, with `service:<id>` if you like."
        )
    service = turn.store.catalog.service(services[0]) if services else None
    if services and service is None:
        raise Unknown(f"There is no service “{services[0]}” in the catalogue.")
    wanted = IncidentFilter(
        open_only=which in ("open", "mine"),
        person_id=turn.actor.id if which == "mine" else None,
        service=service.id if service else None,
        limit=PAGE,
    )
    view = turn.incidents.list(wanted)
    return Reply(
        text="1 incident" if len(view.incidents) == 1 else f"{len(view.incidents)} incidents",
        card=list_card(view, which, turn.zone),
    )


COMMAND = Command(
    word="list",
    usage="list [open|mine|all] [service:<id>]",
    meaning="List incidents, newest first.",
    run=run,
    aliases=("incidents", "ls"),
)
