"""Opening reviews, drafting their sections, and planning what is to be reminded of."""

from dataclasses import replace
from datetime import datetime

from domain import review as steps
from domain.incident import Incident
from domain.review import Review, Section
from domain.review_template import DEFAULT_TEMPLATE, TEMPLATES, ReviewTemplate
from usecases.ports import Store
from usecases.reviews import content, people, telling
from usecases.work import NewWork

REMIND = "review.remind:1"


def template_of(store: Store) -> ReviewTemplate:
    """Tell which sections a new review has: the organisation's choice, its own templates before ours."""
    settings = store.organisations.settings()
    known = {template.id: template for template in (*TEMPLATES, *settings.review_templates)}
    return known.get(settings.review_template) or known[DEFAULT_TEMPLATE]


def open_review(store: Store, incident: Incident, resolved_by: int, now: datetime) -> Review:
    """Open the review of a resolved incident: drafted, with an owner, a day and a card in their chat."""
    owner_id = people.first_owner(incident, resolved_by)
    owner = store.people.many([owner_id])[owner_id]
    template = template_of(store)
    review = store.reviews.add(
        Review(
            id=0,
            incidents=(incident.id,),
            owner=owner.id,
            due_at=steps.due_after(incident.resolved_at or now, incident.severity, owner.time_zone),
            template=template.id,
            sections=tuple(
                Section(
                    kind=kind,
                    text=content.written(store, kind.fill, [incident], now) if kind.fill and not kind.is_live else "",
                )
                for kind in template.sections
            ),
            made_at=now,
            severity=incident.severity,
        )
    )
    plan(store, review, now)
    reader = people.reminded(store, review)
    if reader is not None:
        telling.show(store, review, reader, why="opened")
    return review


def drafted_again(store: Store, review: Review, now: datetime) -> Review:
    """Draft the sections anew that nobody has written in; the rest stays as it is."""
    found = store.incidents.many(review.incidents)
    incidents = [found[number] for number in review.incidents]

    def again(section: Section) -> Section:
        if section.by is not None or section.kind.fill is None or section.kind.is_live:
            return section
        text = content.written(store, section.kind.fill, incidents, now)
        return section if text == section.text else replace(section, text=text, version=section.version + 1)

    return replace(review, sections=tuple(again(section) for section in review.sections))


def plan(store: Store, review: Review, now: datetime) -> None:
    """Plan the next reminder, and only that."""
    store.work.cancel(subject_of(review))
    if not review.is_live:
        return
    reader = people.reminded(store, review) or people.owner_of(store, review)
    following = steps.reminder_after(review, reader.time_zone, now)
    if following is not None:
        index, at = following
        store.work.add(
            NewWork(
                kind=REMIND,
                dedupe_key=f"review:{review.id}:{review.plan}:{index}",
                due_at=at,
                subject=subject_of(review),
                payload={"review": review.id, "plan": review.plan, "index": index},
            )
        )


def subject_of(review: Review) -> str:
    """Name the subject of its work."""
    return f"review:{review.id}"
