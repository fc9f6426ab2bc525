"""What an answer means for pages: whoever answered is written down, what was not sent yet stays unsent, others hear."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.incident import Incident
from domain.paging import Page, PageResult, Way
from domain.people import Person
from usecases import ledger, letters
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.wording import listed

NAMED = 3
"""Incidents named in one sentence; ours: of a burst the card has them all."""
ARRIVED = (PageResult.SENT, PageResult.UNKNOWN)


def of_cycle(store: Store, incident: Incident) -> Sequence[Page]:
    """List the pages of an incident since it was opened for the last time, oldest first."""
    return [page for page in store.pages.of_incident(incident.id) if page.cycle == incident.cycle]


def answered(store: Store, incident: Incident, person: Person, now: datetime) -> None:
    """Write down that somebody has answered all their pages of an incident."""
    for page in of_cycle(store, incident):
        if page.person_id == person.id and page.acknowledged_at is None:
            mine = store.pages.lock(page.id) or page
            result = PageResult.NOT_NEEDED if mine.result is PageResult.PENDING else mine.result
            store.pages.save(replace(mine, acknowledged_at=now, result=result))


def drop(store: Store, incident: Incident, *, escalations: Collection[int] | None = None) -> None:
    """Send nothing any more that is not sent yet: of some escalations, None: of the whole incident."""
    for page in of_cycle(store, incident):
        if page.result is not PageResult.PENDING or (escalations is not None and page.escalation_id not in escalations):
            continue
        waiting = store.pages.lock(page.id)
        if waiting is not None and waiting.result is PageResult.PENDING:
            store.pages.save(replace(waiting, result=PageResult.NOT_NEEDED))


def redraw_all(store: Store, incident: Incident) -> None:
    """Bring all messages about an incident up to date, each once."""
    roots = {page.bundled_into or page.id for page in of_cycle(store, incident)}
    for root in sorted(roots):
        ledger.redraw(store, root)


@dataclass(frozen=True, slots=True)
class Done:
    """Who did what about an incident, and when (UTC), so that nobody else has to."""

    by: Sequence[Person]
    did: str
    """Such as "acknowledged"."""
    now: datetime


def tell_others(store: Store, incident: Incident, done: Done) -> None:
    """Tell everybody who was paged and has not answered that they need not: once after their latest page."""
    latest: dict[int, Page] = {}
    for page in of_cycle(store, incident):
        if page.person_id is not None and page.way is Way.TEAMS and page.result in ARRIVED:
            latest[page.person_id] = page
    people = store.people.many(latest.keys() - {person.id for person in done.by})
    for person_id, page in sorted(latest.items()):
        if page.acknowledged_at is None and person_id in people:
            tell(store, people[person_id], page, incident, done)


def tell(store: Store, person: Person, page: Page, incident: Incident, done: Done) -> None:
    """Say to somebody that they need not answer a page. Several of one burst, answered at once, are one sentence."""
    about = _answered_together(store, page, incident, done)
    names = listed([one.name for one in done.by]) or "Somebody"
    letters.to_person(
        store,
        person,
        letters.SENTENCE,
        key=f"settled:{page.id}",
        message_class=MessageClass.CHATTER,
        coalesce=f"settled:{page.bundled_into or page.id}:{done.now.isoformat()}",
        newness=len(about),
        text=f"{names} {done.did} {named([one.ref for one in about])}. You need not do anything.",
    )


def _answered_together(store: Store, page: Page, incident: Incident, done: Done) -> Sequence[Incident]:
    """List the incidents on one card that were acknowledged by the same person at this very moment, this one too."""
    ids = {p.incident_id for p in ledger.family(store, page) if p.incident_id is not None}
    actors = {person.id for person in done.by}
    found = {
        other.id: other
        for other in (store.incidents.many(ids) if len(ids) > 1 else dict[int, Incident]()).values()
        if other.acknowledged_at == done.now and other.acknowledged_by in actors
    }
    return [found[number] for number in sorted(found)] if incident.id in found else [incident]


def named(refs: Sequence[str]) -> str:
    """Name incidents in a row; one name is no longer than "1 more"."""
    return listed(refs, most=NAMED if len(refs) > NAMED + 1 else None)
