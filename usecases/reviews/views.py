"""Reviews as people look at them, with what the product writes in them and the names of everybody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.incident import Incident
from domain.people import Person
from domain.phases import Stretch
from domain.review import WRITABLE, Review, ReviewState, Section
from usecases.action_ports import ActionFilter
from usecases.ports import Store
from usecases.review_ports import ReviewFilter
from usecases.reviews import content

PAGE = 8
"""Rows of a list; ours: what fits two phone screens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """A review with everything its card says. `now` is when it was read (UTC)."""

    review: Review
    """The sections that nobody writes say what they say now in a `whole_view`, and nothing in a `review_view`."""
    incidents: Sequence[Incident]
    people: Mapping[int, Person]
    stretches: Sequence[tuple[str, Sequence[Stretch]]]
    """Where the time went, by incident: its name and its phases; those of which nothing is known are left out."""
    actions: int
    """Action items of its incidents."""
    now: datetime

    def name_of(self, person: int | None) -> str:
        """Name somebody by their id."""
        found = self.people.get(person) if person is not None else None
        return found.name if found else "Somebody"

    @property
    def title(self) -> str:
        """Name it with its incidents."""
        first = f"{self.incidents[0].ref} {self.incidents[0].title}"
        more = len(self.incidents) - 1
        return f"{first} and {more} more" if more else first

    @property
    def time_lines(self) -> Sequence[str]:
        """Where the time went, in words."""
        return [content.time_line(found) for _, found in self.stretches]

    @property
    def written(self) -> int:
        """How many of the sections that people write have something in them."""
        return sum(bool(section.text.strip()) for section in self.to_write)

    @property
    def to_write(self) -> Sequence[Section]:
        """The sections that people write."""
        return [section for section in self.review.sections if not section.kind.is_live]

    @property
    def is_reopened(self) -> bool:
        """Whether one of its incidents is open again."""
        return any(incident.is_open for incident in self.incidents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which to list; all conditions hold at once."""

    owner: Person | None = None
    services: Collection[str] | None = None
    """Only on these services; None: on any."""
    overdue: bool = False
    everything: bool = False
    """Those that are over, too."""
    page: int = 1
    limit: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewList:
    """One page, what is due first in front."""

    wanted: Wanted
    rows: Sequence[Review]
    incidents: Mapping[int, Incident]
    people: Mapping[int, Person]
    total: int
    now: datetime


def review_view(store: Store, review: Review, now: datetime) -> ReviewView:
    """Read what a card says."""
    found = store.incidents.many(review.incidents)
    incidents = [found[number] for number in review.incidents]
    known = {review.owner, review.closed_by, *(one.person for one in review.sign_offs)}
    known |= {section.by for section in review.sections}
    return ReviewView(
        review=review,
        incidents=incidents,
        people=store.people.many({number for number in known if number is not None}),
        stretches=[(i.ref, went) for i in incidents if (went := content.stretches(store, i))],
        actions=store.actions.count(ActionFilter(incidents=review.incidents)),
        now=now,
    )


def whole_view(store: Store, review: Review, now: datetime) -> ReviewView:
    """Read what a page, a form or an export says: with the sections that nobody writes."""
    view = review_view(store, review, now)
    sections = tuple(_live(store, section, view.incidents, now) for section in review.sections)
    return replace(view, review=replace(review, sections=sections))


def listed(store: Store, wanted: Wanted, now: datetime) -> ReviewList:
    """Read one page of a list."""
    states: Sequence[ReviewState] = WRITABLE if wanted.overdue else (*WRITABLE, ReviewState.REVIEWED)
    asked = ReviewFilter(
        states=() if wanted.everything else states,
        owners={wanted.owner.id} if wanted.owner else None,
        due_before=now if wanted.overdue else None,
        services=wanted.services,
        skip=(max(wanted.page, 1) - 1) * wanted.limit,
        limit=wanted.limit,
    )
    rows = store.reviews.list(asked)
    return ReviewList(
        wanted=wanted,
        rows=rows,
        incidents=store.incidents.many({number for row in rows for number in row.incidents[:1]}),
        people=store.people.many({row.owner for row in rows}),
        total=store.reviews.count(asked),
        now=now,
    )


def _live(store: Store, section: Section, incidents: Sequence[Incident], now: datetime) -> Section:
    if not section.kind.is_live or section.kind.fill is None:
        return section
    return section.saying(content.written(store, section.kind.fill, incidents, now))
