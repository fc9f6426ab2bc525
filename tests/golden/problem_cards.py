"""Problems in every state, worst cases included, their lists and forms, and how an incident's card speaks of its like."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.cards import kit
from bot.cards.incident import spoken as incident_spoken
from bot.cards.incident import status_card
from bot.cards.problem import list_card, problem_card, spoken
from dialogs.problem import FORMS
from domain.incident import TEXT_LIMIT, TITLE_LIMIT, Status
from domain.problem import WORDS_LIMIT, Problem, ProblemState
from tests.support.samples import ADA, GRACE, NOW, ago, incident, person
from tests.support.shelf import Shelf, turn
from usecases.problems.views import PAGE, Cost, ProblemList, ProblemView, Wanted
from usecases.similar.views import Likely
from usecases.views import incident_view

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
OPEN = Problem(
    id=3, title="Checkout is down", service="checkout", owner=ADA.id, due_on=date(2026, 12, 7), made_at=ago(days=1)
)
CLOSED = replace(
    OPEN, state=ProblemState.CLOSED, evidence="Four *weeks* without it", closed_by=GRACE.id, closed_at=ago(hours=1)
)
LATE = replace(OPEN, due_on=date(2026, 11, 20))
EARLIER = replace(
    incident(7, declared_at=ago(days=12), status=Status.RESOLVED, summary="Restarted the *workers*"),
    resolved_at=ago(days=11),
)


def view(problem: Problem = OPEN, **more: Any) -> ProblemView:
    given: dict[str, Any] = {
        "problem": problem,
        "owner": ADA,
        "closed_by": GRACE.name if problem.closed_by else "",
        "service": "Checkout",
        "incidents": [incident(12), EARLIER, replace(EARLIER, id=4, summary="")],
        "cost": Cost(work=timedelta(hours=7, minutes=20), impact=timedelta(hours=3)),
        "actions": 2,
        "today": NOW.date(),
        "now": NOW,
    }
    return ProblemView(**{**given, **more})


def worst() -> ProblemView:
    """Everything as long as it may be."""
    title = (NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT]
    many = [replace(EARLIER, id=2_147_483_647 - n, title=title, summary="<" * TEXT_LIMIT) for n in range(40)]
    problem = replace(CLOSED, title=title, evidence="<" * WORDS_LIMIT)
    return view(problem, owner=person(8, NASTY * 3), closed_by=NASTY * 3, service=NASTY, incidents=many)


def card(shown: ProblemView, zone: str | None = None, **more: Any) -> dict[str, Any]:
    return kit.message(spoken(shown), problem_card(shown, zone, **more))


def listing(*rows: Problem, total: int | None = None) -> dict[str, Any]:
    found = ProblemList(
        wanted=Wanted(),
        rows=rows,
        owners={ADA.id: ADA},
        incidents={OPEN.id: [1, 2, 3]},
        total=len(rows) if total is None else total,
        now=NOW,
    )
    drawn = list_card(found, "Open problems")
    return kit.message(drawn["speak"], drawn)


class ProblemShelf(Shelf):
    """Forms read the problem they are about."""

    @property
    def problems(self) -> Any:
        return {OPEN.id: OPEN}


def form(name: str, values: Mapping[str, Any], problem: str | None = None) -> dict[str, Any]:
    found = next(one for one in FORMS if one.name == name)
    return kit.message(found.title, found.draw(turn(ProblemShelf()), values, problem))


def beside(*found: Likely, problem: Problem | None = None) -> dict[str, Any]:
    """Draw the card of an incident with what it looks like."""
    drawn = replace(incident_view(Shelf(), incident(12), NOW), alike=found, problem=problem)  # type: ignore[arg-type]
    return kit.message(incident_spoken(drawn), status_card(drawn))


def likely(**more: Any) -> Likely:
    given: dict[str, Any] = {
        "incident": EARLIER,
        "why": "same service (Checkout), both say “queue” and “full”",
        "same_kind": True,
    }
    return Likely(**{**given, **more})


WIDE = Likely(
    incident=replace(EARLIER, title=(NASTY * 9)[:TITLE_LIMIT], summary="<" * TEXT_LIMIT), why=NASTY * 3, same_kind=False
)
CARDS: Mapping[str, Any] = {
    "problem-open": lambda: card(view(), "Europe/London"),
    "problem-overdue": lambda: card(view(LATE), said="It is due on that day already."),
    "problem-closed": lambda: card(view(CLOSED), "America/New_York"),
    "problem-worst": lambda: card(worst(), "America/Argentina/ComodRivadavia"),
    "problem-list": lambda: listing(LATE, OPEN, CLOSED, total=31),
    "problem-list-empty": listing,
    "problem-list-worst": lambda: listing(*(replace(LATE, title="<" * TITLE_LIMIT),) * PAGE, total=4_711),
    "problem-close-form": lambda: form("problem-close", {"problem": 3, "embedded": True}),
    "problem-close-form-problem": lambda: form(
        "problem-close", {"problem": 3, "evidence": NASTY}, "Say what shows it."
    ),
    "problem-move-form": lambda: form("problem-move", {"problem": 3, "embedded": True}),
    "problem-hand-form": lambda: form("problem-hand", {"problem": 3}),
    "alike": lambda: beside(likely(), likely(incident=replace(EARLIER, id=4, summary="")), problem=OPEN),
    "alike-in-words": lambda: beside(likely(why="both say “queue” and “full”", same_kind=False)),
    "alike-open": lambda: beside(likely(incident=incident(11, declared_at=ago(hours=2)))),
    "alike-worst": lambda: beside(WIDE, WIDE, WIDE, problem=replace(OPEN, title="<" * TITLE_LIMIT)),
}
