"""`approvals`: what waits for somebody's decision."""

from bot.cards.approval import approvals_card
from bot.turn import Answer, Command, Reply, Turn
from usecases.approvals.views import approval_view, asked_by, waiting_for

SHOWN = 10  # rows of each list; ours: what fits two phone screens


def run(turn: Turn, rest: str) -> Answer:
    """List what waits for the asker, and what they have asked."""
    del rest
    waiting = waiting_for(turn.store, turn.actor, turn.now)[:SHOWN]
    asked = asked_by(turn.store, turn.actor)[:SHOWN]
    views = [[approval_view(turn.store, a, turn.zone, turn.now) for a in some] for some in (waiting, asked)]
    card = approvals_card(*views, zone=turn.zone)
    return Reply(text=card["speak"], card=card)


COMMAND = Command(
    word="approvals",
    usage="approvals",
    meaning="List what waits for your decision, and what you have asked others to decide.",
    run=run,
)
