"""Planned care in every state, worst cases included, its lists and its forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards import kit
from bot.cards.care import care_card, due_text, list_card, overdue_text, spoken
from dialogs.care import FORMS
from domain.care import TITLE_LIMIT, WORDS_LIMIT, CareState, CareTask, Evidence, Occurrence, Proof
from domain.catalog import Side, Team
from domain.people import Person
from domain.recurrence import Recurrence
from tests.support.samples import ADA, GRACE, LIN, NOW, PEOPLE, ago, person, service
from tests.support.shelf import Shelf, turn
from usecases.care.quota import Quota
from usecases.care.views import CareRow, CareView

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
PAYMENTS = Team(id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada", "grace"))
TASK = CareTask(
    id=3,
    title="Restore test",
    team="payments",
    service="checkout",
    owner=GRACE.id,
    rhythm=Recurrence.from_words(2, "weeks", datetime(2026, 11, 25, 17), "Europe/London"),  # noqa: DTZ001 - a wall clock
    hours=1.5,
    evidence=Evidence.NUMBER,
    sign_off=True,
    made_by=ADA.id,
    made_at=ago(days=60),
    done_at=ago(days=12),
)
OPEN = Occurrence(id=9, task=3, due_at=datetime(2026, 11, 25, 17, tzinfo=UTC))
SHOWN = Proof(note="All 12 tables back", link="https://ci.example.org/run/7?a=b", number=12, hours=2.25)
DONE = replace(
    OPEN, id=8, due_at=ago(days=12), state=CareState.DONE, closed_by=GRACE.id, closed_at=ago(days=12), proof=SHOWN
)
MISSED = replace(OPEN, id=7, due_at=ago(days=26), state=CareState.MISSED, closed_at=ago(days=12))
SKIPPED = replace(
    DONE, state=CareState.SKIPPED, proof=Proof(), reason="Not in the week of the <sale>, see INC-9", closed_by=LIN.id
)
SIGNED = replace(DONE, signed_off_by=ADA.id, signed_off_at=ago(days=11))
STOPPED = replace(TASK, stopped_at=ago(days=1), stopped_by=ADA.id, stop_reason="The database is *gone*.")


def view(shown: Occurrence = OPEN, task: CareTask = TASK, **more: Any) -> CareView:
    """Make what a card is drawn from."""
    given: dict[str, Any] = {
        "task": task,
        "shown": shown,
        "team": PAYMENTS,
        "service": service(),
        "owner": GRACE,
        "reminded": GRACE,
        "next": OPEN if task.is_running else None,
        "latest": (SIGNED, MISSED) if shown.is_open else (MISSED,),
        "waits": shown if shown.waits_for_sign_off(task) else None,
        "people": PEOPLE,
        "now": NOW,
    }
    return CareView(**{**given, **more})


LATE = view(now=NOW + timedelta(days=5), task=replace(TASK, missed=2, done_at=ago(days=35)))


def worst() -> CareView:
    """Let everything be as long as it may be."""
    task = replace(TASK, title=("<" * TITLE_LIMIT), missed=400, stop_reason="*" * WORDS_LIMIT, hours=199.99)
    proof = Proof(note="<" * WORDS_LIMIT, link=f"https://e.example/{'[' * 900}", number=-1.5e14, hours=199.99)
    shown = replace(DONE, proof=proof, reason=NASTY * 10)
    crowd = {who.id: replace(who, name=NASTY * 2) for who in PEOPLE.values()}
    return view(
        shown,
        replace(task, stopped_at=NOW, stopped_by=ADA.id),
        latest=(shown,) * 5,
        owner=crowd[GRACE.id],
        reminded=crowd[ADA.id],
        people=crowd,
    )


@dataclass
class CareShelf(Shelf):
    """A store to look at with one task of planned care."""

    task: CareTask = field(default=TASK)

    @property
    def care(self) -> "CareShelf":
        return self

    def get(self, task_id: int) -> CareTask:
        return replace(self.task, id=task_id)


def _card(shown: CareView, reader: Person | None, **more: Any) -> Callable[[], dict[str, Any]]:
    zone = reader.time_zone if reader else None
    return lambda: kit.message(spoken(shown, zone), care_card(shown, zone, reader=reader, **more))


def _list(rows: list[CareRow], heading: str, quota: Quota | None = None) -> Callable[[], dict[str, Any]]:
    def made() -> dict[str, Any]:
        card = list_card(rows, heading, LIN.time_zone, NOW, quota)
        return kit.message(card["speak"], card)

    return made


def _form(name: str, problem: str | None = None, **values: Any) -> Callable[[], dict[str, Any]]:
    made = next(found for found in FORMS if found.name == name)

    def drawn() -> dict[str, Any]:
        card = made.draw(turn(CareShelf(teams=(PAYMENTS,))), values, problem)
        return kit.message(problem or made.title, card)

    return drawn


_ROW = CareRow(task=TASK, next=OPEN, owner=GRACE)
_LATE = CareRow(task=replace(TASK, id=4, missed=2, service=None), next=replace(OPEN, due_at=ago(days=2)), owner=None)
_WORST = CareRow(task=replace(TASK, title=NASTY[:TITLE_LIMIT], missed=400), next=OPEN, owner=person(7, NASTY * 2))
_QUOTA = Quota(planned=6.0, quota=8.0, kept=5.5, n=9)
CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "care-open": _card(view(), GRACE),
    "care-open-everybody": _card(view(), None),
    "care-overdue": _card(LATE, GRACE, said="This time is skipped already; nothing was changed."),
    "care-stood-in-for": _card(view(reminded=ADA), ADA),
    "care-done-waits": _card(view(DONE), ADA),
    "care-done-waits-doer": _card(view(DONE), GRACE),
    "care-done-signed": _card(view(SIGNED), ADA),
    "care-open-last-waits": _card(view(waits=DONE), LIN),
    "care-skipped": _card(view(SKIPPED), LIN),
    "care-stopped": _card(view(replace(OPEN, state=CareState.DROPPED), STOPPED), None),
    "care-worst": _card(worst(), LIN),
    "care-due": lambda: kit.message(due_text(LATE, None), kit.sentence_card(due_text(LATE, GRACE.time_zone))),
    "care-neglected": lambda: kit.message("x", kit.sentence_card(overdue_text(LATE, ADA.time_zone, last=True))),
    "care-list": _list([_LATE, _ROW], "Planned care of Payments", _QUOTA),
    "care-list-none": _list([], "Overdue care"),
    "care-list-worst": _list([_WORST] * 30, f"Planned care of {NASTY}", replace(_QUOTA, quota=None)),
    "form-care": _form("care"),
    "form-care-problem": _form(
        "care",
        "Say how often it comes back, such as every 2 weeks.",
        title='"' * 200,
        service="checkout",
        team="payments",
        every="often",
        unit="months",
        hours="1,5",
        day="2026-12-01",
        time="09:30",
        rule="FREQ=MONTHLY;BYDAY=1SU",
        evidence="link",
        sign_off="true",
        person="grace",
        nonce="n" * 500,
        embedded=True,
    ),
    "form-care-done": _form("care-done", care=3, occurrence=9, embedded=True),
    "form-care-done-problem": _form(
        "care-done", "“many” is no number: write one such as 42 or 99.5.", care=3, number="many", note='"' * 2_000
    ),
    "form-care-assign": _form("care-assign", care=3, occurrence=9, embedded=True),
    "form-care-skip": _form("care-skip", care=3, occurrence=9, reason='"' * 2_000),
}
