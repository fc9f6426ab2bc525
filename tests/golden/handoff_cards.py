"""The handoff card of each of its people in every state, worst cases included, and its forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards import kit
from bot.cards.handoff import handoff_card, reminder, spoken
from dialogs.handoff import FORMS
from domain.change import Risk
from domain.handoff import OVERTAKEN, SCHEDULE_CHANGED, WORDS_LIMIT, Handoff
from domain.handoff import HandoffState as State
from domain.incident import TITLE_LIMIT, Status
from domain.maintenance import MaintenanceState
from domain.people import Person
from tests.support.samples import ADA, GRACE, LIN, acknowledged, incident, person
from tests.support.shelf import Shelf, turn
from usecases.handoffs import HandoffView
from usecases.handoffs.coming import ComingWindow, DueCare, RiskyChange
from usecases.handoffs.views import Cover, Fix, OpenIncident, ShiftPages

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
OFFERED = Handoff(
    id=7,
    schedule="payments-primary",
    outgoing=ADA.id,
    incoming=GRACE.id,
    boundary_at=MONDAY,
    state=State.OFFERED,
    offered_at=MONDAY - timedelta(minutes=30),
    version=1,
)
NOTES = "Pool size is doubled since Saturday.\nTake it back once 4.12 is out."
NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
LONG_NAME = "Maria-Magdalena von Hohenfels-Großschönau <at>all</at> *x* 🔥 " * 2


def view(handoff: Handoff = OFFERED, minutes: int = -20, **more: Any) -> HandoffView:
    """Make what a card is drawn from, so many minutes after the shift change."""
    given: dict[str, Any] = {
        "handoff": handoff,
        "outgoing": ADA,
        "incoming": GRACE,
        "now": MONDAY + timedelta(minutes=minutes),
        "until": MONDAY + timedelta(days=7),
    }
    return HandoffView(**{**given, **more})


def full(handoff: Handoff = OFFERED, **more: Any) -> HandoffView:
    """Let every section have something to say."""
    down = replace(acknowledged(incident()), status=Status.IDENTIFIED)
    slow = incident(14, title="Gateway answers slowly", severity=3)
    wednesday = datetime(2026, 12, 2, 17, tzinfo=UTC)
    given: dict[str, Any] = {
        "incidents": (
            OpenIncident(incident=down, severity_name="Critical", commander="Lin Wei 林薇", latest="Rolling back."),
            OpenIncident(incident=slow, severity_name="Minor", commander=None, latest=""),
        ),
        "pages": ShiftPages(count=6, at_night=2, noisiest="Checkout", noisiest_count=4),
        "windows": (
            ComingWindow(
                name="Maintenance 7",
                title="Database upgrade",
                span=(wednesday, wednesday + timedelta(hours=3)),
                state=MaintenanceState.PLANNED,
            ),
        ),
        "changes": (
            RiskyChange(name="Change 4", title="Deploy 4.12", risk=Risk.HIGH, at=MONDAY - timedelta(hours=15)),
        ),
        "care": (
            DueCare(title="Restore a backup", due_at=MONDAY - timedelta(days=3), owner="Ada Lovelace", is_overdue=True),
            DueCare(title="Rotate the keys", due_at=wednesday, owner="", is_overdue=False),
        ),
        "fixes": (Fix(ref="INC-9", text="Workaround: restart the import nightly", by="Lin Wei 林薇"),),
        "covers": (
            Cover(person="Lin Wei 林薇", starts_at=wednesday, ends_at=wednesday + timedelta(hours=14)),
            Cover(
                person="Ada Lovelace", starts_at=wednesday + timedelta(days=2), ends_at=wednesday + timedelta(days=4)
            ),
        ),
    }
    return view(replace(handoff, notes=NOTES), **{**given, **more})


def worst() -> HandoffView:
    """Everything as long as it may be."""
    title = (NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT]
    wide = person(8, LONG_NAME, time_zone="America/Argentina/ComodRivadavia")
    row = OpenIncident(
        incident=incident(2**31 - 1, title=title),
        severity_name="Sehr *kritisch* für <alle>",
        commander=LONG_NAME,
        latest="<" * 8_000,
    )
    cover = Cover(person=LONG_NAME, starts_at=MONDAY, ends_at=MONDAY + timedelta(days=400))
    window = ComingWindow(
        name="Maintenance 2147483647",
        title=title,
        span=(MONDAY, MONDAY + timedelta(days=30)),
        state=MaintenanceState.OVERRUN,
    )
    risky = RiskyChange(name="Change 2147483647", title=title, risk=Risk.MEDIUM, at=MONDAY)
    due = DueCare(title=title, due_at=MONDAY, owner=LONG_NAME, is_overdue=True)
    declined = replace(
        OFFERED,
        state=State.DECLINED,
        reason="<" * WORDS_LIMIT,
        notes="<" * WORDS_LIMIT,
        schedule=NASTY[:64],
        outgoing=8,
    )
    return view(
        declined,
        outgoing=wide,
        incidents=(row,) * 6,
        more_incidents=4_711,
        pages=ShiftPages(count=4_711, at_night=4_711, noisiest=NASTY, noisiest_count=4_711),
        fixes=(Fix(ref="INC-2147483647", text="<" * 8_000, by=LONG_NAME),) * 4,
        windows=(window,) * 3,
        changes=(risky,) * 3,
        care=(due,) * 3,
        covers=(cover,) * 4,
    )


def card(shown: HandoffView, reader: Person | None, **more: Any) -> dict[str, Any]:
    """Send a card to one of them, in their zone."""
    zone = reader.time_zone if reader else None
    return kit.message(spoken(shown, zone), handoff_card(shown, reader, **{"zone": zone, **more}))


@dataclass
class Drawer(Shelf):
    """A store that has one handoff."""

    kept: Handoff = field(default_factory=lambda: replace(OFFERED, notes=NOTES))

    @property
    def handoffs(self) -> "Drawer":
        return self

    def get(self, handoff_id: int) -> Handoff | None:
        return self.kept if handoff_id == self.kept.id else None


def asked(name: str, problem: str | None = None, **values: Any) -> dict[str, Any]:
    """Send a form."""
    form = next(f for f in FORMS if f.name == name)
    return kit.message(problem or form.title, form.draw(turn(Drawer()), {"handoff": 7, **values}, problem))


ACCEPTED = replace(OFFERED, state=State.ACCEPTED, accepted_at=MONDAY - timedelta(minutes=12), version=2)
DECLINED = replace(OFFERED, state=State.DECLINED, reason="I have a fever", version=2)
EXPIRED = replace(OFFERED, state=State.EXPIRED, version=2)
OFF = replace(EXPIRED, reason=SCHEDULE_CHANGED)
PREPARED = replace(OFFERED, state=State.PREPARED, offered_at=None)
BOUNDARY = replace(OFFERED, holds=False)
OTHERS = (replace(PREPARED, id=9, schedule="storefront-primary", boundary_at=MONDAY + timedelta(days=3)),)

CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "handoff-incoming": lambda: card(full(), GRACE),
    "handoff-outgoing": lambda: card(full(), ADA),
    "handoff-quiet-week": lambda: card(view(), GRACE),
    "handoff-for-everybody": lambda: card(full(), GRACE, zone=None),
    "handoff-onlooker": lambda: card(view(), LIN),
    "handoff-boundary-rule": lambda: card(view(BOUNDARY), GRACE),
    "handoff-same-zone": lambda: card(view(incoming=replace(GRACE, time_zone="Europe/London")), ADA),
    "handoff-prepared": lambda: card(view(PREPARED, minutes=-60 * 24 * 5), ADA, others=OTHERS),
    "handoff-accepted-early": lambda: card(view(ACCEPTED, minutes=-12), GRACE),
    "handoff-accepted-outgoing": lambda: card(full(ACCEPTED, now=MONDAY + timedelta(minutes=2)), ADA),
    "handoff-accepted-twice": lambda: card(view(ACCEPTED), GRACE, said="You accepted this handoff already."),
    "handoff-declined-incoming": lambda: card(view(DECLINED), GRACE),
    "handoff-declined-outgoing": lambda: card(view(DECLINED), ADA),
    "handoff-declined-over": lambda: card(view(DECLINED, minutes=31), GRACE),
    "handoff-declined-replaced": lambda: card(view(DECLINED, until=None, over=SCHEDULE_CHANGED), GRACE),
    "handoff-expired-over": lambda: card(view(EXPIRED, minutes=60 * 24 * 7, until=None, over=OVERTAKEN), GRACE),
    "handoff-expired": lambda: card(view(EXPIRED, minutes=31), GRACE),
    "handoff-off": lambda: card(view(OFF, until=None), GRACE),
    "handoff-one-page": lambda: card(view(pages=ShiftPages(count=1, at_night=0, noisiest="", noisiest_count=0)), GRACE),
    "handoff-worst": lambda: card(worst(), GRACE, said=NASTY, others=OTHERS * 4),
    "handoff-reminder": lambda: kit.message("x", kit.sentence_card(reminder(view(minutes=15)))),
    "form-handoff-note": lambda: asked("handoff-note"),
    "form-handoff-note-problem": lambda: asked("handoff-note", "The note is empty.", text="<" * WORDS_LIMIT),
    "form-handoff-decline": lambda: asked("handoff-decline"),
    "form-handoff-decline-problem": lambda: asked("handoff-decline", "The reason is empty.", reason=NASTY),
}
