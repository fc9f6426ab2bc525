"""The card of a problem in its owner's 1:1 chat."""

from datetime import datetime

from bot.cards import kit
from bot.cards.problem import problem_card, spoken
from bot.letters.letter import Activity, Gone, Letter, Payload, reader_of
from usecases.ports import Store
from usecases.problem_ports import ProblemCard
from usecases.problems import problem_view, telling


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card for its reader; one that nobody has to act on any more is not sent."""
    problem = store.problems.get(int(payload["problem"]))
    if problem is None or ("activity_id" not in payload and not problem.is_open):
        return None
    reader = reader_of(store, payload)
    view = problem_view(store, problem, now)
    return kit.message(spoken(view), problem_card(view, reader.time_zone if reader else None))


def sent(store: Store, gone: Gone) -> None:
    """Remember where it stands: from now on it follows every change."""
    payload = gone.payload
    if gone.activity_id and "activity_id" not in payload:
        number, reader = int(payload["problem"]), int(payload["reader"])
        card = ProblemCard(problem_id=number, reader=reader, activity_id=gone.activity_id)
        telling.stands(store, card, drawn=int(payload["version"]))


LETTER = Letter(name=telling.CARD, draw=draw, sent=sent)
