"""A review as a document: what it says, free of any format. Times are UTC: whoever reads it later sits anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.phases import Stretch
from domain.review import ReviewState
from usecases.reviews.views import ReviewView
from usecases.wording import listed, to_the_minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One section: lines of plain text; those that begin with “- ” are items of a list."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A title, what is known about it, where the time went, and its chapters. All of it is people's plain text."""

    title: str
    facts: Sequence[tuple[str, str]]
    stretches: Sequence[tuple[str, Sequence[Stretch]]]
    """By incident: its name and its phases; those of which nothing is known are left out."""
    chapters: Sequence[Chapter]


def document_of(view: ReviewView) -> Document:
    """Put a review into the form of a document."""
    review = view.review
    state = f"skipped: {review.skipped}" if review.skipped else str(review.state).replace("_", " ")
    facts = [
        ("Incidents", listed([f"{incident.ref} {incident.title}" for incident in view.incidents])),
        ("Severity", f"SEV{min(incident.severity for incident in view.incidents)}"),
        ("Owner", view.name_of(review.owner)),
        ("State", state),
    ]
    if review.is_live:
        facts.append(("Due", to_the_minute(review.due_at, None)))
    signed = [
        f"{view.name_of(one.person)}{f' ({one.side.capitalize()})' if one.side else ''}, {to_the_minute(one.at, None)}"
        for one in review.sign_offs
    ]
    facts += [("Signed off", "; ".join(signed))] if signed else []
    if review.state is ReviewState.IN_REVIEW and review.waits_for():
        facts.append(("Waits for", listed([side.capitalize() for side in review.waits_for()])))
    chapters = [
        Chapter(title=section.kind.title, lines=[line.rstrip() for line in section.text.split("\n") if line.strip()])
        for section in review.sections
    ]
    return Document(
        title=f"Review of {view.title}",
        facts=facts,
        stretches=view.stretches,
        chapters=[c for c in chapters if c.lines],
    )
