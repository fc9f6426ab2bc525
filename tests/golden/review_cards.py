"""Reviews in every state, worst cases included, their pages, lists and forms."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import kit
from bot.cards.review import list_card, none_card, read_card, review_card, spoken
from dialogs.review import FORMS
from domain.catalog import Side, Team
from domain.incident import TITLE_LIMIT, Role, Status
from domain.review import REASON_LIMIT, SECTION_LIMIT, Review, ReviewState, Section, SignOff
from domain.review_template import TEMPLATES
from domain.timeline import EntryKind
from tests.support.samples import ADA, GRACE, LIN, NOW, ago, entry, incident, person
from tests.support.shelf import Shelf, turn
from usecases.review_ports import SectionDraft
from usecases.reviews.views import PAGE, ReviewList, ReviewView, Wanted, review_view, whole_view

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
RESOLVED = incident(
    status=Status.RESOLVED,
    roles={Role.COMMANDER: ADA.id},
    services=("checkout",),
    acknowledged_by=ADA.id,
    acknowledged_at=ago(minutes=35),
    mitigated_at=ago(minutes=8),
    resolved_at=ago(minutes=5),
    summary="Rolled back 4.12",
    entry_seq=6,
)
STORY = (
    entry(1, EntryKind.DECLARED, "Checkout is down", data={"severity": 1}),
    entry(3, EntryKind.ACKNOWLEDGED, ""),
    entry(9, EntryKind.NOTE, "The queue is full", actor=LIN.id),
    entry(12, EntryKind.STATUS_CHANGED, "", data={"from": "investigating", "to": "identified"}),
    entry(30, EntryKind.RESOLVED, "Rolled back 4.12", data={"from": "identified"}),
)
TEAMS = (
    Team(id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada", "grace")),
    Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, lead="lin", members=("lin",)),
)
WRITTEN = {
    "summary": "Checkout could not take payments for half an hour.",
    "impact": "About 400 orders were not placed.\nNobody was charged twice.",
    "factors": "- A deploy on Friday\n- No alert on the age of payments",
}
DRAFT = Review(
    id=4,
    incidents=(12,),
    owner=ADA.id,
    due_at=NOW + timedelta(days=3),
    template="standard",
    sections=tuple(
        Section(kind=kind, text=WRITTEN.get(kind.id, ""), version=2, by=GRACE.id, at=ago(hours=1))
        for kind in TEMPLATES[0].sections
    ),
    made_at=NOW,
    severity=1,
)
SENT = replace(
    DRAFT,
    state=ReviewState.IN_REVIEW,
    sides=(Side.ENGINEERING, Side.OPERATIONS),
    sign_offs=(SignOff(LIN.id, Side.OPERATIONS, ago(minutes=20)),),
)
REVIEWED = replace(
    SENT, state=ReviewState.REVIEWED, sign_offs=(*SENT.sign_offs, SignOff(GRACE.id, Side.ENGINEERING, ago(minutes=2)))
)
CLOSED = replace(REVIEWED, state=ReviewState.CLOSED, closed_by=ADA.id, closed_at=ago(minutes=1))
SKIPPED = replace(
    DRAFT, state=ReviewState.CLOSED, severity=4, skipped="A *drill*.", closed_by=ADA.id, closed_at=ago(minutes=1)
)
LATE = replace(DRAFT, due_at=ago(days=2), reason="The queue is not in it.")
EMPTY = replace(DRAFT, severity=3, sections=tuple(replace(section, text="", by=None) for section in DRAFT.sections))


class ReviewShelf(Shelf):
    """Reviews and what they look at."""

    def __init__(self, review: Review = DRAFT, **more: Any) -> None:
        draft = more.pop("draft", None)
        super().__init__(**{"cases": {12: RESOLVED}, "story": STORY, "teams": TEAMS, **more})
        self._review, self._draft = review, draft

    @property
    def reviews(self) -> Any:
        return self

    @property
    def actions(self) -> Any:
        return NoActions()

    def get(self, review_id: int) -> Review | None:
        return self._review if review_id == self._review.id else None

    def draft(self, review_id: int, section_id: str, person: int) -> SectionDraft | None:
        return self._draft


class NoActions:
    """Two items, which nobody reads."""

    def count(self, wanted: object) -> int:
        return 2

    def list(self, wanted: object) -> list[Any]:
        return []


def view(review: Review = DRAFT, **more: Any) -> ReviewView:
    return review_view(ReviewShelf(review, **more), review, NOW)  # type: ignore[arg-type]


def card(
    review: Review = DRAFT, zone: str | None = None, *, shelf: Mapping[str, Any] | None = None, **more: Any
) -> Any:
    shown = view(review, **(shelf or {}))
    return kit.message(spoken(shown), review_card(shown, zone, **more))


def worst() -> Any:
    """Everything as long as it may be."""
    title = (NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT]
    wide = {ADA.id: person(ADA.id, NASTY * 3), LIN.id: LIN, GRACE.id: person(GRACE.id, NASTY * 3)}
    review = replace(REVIEWED, reason="<" * REASON_LIMIT)
    return card(
        review,
        "America/Argentina/ComodRivadavia",
        shelf={"cases": {12: replace(RESOLVED, title=title)}, "known": wide},
        said=NASTY,
        within=12,
    )


def page(number: int) -> Any:
    long = replace(
        DRAFT,
        sections=tuple(
            replace(section, text=(NASTY + "<" * SECTION_LIMIT)[:SECTION_LIMIT]) if section.text else section
            for section in DRAFT.sections
        ),
    )
    drawn = read_card(whole_view(ReviewShelf(long), long, NOW), number)  # type: ignore[arg-type]
    return kit.message(drawn["speak"], drawn)


def listing(*rows: Review, total: int | None = None, title: str = RESOLVED.title) -> Any:
    found = ReviewList(
        wanted=Wanted(),
        rows=rows,
        incidents={12: replace(RESOLVED, title=title)},
        people={ADA.id: ADA},
        total=len(rows) if total is None else total,
        now=NOW,
    )
    drawn = list_card(found, "Reviews")
    return kit.message(drawn["speak"], drawn)


def form(name: str, values: Mapping[str, Any], problem: str | None = None, review: Review = DRAFT, **more: Any) -> Any:
    found = next(one for one in FORMS if one.name == name)
    return kit.message(found.title, found.draw(turn(ReviewShelf(review, **more)), values, problem))


def none() -> Any:
    drawn = none_card("INC-12", 12)
    return kit.message(drawn["speak"], drawn)


HEAVY = "界" * SECTION_LIMIT
CLASHED = replace(DRAFT, sections=tuple(replace(section, text=HEAVY) for section in DRAFT.sections))
CARDS: Mapping[str, Any] = {
    "review-draft": lambda: card(zone="Europe/London"),
    "review-draft-empty": lambda: card(EMPTY),
    "review-draft-in-incident": lambda: card(EMPTY, within=12),
    "review-overdue": lambda: card(LATE, "America/New_York"),
    "review-in-review": lambda: card(SENT, said="You signed it off at 13:58 UTC."),
    "review-reviewed": lambda: card(REVIEWED),
    "review-closed": lambda: card(CLOSED, "Europe/London"),
    "review-skipped": lambda: card(SKIPPED),
    "review-reopened": lambda: card(
        LATE, shelf={"cases": {12: replace(RESOLVED, status=Status.INVESTIGATING, mitigated_at=None)}}
    ),
    "review-worst": worst,
    "review-page": lambda: page(1),
    "review-page-last": lambda: page(99),
    "review-list": lambda: listing(LATE, DRAFT, SENT, SKIPPED, total=31),
    "review-list-empty": listing,
    "review-list-worst": lambda: listing(*(LATE,) * PAGE, total=4_711, title="<" * TITLE_LIMIT),
    "review-none": none,
    "review-form": lambda: form("review", {"review": 4, "embedded": True}),
    "review-form-live": lambda: form("review", {"review": 4, "section": "timeline", "said": "“Impact” is saved."}),
    "review-form-hints": lambda: form(
        "review", {"review": 4, "section": "was_hard", "text": "Lin should have seen it", "version": 2}, review=EMPTY
    ),
    "review-form-draft": lambda: form(
        "review",
        {"review": 4, "section": "impact"},
        draft=SectionDraft(text="About 500 orders", version=1, at=ago(hours=3)),
    ),
    "review-form-clash-worst": lambda: form(
        "review",
        {"review": 4, "section": "impact", "text": HEAVY, "version": 2, "clash": True},
        "Somebody has changed this section meanwhile. Look at it and save.",
        CLASHED,
        draft=SectionDraft(text=HEAVY, version=1, at=ago(hours=3)),
    ),
    "review-factor-form": lambda: form("review-factor", {"review": 4, "embedded": True}),
    "review-factor-form-problem": lambda: form(
        "review-factor", {"review": 4, "factor": NASTY, "title": NASTY, "kind": "detect"}, "Choose a person."
    ),
    "review-back-form": lambda: form("review-back", {"review": 4, "embedded": True}),
    "review-skip-form": lambda: form("review-skip", {"review": 4}),
    "review-owner-form": lambda: form("review-owner", {"review": 4, "embedded": True, "within": 12}),
}
