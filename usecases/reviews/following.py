"""What follows for reviews when an incident changes: resolved it is reviewed, reopened its review is a draft again."""

from domain import review as steps
from domain.review import REQUIRED_FROM
from domain.timeline import EntryKind
from usecases.incident_change import Change
from usecases.ports import Store
from usecases.reviews import opening, people, telling


def follow(store: Store, change: Change) -> None:
    """Open, take back or plan anew, in the transaction of the change."""
    if change.kind is EntryKind.RESOLVED:
        _resolved(store, change)
    elif change.kind is EntryKind.REOPENED:
        _reopened(store, change)


def _resolved(store: Store, change: Change) -> None:
    incident = change.after
    number = store.reviews.of_incident(incident.id)
    if number is None:
        if incident.severity <= REQUIRED_FROM:
            opening.open_review(store, incident, change.actor.id, change.now)
        return
    review = store.reviews.lock(number)
    if review is None or review.skipped:
        return
    owner = people.owner_of(store, review)
    due_at = steps.due_after(incident.resolved_at or change.now, incident.severity, owner.time_zone)
    again = opening.drafted_again(store, steps.begin_again(review, due_at, incident.severity), change.now)
    store.reviews.save(again, seen=review.version)
    opening.plan(store, again, change.now)
    telling.redraw(store, again)


def _reopened(store: Store, change: Change) -> None:
    number = store.reviews.of_incident(change.after.id)
    review = store.reviews.lock(number) if number is not None else None
    if review is None:
        return
    store.work.cancel(opening.subject_of(review))  # its day is set anew when the incident is over
    reason = f"{change.after.ref} was reopened by {change.actor.name}."
    draft = steps.back_to_draft(review, reason)
    if draft is None:
        telling.redraw(store, review, because=f":reopened{change.after.cycle}")
        return
    store.reviews.save(draft, seen=review.version)
    telling.redraw(store, draft)
    reader = people.reminded(store, draft)
    if reader is not None and reader.id != change.actor.id:
        telling.show(store, draft, reader, why=f"reopened{draft.plan}")
