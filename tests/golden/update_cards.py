"""What stakeholders read, what its author gets back, and the form, worst cases included."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import kit
from bot.cards.incident import spoken as status_spoken
from bot.cards.incident import status_card
from bot.cards.update import returned_card, returned_words, spoken, update_card
from dialogs.registry import FORMS
from domain.incident import TITLE_LIMIT, Incident, Role, Status
from domain.people import Person
from domain.update import UPDATE_LIMIT, Update, UpdateState
from tests.support.samples import ADA, GRACE, LIN, NOW, ago, incident, resolved
from tests.support.samples import view as incident_view
from tests.support.shelf import Shelf, turn
from usecases.deadlines import Deadlines
from usecases.updates.words import UpdateView

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
RUNNING = incident(status=Status.IDENTIFIED, roles={Role.COMMANDER: 2}, services=("checkout", "search"))
SENT = Update(
    id=7,
    incident_id=12,
    cycle=0,
    author=GRACE.id,
    text="Customers cannot pay by card.\nWe roll back the release of this morning; the next news comes {next}.",
    written_at=ago(minutes=6),
    next_at=NOW + timedelta(minutes=24),
    state=UpdateState.SENT,
    sent_at=ago(minutes=5),
)


def view(update: Update = SENT, case: Incident = RUNNING, **more: Any) -> UpdateView:
    given: dict[str, Any] = {
        "severity_name": "Critical",
        "services": ("Checkout", "Search"),
        "author": GRACE.name,
        "now": NOW,
    }
    return UpdateView(update=update, incident=case, **{**given, **more})


def sent(shown: UpdateView, reader: Person | None = None) -> dict[str, Any]:
    """Send an update."""
    zone = reader.time_zone if reader else None
    return kit.message(spoken(shown, zone), update_card(shown, zone))


def returned(shown: UpdateView, why: str) -> dict[str, Any]:
    """Give one back."""
    return kit.message(returned_words(shown, why), returned_card(shown, why))


def asked(problem: str | None = None, asker: Person = ADA, case: Incident = RUNNING, **values: Any) -> dict[str, Any]:
    """Send the form."""
    form = next(f for f in FORMS if f.name == "update")
    shelf = Shelf(cases={12: case})
    return kit.message(problem or form.title, form.draw(turn(shelf, actor=asker), {"incident": 12, **values}, problem))


def promised() -> dict[str, Any]:
    """Send a status card of an incident whose stakeholders were told."""
    case = replace(RUNNING, told_at=ago(minutes=5), promised_at=NOW + timedelta(minutes=24))
    clocks = Deadlines(resolve_by=NOW + timedelta(minutes=82), update_by=NOW + timedelta(minutes=24), is_promised=True)
    shown = replace(incident_view(case), deadlines=clocks)
    return kit.message(status_spoken(shown), status_card(shown))


FINAL = replace(
    SENT, text="This incident is resolved after 38 min. There are no more updates.", next_at=None, is_final=True
)
WORST = replace(SENT, text=(NASTY + "`*" * UPDATE_LIMIT)[:UPDATE_LIMIT])
WORST_CASE = incident(title=(NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT], severity=2)

CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "update": lambda: sent(view()),
    "update-personal": lambda: sent(view(), LIN),
    "update-promises-nothing": lambda: sent(view(replace(SENT, next_at=None), replace(RUNNING, severity=4))),
    "update-no-services": lambda: sent(view(services=())),
    "update-final": lambda: sent(view(FINAL, resolved(RUNNING), author="")),
    "update-worst": lambda: sent(
        view(WORST, WORST_CASE, services=tuple(f"Service {n} {NASTY[:40]}" for n in range(20))), LIN
    ),
    "update-returned": lambda: returned(
        view(replace(SENT, state=UpdateState.RETURNED)), "Ada Lovelace rejected the update: No names, please."
    ),
    "update-returned-late": lambda: returned(
        view(case=resolved(RUNNING)), "INC-12 was resolved before it was approved."
    ),
    "update-returned-worst": lambda: returned(view(WORST, WORST_CASE), NASTY * 10),
    "status-promised": promised,
    "form-update": lambda: asked(case=replace(RUNNING, severity=2)),
    "form-update-approval": lambda: asked(embedded=True),
    "form-update-again": lambda: asked(embedded=True, update=7, text="We roll back.", next="2 h"),
    "form-update-nobody-commands": lambda: asked(case=replace(RUNNING, roles={}), text="Long thought about."),
    "form-update-worst": lambda: asked(NASTY, text=WORST.text, next=NASTY, nonce="n" * 500),
    "form-update-resolved": lambda: asked(case=resolved(RUNNING), text="Too late."),
}
