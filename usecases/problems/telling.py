"""What people hear of problems: a card in the owner's chat, kept true."""

from domain.people import Person
from domain.problem import Problem
from usecases import letters
from usecases.ports import Store
from usecases.problem_ports import ProblemCard

CARD = "problem"
"""Letter: the card of a problem for `reader`."""


def show(store: Store, problem: Problem, reader: Person, *, why: str) -> None:
    """Send somebody the card, once for each reason."""
    subject = f"problem:{problem.id}"
    letters.show_in_chat(store, reader, CARD, subject=subject, version=problem.version, why=why, problem=problem.id)


def redraw(store: Store, problem: Problem) -> None:
    """Bring every card of it up to date where it stands."""
    for card in store.problems.cards(problem.id):
        redraw_card(store, problem, card)


def redraw_card(store: Store, problem: Problem, card: ProblemCard) -> None:
    """Bring one card up to date."""
    letters.draw_again_in_chat(
        store,
        card.reader,
        card.activity_id,
        CARD,
        subject=f"problem:{problem.id}",
        version=problem.version,
        problem=problem.id,
    )


def stands(store: Store, card: ProblemCard, *, drawn: int) -> None:
    """Remember where a card stands, and draw it again where anything has changed since version `drawn`."""
    store.problems.stands(card)
    problem = store.problems.get(card.problem_id)
    if problem is not None and problem.version > drawn:
        redraw_card(store, problem, card)
