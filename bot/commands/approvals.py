"""`approvals`: what waits for somebody's decision."""

from bot.cards.approval import approvals_card
from bot.turn import Answer, Command, Reply, Turn
from usecases.approvals.views import approval_view, asked_by, waiting_for

SHOWN = 10  # rows of each list; ours: what fits two phone screens


def run(turn: Turn, rest: str) -> Answer:
    """List what waits for the asker, and what they have asked."""
    del rest
    waiting, asked = waiting_for(turn.store, turn.actor, turn.now), asked_by(turn.store, turn.actor)
    views = [[approval_view(turn.store, a, turn.zone, turn.now) for a in some[:SHOWN]] for some in (waiting, asked)]
    card = approvals_card(
        *views,
        zone=turn.zone,
        more_waiting=max(len(waiting) - SHOWN, 0),
        more_asked=max(len(asked) - SHOWN, 0),
    )
    return Reply(text=card["speak"], card=card)


COMMAND = Command(
    word="approvals",
    usage="approvals",
    meaning="List what waits for your decision, and what you have asked others to decide.",
    run=run,
)
