"""Problems: trouble that comes again and again, until somebody shows that it is solved."""

from usecases.problems.doing import Result, close, hand_over, link, move, problem_to_see, reopen, unlink
from usecases.problems.recurring import gate, seen
from usecases.problems.views import ProblemView, Wanted, cost_of, listed, problem_view

__all__ = [
    "ProblemView",
    "Result",
    "Wanted",
    "close",
    "cost_of",
    "gate",
    "hand_over",
    "link",
    "listed",
    "move",
    "problem_to_see",
    "problem_view",
    "reopen",
    "seen",
    "unlink",
]
