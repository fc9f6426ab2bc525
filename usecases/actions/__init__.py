"""Action items: what is done after an incident, by whom and until when."""

from usecases.actions.doing import NewAction, Result, action_to_see, add, drop, finish, hand_over, move, reopen
from usecases.actions.views import ActionView, Wanted, action_view, listed, of_incident

__all__ = [
    "ActionView",
    "NewAction",
    "Result",
    "Wanted",
    "action_to_see",
    "action_view",
    "add",
    "drop",
    "finish",
    "hand_over",
    "listed",
    "move",
    "of_incident",
    "reopen",
]
