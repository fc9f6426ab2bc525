"""Changes: their cards in every state, their lists, and beside an incident, worst cases included."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import kit
from bot.cards.causes import PAGE as CAUSES_SHOWN
from bot.cards.causes import causes_card
from bot.cards.change import change_card, spoken
from bot.cards.changes import PAGE, list_card
from bot.cards.incident import status_card
from bot.turn import Card
from dialogs.change import FORMS
from domain.change import COMMENT_LIMIT, MOST_LINKS, RECENT, ROLLBACK_LIMIT, Change, ChangeState, Risk
from domain.incident import TITLE_LIMIT, Incident
from domain.people import Person
from tests.support.samples import ADA, LIN, NOW, PEOPLE, acknowledged, ago, change, incident, resolved, view
from tests.support.shelf import Shelf, turn
from usecases.change_ports import ChangeFilter
from usecases.changes.beside import Beside
from usecases.changes.views import ChangePage, ChangeView
from usecases.views import IncidentView

S = ChangeState
NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
WORST = change(
    2**31 - 1,
    title=(NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT],
    risk=Risk.HIGH,
    state=S.ROLLED_BACK,
    ends_at=NOW,
    source=NASTY,
    author=NASTY,
    rollback="\\" * ROLLBACK_LIMIT,
    comment="<" * COMMENT_LIMIT,
    links=tuple(f"https://a.example/{n}/{'(ä]' * 180}" for n in range(MOST_LINKS)),
    ended_by=LIN.id,
    ended_at=NOW,
    version=9,
)
AHEAD = change(
    title="Upgrade the database",
    risk=Risk.HIGH,
    at=NOW + timedelta(hours=30),
    ends_at=NOW + timedelta(hours=32),
    state=S.PROPOSED,
    source="teams",
    recorded_by=ADA.id,
    rollback="Restore the snapshot of 21:55.",
    links=("https://wiki.example.org/upgrade",),
)


def seen(shown: Change, **more: Any) -> ChangeView:
    """Make what a card is drawn from."""
    given: dict[str, Any] = {
        "change": shown,
        "service_name": "Checkout",
        "author": "Ada Lovelace" if shown.recorded_by else shown.author or shown.source,
        "ended_by": "Lin Wei 林薇" if shown.ended_by else "",
        "causes": (),
        "approval": None,
        "asked": (),
        "approved_by": (),
        "freeze": "",
        "now": NOW,
    }
    return ChangeView(**{**given, **more})


def sent(shown: ChangeView, reader: Person | None = None, **more: Any) -> dict[str, Any]:
    """Send a card."""
    return kit.message(spoken(shown), change_card(shown, reader, **more))


def page(*changes: Change, **more: Any) -> ChangePage:
    """Make a page of a list."""
    given: dict[str, Any] = {
        "wanted": ChangeFilter(services=("checkout",)),
        "changes": changes,
        "people": PEOPLE,
        "services": {"checkout": "Checkout"},
        "causes": {},
        "more": False,
        "failed": 2,
        "total": 17,
        "now": NOW,
    }
    return ChangePage(**{**given, **more})


def deploys(count: int) -> list[Change]:
    """Make the latest changes of a service."""
    states = (S.DONE, S.ROLLED_BACK, S.FAILED, S.PLANNED)
    return [
        change(40 - n, title=f"Deploy checkout 4.{40 - n}", at=ago(hours=n * 5), state=states[n % 4])
        for n in range(count)
    ]


def beside(case: Incident, *newest: Change, **more: Any) -> IncidentView:
    """Make an incident with changes on its services."""
    given: dict[str, Any] = {
        "newest": newest,
        "total": len(newest),
        "cause": None,
        "since": case.declared_at - RECENT,
        "until": case.resolved_at or NOW,
    }
    return view(case, changes=Beside(**{**given, **more}))


def asked(name: str, problem: str | None = None, **values: Any) -> dict[str, Any]:
    """Send a form."""
    form = next(f for f in FORMS if f.name == name)
    drawn: Card = form.draw(turn(Shelf(changed=(change(),))), {"change": 7, **values}, problem)
    return kit.message(problem or form.title, drawn)


RUNNING = acknowledged(incident(version=3, services=("checkout",)))
OVER = resolved(RUNNING, "Rolled back.")
DONE = replace(AHEAD, state=S.DONE, at=NOW, ended_by=LIN.id, ended_at=NOW)
BOTH = ("Payments", "IT Operations")

CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "change-proposed": lambda: sent(seen(AHEAD, asked=BOTH)),
    "change-planned": lambda: sent(
        seen(replace(AHEAD, state=S.PLANNED), asked=BOTH, approved_by=("Grace Hopper", "Lin Wei 林薇")), ADA
    ),
    "change-planned-by-nobody": lambda: sent(seen(replace(AHEAD, state=S.PLANNED))),
    "change-proposed-to-one-side": lambda: sent(seen(AHEAD, asked=BOTH[:1], freeze="Black *Friday*")),
    "change-how-did-it-go": lambda: sent(seen(replace(AHEAD, state=S.PLANNED), asked=BOTH), LIN, question=True),
    "change-done": lambda: sent(seen(DONE, asked=BOTH)),
    "change-failed": lambda: sent(seen(change(state=S.FAILED, author="zoë"))),
    "change-rolled-back": lambda: sent(
        seen(replace(DONE, state=S.ROLLED_BACK, comment="Errors went up."), causes=("INC-12", "INC-14"))
    ),
    "change-rejected": lambda: sent(seen(replace(DONE, state=S.REJECTED, comment="Not before the sale."), asked=BOTH)),
    "change-cancelled": lambda: sent(
        seen(replace(AHEAD, state=S.CANCELLED, comment="Nobody decided before its time.", ended_at=NOW))
    ),
    "change-worst": lambda: sent(
        seen(
            WORST,
            service_name=NASTY,
            ended_by=NASTY,
            causes=tuple(f"INC-{n}" for n in range(50)),
            asked=(NASTY, NASTY),
            approved_by=(NASTY,) * 20,
        ),
        LIN,
    ),
    "changes": lambda: kit.message("6 changes", list_card(page(*deploys(6), AHEAD), LIN.time_zone)),
    "changes-empty": lambda: kit.message("0 changes", list_card(page(wanted=ChangeFilter(), total=0), None)),
    "changes-worst": lambda: kit.message(
        "10 changes",
        list_card(
            page(*[WORST] * PAGE, more=True, services={"checkout": NASTY}, failed=999, total=99_999), LIN.time_zone
        ),
    ),
    "status-changes": lambda: kit.message("INC-12", status_card(beside(RUNNING, *deploys(3), total=7))),
    "status-changes-cause": lambda: kit.message(
        "INC-12", status_card(beside(RUNNING, *deploys(2), cause=deploys(2)[1]), reader=LIN)
    ),
    "status-changes-cause-alone": lambda: kit.message("INC-12", status_card(beside(OVER, cause=deploys(2)[1]))),
    "status-changes-resolved": lambda: kit.message("INC-12", status_card(beside(OVER, *deploys(2)))),
    "status-changes-worst": lambda: kit.message(
        "INC-12", status_card(beside(RUNNING, WORST, WORST, WORST, total=10**6, cause=WORST), reader=LIN)
    ),
    "causes": lambda: kit.message(
        "Changes", causes_card(beside(RUNNING, *deploys(3)), page(*deploys(CAUSES_SHOWN), more=True), LIN.time_zone)
    ),
    "causes-linked": lambda: kit.message(
        "Changes", causes_card(beside(RUNNING, *deploys(3), cause=deploys(1)[0]), page(*deploys(3)), None)
    ),
    "causes-none": lambda: kit.message("Changes", causes_card(view(RUNNING), page(), None)),
    "form-change": lambda: asked("change"),
    "form-change-embedded": lambda: asked("change", embedded=True, service="checkout"),
    "form-change-problem": lambda: asked(
        "change",
        "“99:99” is no date and time I can read.",
        title=WORST.title,
        service=None,
        risk=None,
        at=None,
        rollback='"' * ROLLBACK_LIMIT,
        links="https://a.example\n" * 10,
        nonce="n" * 500,
    ),
    "form-change-rollback": lambda: asked("change_rollback", embedded=True),
}
