"""When a page is refused for good: it is said, and a step of which nothing is left gives way to the next one."""

from datetime import datetime

from domain.incident import Incident
from domain.paging import Page, PageReason, PageResult
from domain.running_escalation import Escalation, EscalationState
from usecases.escalations.planning import plan, saved
from usecases.escalations.steps import hurries
from usecases.ports import Store


def hurry(store: Store, incident: Incident, page: Page, now: datetime) -> None:
    """Let the next step be due now where every page of the step that waits was refused. The incident is locked."""
    escalation = store.escalations.get(page.escalation_id) if page.escalation_id is not None else None
    if escalation is None or escalation.state is not EscalationState.RUNNING or not hurries(page.round):
        return
    if escalation.next_at is None or escalation.next_at <= now or not _is_current(escalation, page):
        return
    pages = [other for other in store.pages.of_incident(incident.id) if _same_step(escalation, other, page)]
    if all(other.result is PageResult.FAILED for other in pages):
        saved(store, escalation, next_at=now)
        plan(store, incident.id)


def _is_current(escalation: Escalation, page: Page) -> bool:
    found = escalation.step_at(escalation.position - 1)
    if found is None:
        return page.reason is PageReason.LAST_RESORT
    return page.reason is PageReason.STEP and (page.step, page.round) == (found[1], found[2])


def _same_step(escalation: Escalation, other: Page, page: Page) -> bool:
    return (
        other.escalation_id == escalation.id
        and other.due_at >= escalation.started_at
        and (other.reason, other.step, other.round) == (page.reason, page.step, page.round)
    )
