"""Maintenance windows in every state, for everybody and for one reader, worst cases included; the list and the forms."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards import kit
from bot.cards.maintenance import list_card, list_spoken, maintenance_card, spoken
from bot.turn import Card
from dialogs.maintenance import FORMS
from domain import maintenance as steps
from domain.approval import Approval, Group, parse_decider
from domain.freeze import Freeze
from domain.incident import TITLE_LIMIT
from domain.maintenance import SERVICES_LIMIT, WORDS_LIMIT, Done, Maintenance
from domain.maintenance import MaintenanceState as S
from domain.people import Person
from domain.recurrence import Recurrence
from tests.support.samples import ADA, GRACE, LIN, NOW, ago, incident, person
from tests.support.shelf import Shelf, turn
from usecases.maintenance import MaintenanceList, MaintenanceView
from usecases.maintenance.clashes import Clash

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
STARTS, ENDS = datetime(2026, 12, 5, 22, tzinfo=UTC), datetime(2026, 12, 6, 2, tzinfo=UTC)
ONCE = Maintenance(
    id=7,
    title="Database upgrade",
    services=("checkout",),
    starts_at=STARTS,
    ends_at=ENDS,
    lasts=timedelta(hours=4),
    zone="Europe/London",
    owner=ADA.id,
    scheduled_by=ADA.id,
    scheduled_at=NOW,
    impact="Checkout is slow for a minute.",
    runbook="https://wiki.example.org/upgrade",
)
WEEKLY = Recurrence.from_words(2, "weeks", datetime(2026, 12, 5, 22), "Europe/London")  # noqa: DTZ001 - a wall clock
AGAIN = replace(ONCE, recurrence=WEEKLY, slot=STARTS)
ASKED = Approval(
    id=12,
    subject_kind="maintenance",
    subject_id=7,
    digest="d",
    requested_by=ADA.id,
    requested_at=NOW,
    expires_at=STARTS,
    groups=(Group(deciders=(parse_decider("team:it-ops"),)),),
)
DONE = Done(by=ADA.id, at=ENDS - timedelta(minutes=20), evidence="12 min, https://wiki.example.org/7")
LONG = person(9, "Maria-Magdalena von Hohenfels-Großschönau <at>all</at> *x* 🔥 " * 2)


def view(window: Maintenance = ONCE, **more: Any) -> MaintenanceView:
    """Make what a card is drawn from."""
    given: dict[str, Any] = {
        "window": window,
        "people": {1: ADA, 2: GRACE, 3: LIN, 9: LONG},
        "services": ("Checkout",),
        "teams": ("Payments", "IT Operations"),
        "approval": ASKED,
        "asked": "IT Operations" if window.state is S.AWAITING_APPROVAL else "",
        "times": () if window.is_over else steps.next_times(window, 4)[1:],
        "clashes": (),
        "signers": (),
        "now": NOW,
    }
    return MaintenanceView(**{**given, **more})


def worst() -> MaintenanceView:
    """Everything that can stand on the card at once, as long as it may be."""
    words = (NASTY * 60)[:WORDS_LIMIT]
    names = tuple(f"Service {n} {NASTY}" for n in range(SERVICES_LIMIT))
    window = replace(
        AGAIN,
        title=(NASTY * 4)[:TITLE_LIMIT],
        services=tuple(f"service-{n}" for n in range(SERVICES_LIMIT)),
        owner=9,
        scheduled_by=9,
        impact=words,
        runbook="https://e.example/" + "x" * (WORDS_LIMIT - 20),
        state=S.OVERRUN,
        done=replace(DONE, by=9, evidence=words),
    )
    clash = Clash(services=window.services, window=window, span=(STARTS, ENDS))
    return view(window, services=names, clashes=[clash] * 40, signers=(1,))


def card(shown: MaintenanceView, reader: Person | None = None, said: str = "") -> Callable[[], dict[str, Any]]:
    zone = reader.time_zone if reader else None
    return lambda: kit.message(spoken(shown, zone), maintenance_card(shown, reader, said=said))


def listed(found: MaintenanceList, zone: str | None) -> Callable[[], dict[str, Any]]:
    return lambda: kit.message(list_spoken(found), list_card(found, zone))


def asked(
    name: str, window: Maintenance = ONCE, problem: str | None = None, **values: Any
) -> Callable[[], dict[str, Any]]:
    """Send a form."""

    def made() -> dict[str, Any]:
        form = next(f for f in FORMS if f.name == name)
        drawn: Card = form.draw(turn(Shelf(windows={7: window})), {"maintenance": 7, **values}, problem)
        return kit.message(problem or form.title, drawn)

    return made


PLANNED = replace(AGAIN, state=S.PLANNED)
RUNS = replace(AGAIN, state=S.IN_PROGRESS)
CLASHES = (
    Clash(services=("checkout",), freeze=Freeze(name="Black *Friday*", starts_at=STARTS, ends_at=ENDS)),
    Clash(services=("checkout",), incident=incident(12, title="Checkout <at>is</at> slow")),
    Clash(services=("checkout",), window=replace(ONCE, id=8, title="Disk"), span=(STARTS, ENDS)),
)
LIST = MaintenanceList(
    running=[replace(ONCE, id=5, state=S.OVERRUN, starts_at=ago(hours=5), ends_at=ago(hours=1), title=NASTY)],
    soon=[replace(ONCE, id=6)],
    later=[PLANNED],
    more=3,
    now=NOW,
)
CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "maintenance-waiting": card(view()),
    "maintenance-waiting-reader": card(view(clashes=CLASHES), LIN),
    "maintenance-planned": card(view(PLANNED)),
    "maintenance-planned-unasked": card(view(replace(ONCE, state=S.PLANNED), approval=None)),
    "maintenance-running": card(view(RUNS)),
    "maintenance-overrun": card(view(replace(ONCE, state=S.OVERRUN)), ADA, "It was extended already."),
    "maintenance-done": card(view(replace(ONCE, state=S.DONE, done=DONE), signers=(LIN.id,))),
    "maintenance-signed-off": card(view(replace(ONCE, state=S.DONE, done=replace(DONE, signed_off_by=LIN.id)))),
    "maintenance-done-again": card(view(replace(PLANNED, done=DONE), signers=(LIN.id,)), LIN),
    "maintenance-cancelled": card(view(replace(ONCE, state=S.CANCELLED, cancelled_by=GRACE.id, reason="*Not* now"))),
    "maintenance-unapproved": card(
        view(replace(ONCE, state=S.CANCELLED, unapproved=True, reason="Nobody approved it in time.", scheduled_by=3))
    ),
    "maintenance-worst": card(worst(), LIN),
    "maintenance-list": listed(LIST, LIN.time_zone),
    "maintenance-list-none": listed(MaintenanceList(running=(), soon=(), later=(), more=0, now=NOW), None),
    "form-maintenance": asked("maintenance-schedule"),
    "form-maintenance-filled": asked(
        "maintenance-schedule",
        problem="Choose at least one service.",
        title=NASTY,
        starts=STARTS.isoformat(),
        count=2,
        unit="weeks",
        embedded=True,
    ),
    "form-maintenance-move": asked("maintenance-move", PLANNED),
    "form-maintenance-move-running": asked("maintenance-move", RUNS),
    "form-maintenance-cancel": asked("maintenance-cancel", RUNS, embedded=True),
    "form-maintenance-skip": asked("maintenance-skip", PLANNED),
    "form-maintenance-done": asked("maintenance-done", RUNS),
}
