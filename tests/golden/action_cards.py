"""Action items in every state, worst cases included, their lists and their forms."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.cards import kit
from bot.cards.action import action_card, list_card, spoken
from dialogs.action import FORMS
from domain.action import WORDS_LIMIT, Action, ActionKind, ActionState
from domain.incident import TITLE_LIMIT
from tests.support.samples import ADA, GRACE, NOW, ago, person
from tests.support.shelf import Shelf, turn
from usecases.actions.views import PAGE, ActionList, ActionView, Wanted

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
OPEN = Action(
    id=3,
    title="Alert on the age of the oldest payment",
    kind=ActionKind.DETECT,
    owner=GRACE.id,
    due_on=date(2026, 12, 4),
    made_by=ADA.id,
    made_at=ago(days=2),
    incident=12,
    factor="Nobody saw the queue grow",
)
DONE = replace(
    OPEN, state=ActionState.DONE, closed_by=GRACE.id, closed_at=ago(hours=1), words="Alert 41, see the runbook"
)
DROPPED = replace(DONE, state=ActionState.DROPPED, words="The queue is *gone*.", closed_by=ADA.id)
LATE = replace(OPEN, due_on=date(2026, 11, 20), repair=True)


def view(action: Action = OPEN, **more: Any) -> ActionView:
    """Make what a card is drawn from."""
    closed = {ADA.id: ADA.name, GRACE.id: GRACE.name}.get(action.closed_by or 0, "")
    given: dict[str, Any] = {
        "action": action,
        "owner": GRACE,
        "made_by": ADA.name,
        "closed_by": closed,
        "incident": "INC-12 Checkout is down",
        "today": NOW.date(),
        "now": NOW,
    }
    return ActionView(**{**given, **more})


def worst() -> ActionView:
    """Everything as long as it may be."""
    title = (NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT]
    wide = person(8, NASTY * 3)
    action = replace(DROPPED, title=title, words="<" * WORDS_LIMIT, factor="<" * WORDS_LIMIT, repair=True)
    return view(action, owner=wide, made_by=NASTY * 3, closed_by=NASTY * 3, incident=f"INC-2147483647 {title}")


def card(shown: ActionView, zone: str | None = None, **more: Any) -> dict[str, Any]:
    return kit.message(spoken(shown), action_card(shown, zone, **more))


def listing(*rows: Action, total: int | None = None, **wanted: Any) -> dict[str, Any]:
    found = ActionList(
        wanted=Wanted(**wanted),
        rows=rows,
        owners={GRACE.id: GRACE},
        total=len(rows) if total is None else total,
        now=NOW,
    )
    drawn = list_card(found, "Open actions")
    return kit.message(drawn["speak"], drawn)


class ActionShelf(Shelf):
    """Forms read the action item they are about."""

    @property
    def actions(self) -> Mapping[int, Action]:
        return {OPEN.id: OPEN}


def form(name: str, values: Mapping[str, Any], problem: str | None = None) -> dict[str, Any]:
    found = next(one for one in FORMS if one.name == name)
    return kit.message(found.title, found.draw(turn(ActionShelf()), values, problem))


CARDS: Mapping[str, Any] = {
    "action-open": lambda: card(view(), "Europe/London"),
    "action-overdue": lambda: card(view(LATE, incident=""), said="It is due on that day already."),
    "action-done": lambda: card(view(DONE), "America/New_York"),
    "action-dropped": lambda: card(view(DROPPED)),
    "action-worst": lambda: card(worst(), "America/Argentina/ComodRivadavia"),
    "action-list": lambda: listing(LATE, OPEN, total=31, overdue=True),
    "action-list-empty": listing,
    "action-list-worst": lambda: listing(*(replace(LATE, title="<" * TITLE_LIMIT),) * PAGE, total=4_711),
    "action-form": lambda: form("action", {"title": "Alert on age", "person": "grace", "due": "2026-12-04"}),
    "action-form-problem": lambda: form("action", {"title": NASTY, "person": "x"}, "There is nobody of that name."),
    "action-move-form": lambda: form("action-move", {"action": 3, "embedded": True}),
    "action-hand-form": lambda: form("action-hand", {"action": 3, "embedded": True}),
    "action-drop-form": lambda: form("action-drop", {"action": 3}),
}
