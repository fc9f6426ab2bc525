"""Asking the other side whether a window may happen, and what follows from their answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import maintenance as steps
from domain.approval import Approval, ApprovalState, Decision
from domain.maintenance import Maintenance, MaintenanceState
from domain.people import Person
from usecases.approvals import asking, deciders
from usecases.approvals.asking import Question
from usecases.approvals.subjects import SubjectKind, SubjectView
from usecases.maintenance import telling, words
from usecases.maintenance.clashes import clashes_of, told_clashes
from usecases.maintenance.found import services_of, to_see
from usecases.maintenance.work import replan
from usecases.ports import Store
from usecases.wording import exact, listed

KIND = "maintenance"
NEXT_SHOWN = 3


def ask(store: Store, requester: Person, window: Maintenance, now: datetime) -> Maintenance:
    """Ask one of each team on the other side, and give the window as it is then.

    Where nobody there can answer it is planned at once: `unasked` says so.
    """
    groups = deciders.other_side(store, requester, services_of(store, window), now)
    if not groups:
        asking.overtake(store, KIND, window.id, "Nobody could approve it any more.", now)
        return steps.approve(window) or window
    question = Question(
        kind=KIND,
        subject_id=window.id,
        content=window.content(),
        groups=groups,
        expires_at=_until(window, now),
    )
    asking.ask(store, requester, question, now)
    return window


def decided(store: Store, approval: Approval, actor: Person | None, now: datetime) -> None:
    """Plan the window, or call it off with the reason. Runs in the transaction of the decision."""
    window = store.maintenance.lock(approval.subject_id)
    if window is None:
        return
    approved = approval.state is ApprovalState.APPROVED and now < window.ends_at
    after = steps.approve(window) if approved else steps.disapprove(window, _why(approval, actor), _who(actor))
    if after is None:
        return
    store.maintenance.save(after, seen=window.version)
    replan(store, after, now)
    who = actor.name if actor else ""
    requester = store.people.many([approval.requested_by]).get(approval.requested_by)  # hears how it ended anyway
    if approved:
        telling.note(store, after, "approved", lambda zone: words.approved(after, who, zone), but=requester)
    else:
        said = after.reason
        telling.note(store, after, "unapproved", lambda zone: words.cancelled(after, "", said, zone), but=requester)
    telling.redraw(store, after)


def content(store: Store, window_id: int) -> Mapping[str, Any] | None:
    """Give what is asked about; None where nothing is."""
    window = store.maintenance.get(window_id)
    return window.content() if window and window.state is MaintenanceState.AWAITING_APPROVAL else None


def look(store: Store, window_id: int, zone: str | None, now: datetime) -> SubjectView:
    """Show what is asked about to those who decide."""
    window = to_see(store, window_id)
    owner = store.people.many([window.owner])[window.owner]
    lines = [
        ("Services", listed([service.name for service in services_of(store, window)]) or listed(window.services)),
        ("When", words.when(window, zone)),
    ]
    if window.recurrence is not None:
        times = [exact(starts_at, zone) for starts_at, _ in steps.next_times(window, NEXT_SHOWN + 1)[1:]]
        lines += [("Repeats", words.repeats(window)), ("Then", "; ".join(times) or "never again")]
    lines += [("Impact", window.impact)] if window.impact else []
    lines += [("Runbook", window.runbook)] if window.runbook else []
    lines += [("Owner", owner.name)]
    found = told_clashes(clashes_of(store, window, now), zone)
    return SubjectView(
        title=f"{window.name}: {window.title}",
        lines=(*lines, *(("⚠ Clash", clash) for clash in found)),
    )


def _until(window: Maintenance, now: datetime) -> datetime:
    """Tell how long somebody may decide: until the start; where that is now, until the end."""
    return window.starts_at if window.starts_at > now else window.ends_at


def _why(approval: Approval, actor: Person | None) -> str:
    who = actor.name if actor else "Somebody"
    match approval.state:
        case ApprovalState.REJECTED:
            comment = next((v.comment for v in approval.votes if v.decision is Decision.REJECT), "")
            return f"{who} rejected it: {comment}"
        case ApprovalState.EXPIRED:
            return "Nobody approved it in time."
        case ApprovalState.WITHDRAWN:
            return f"{who} withdrew the question." if actor else approval.reason or "The question was withdrawn."
        case _:
            return "It was approved only after its end."


def _who(actor: Person | None) -> int | None:
    return actor.id if actor else None


SUBJECT = SubjectKind(kind=KIND, content=content, view=look, decided=decided)
