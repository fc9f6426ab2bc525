"""Pages on their way: what follows when one has arrived or was refused, when somebody answers, and when nobody does."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from domain.conversation import Place
from domain.errors import Unknown
from domain.incident import Incident
from domain.paging import Page, PageResult, Way
from domain.people import Person
from domain.running_escalation import Escalation, EscalationState
from domain.timeline import EntryKind
from usecases import drills, escalations, ledger, log, settling
from usecases.escalations.steps import failed_sentence
from usecases.incidents import Incidents, Trail
from usecases.page_view import still_wanted
from usecases.ports import Store
from usecases.work import DueWork


def acknowledge(store: Store, actor: Person, page_id: int, trail: Trail, now: datetime) -> str:
    """Answer a page by its button: acknowledge its incident and all that stand on the same message, or end a drill.

    Say in one sentence what came of it, also where nothing was changed. Raise Unknown for a page that is not known.
    """
    page = store.pages.get(page_id)
    if page is None:
        raise Unknown("This page is not known any more. Write `list` to see the incidents there are.")
    if page.drill_id is not None:
        return drills.answer(store, actor, page, now)
    pages = _one_each(ledger.family(store, page))
    # All of them before anything changes, and in one order: two presses cannot wait for each other.
    incidents = {number: store.incidents.lock(number) for number in sorted(pages)}
    own = page.incident_id
    said: list[str] = []
    for number in sorted(pages, key=lambda number: (number != own, number)):
        incident = incidents[number]
        if incident is not None:
            activity = trail.activity if number == own or trail.activity is None else f"{trail.activity}#{number}"
            said.append(_answer(store, actor, pages[number], incident, Trail(trail.source, activity), now))
    return _summed_up(said)


def _one_each(pages: Sequence[Page]) -> dict[int, Page]:
    """Choose one page for each incident: the newest, whose cycle is the latest."""
    return {page.incident_id: page for page in sorted(pages, key=lambda p: p.id) if page.incident_id is not None}


def _answer(store: Store, actor: Person, page: Page, incident: Incident, trail: Trail, now: datetime) -> str:  # noqa: PLR0917 - one page's part of a press
    if page.cycle != incident.cycle:
        return f"{incident.ref} was reopened after this page, so nothing was changed: a newer page counts."
    if not incident.is_open:
        return f"{incident.ref} is resolved: you need not do anything."
    result = Incidents(store, now).acknowledge(actor, incident.id, trail)
    if page.way is Way.CHANNEL and result.view.incident.version != incident.version:
        post = store.pages.lock(page.id)
        if post is not None and post.acknowledged_at is None:
            store.pages.save(replace(post, acknowledged_at=now))
    return result.notice or f"You acknowledged {incident.ref}."


def _summed_up(said: Sequence[str]) -> str:
    """Say the same about several in one sentence."""
    mine = "You acknowledged "
    refs = [sentence.removeprefix(mine).rstrip(".") for sentence in said if sentence.startswith(mine)]
    others = [sentence for sentence in said if not sentence.startswith(mine)]
    return " ".join(([f"{mine}{settling.named(refs)}."] if refs else []) + others[: settling.NAMED])


# -- what became of a message -----------------------------------------------------------------------------------------


def delivered(  # noqa: PLR0917 - everything that is known of a send
    store: Store, page_id: int, place: Place | None, activity_id: str | None, attempts: int, now: datetime
) -> None:
    """Write down that a message has arrived or was brought up to date, with everything that stands on it.

    Whoever answered while it was on its way could not stop it any more: then it is brought up to date at once, and
    its reader hears who took it.
    """
    pages = _locked(store, page_id)
    if not pages:
        return
    page = pages[0]
    posted = page.sent_at is None or (page.activity_id is None and activity_id is not None)
    arrived = [_arrived(store, one, attempts, now) for one in pages]
    if page.activity_id is None and activity_id is not None:
        arrived[0] = replace(arrived[0], place=place, activity_id=activity_id)
        store.pages.save(arrived[0])
    if posted and page.incident_id is not None:
        _catch_up(store, arrived, now)


def _arrived(store: Store, page: Page, attempts: int, now: datetime) -> Page:
    if page.sent_at is not None or page.result is PageResult.FAILED:
        return page
    arrived = replace(page, result=PageResult.SENT, detail="", sent_at=now, attempts=max(page.attempts, attempts))
    store.pages.save(arrived)
    return arrived


def _catch_up(store: Store, pages: Sequence[Page], now: datetime) -> None:
    """Let a message follow what happened while it was on its way."""
    late = False
    for page in pages:
        incident = _incident(store, page)
        if incident is None or _is_wanted(store, page, incident):
            continue
        late = True
        person = ledger.person_of(store, page.person_id)
        if person is not None and page.acknowledged_at is None and page.way is Way.TEAMS:
            settling.tell(store, person, page, incident, _done(store, incident, now))
    if late or len(pages) > 1:
        ledger.redraw(store, pages[0].id)


def _done(store: Store, incident: Incident, now: datetime) -> settling.Done:
    """Tell who made an answer pointless."""
    by, did = incident.acknowledged_by, "acknowledged"
    if by is None or not incident.is_open:
        entries = reversed(store.timeline.page(incident.id, before=incident.entry_seq + 1, limit=100))
        resolved = next((entry.actor for entry in entries if entry.kind is EntryKind.RESOLVED), None)
        by, did = (resolved, "resolved") if resolved is not None else (by, did)
    person = ledger.person_of(store, by)
    return settling.Done([person] if person else [], did, now)


def undelivered(
    store: Store, page_id: int, reason: str, attempts: int, now: datetime, *, unclear: bool = False
) -> None:
    """Write down that a message was refused for good, and try another way; `unclear`: it may have arrived.

    A message that could not be brought up to date has arrived all the same; only what was to be added to it has not.
    """
    pages = [page for page in _locked(store, page_id) if page.result is PageResult.PENDING]
    if not pages:
        return
    if unclear:
        for page in pages:
            unknown = replace(page, result=PageResult.UNKNOWN, detail=reason, attempts=max(page.attempts, attempts))
            store.pages.save(unknown)
        return
    failed = [ledger.fail(store, page, reason, attempts=attempts) for page in pages]
    if failed[0].drill_id is not None:
        drills.refused(store, failed[0], now)
        return
    mails = ledger.by_email(store, failed, now)
    for page in failed:
        _refused(store, page, now, instead=any(ledger.same_asking(mail, page) for mail in mails))


def vanished(store: Store, page_id: int, now: datetime) -> None:
    """Page anew where Teams does not know a message any more that another page was to be added to."""
    del now
    pages = _locked(store, page_id)
    missing = [page for page in pages if page.result is PageResult.PENDING]
    if missing:
        ledger.write_anew(store, pages[0], because_of=missing[-1])


def _refused(store: Store, page: Page, now: datetime, *, instead: bool) -> None:
    """Say that somebody could not be paged; where no other way is left, the next step may be due."""
    incident = _incident(store, page)
    if incident is None:
        return
    text = failed_sentence(store, page, instead=instead)
    incident = log.tell(store, incident, EntryKind.PAGE_FAILED, text, now, data={"page": page.id})
    if not instead:
        escalations.hurry(store, incident, page, now)


def not_needed(store: Store, page_id: int, now: datetime) -> None:
    """Write down that nobody needed a message any more when its turn came."""
    del now
    for page in _locked(store, page_id):
        if page.result is PageResult.PENDING:
            store.pages.save(replace(page, result=PageResult.NOT_NEEDED))


def _locked(store: Store, page_id: int) -> Sequence[Page]:
    """Lock a page and all that stand on its message, their incidents first."""
    found = store.pages.get(page_id)
    if found is None:
        return ()
    known = _lock_incidents(store, [found, *store.pages.bundled_into(found.id)])
    root = store.pages.lock(found.id)
    # Whoever was just putting a page on this message has held its row: only now can it be seen.
    members = store.pages.bundled_into(found.id)
    _lock_incidents(store, members, known)
    locked = [root, *(store.pages.lock(member.id) for member in members)]
    return [page for page in locked if page is not None]


def _lock_incidents(store: Store, pages: Sequence[Page], known: AbstractSet[int] = frozenset()) -> AbstractSet[int]:
    """Lock the incidents of pages in one order; return which are locked now."""
    wanted = {page.incident_id for page in pages if page.incident_id is not None} - known
    for incident_id in sorted(wanted):
        store.incidents.lock(incident_id)
    return known | wanted


# -- nobody has reacted -----------------------------------------------------------------------------------------------


def run_second(store: Store, due: DueWork, now: datetime) -> None:
    """Write by mail about a page that nobody has reacted to, and about all that stand on the same message."""
    del now
    found = store.pages.get(int(due.payload["page"]))
    if found is None:
        return
    pages = _locked(store, found.bundled_into or found.id)
    waiting = [page for page in pages if (about := _incident(store, page)) and _is_urgent(store, page, about)]
    if any(page.id == found.id for page in waiting):
        ledger.by_email(store, waiting, due.due_at)


def _is_urgent(store: Store, page: Page, incident: Incident) -> bool:
    """Whether an answer is wanted now: what was put off, or is held back, is paged again later."""
    escalation = _escalation(store, page)
    put_off = escalation is not None and escalation.state in (EscalationState.WAITING, EscalationState.HELD)
    return not put_off and still_wanted(page, incident, escalation)


def _is_wanted(store: Store, page: Page, incident: Incident) -> bool:
    return still_wanted(page, incident, _escalation(store, page))


def _escalation(store: Store, page: Page) -> Escalation | None:
    return store.escalations.get(page.escalation_id) if page.escalation_id is not None else None


def _incident(store: Store, page: Page) -> Incident | None:
    return store.incidents.get(page.incident_id) if page.incident_id is not None else None
