"""Asking for a decision, and taking the question back when what it was about has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import approval as steps
from domain.approval import Approval, Group
from domain.conversation import Place
from domain.errors import Refused
from domain.people import Person
from usecases.approvals import deciders, telling
from usecases.ports import Store
from usecases.work import NewWork

REMIND, ESCALATE, EXPIRE = "approval.remind:1", "approval.escalate:1", "approval.expire:1"
"""Kinds of work: those who were asked are reminded, their leads are told, the time is over."""
FIRST_REMINDER, LEADS_TOLD, LAST_REMINDER = timedelta(days=1), timedelta(days=3), timedelta(days=1)
"""So long after the question at most, and so long before its end; ours: a question that may wait for weeks is not to be
forgotten for half of them. Of a shorter one reminders come at half of its time, and the leads hear of it at three quarters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody wants to have decided."""

    kind: str
    """Of the subject, as its SubjectKind is registered."""
    subject_id: int
    content: Mapping[str, Any]
    """Exactly what is approved, as `SubjectKind.content` gives it too: with another content it has to be asked again."""
    groups: tuple[Group, ...]
    expires_at: datetime
    """UTC; later than now."""
    places: tuple[Place, ...] = ()
    """Where everybody may follow it, besides the 1:1 chats of those who may decide."""


def ask(store: Store, requester: Person, question: Question, now: datetime) -> Approval:
    """Ask everybody who may decide. What was asked about the subject before is withdrawn.

    Raise Refused where the people who may decide now are too few: somebody has to be asked who can answer.
    """
    overtake(store, question.kind, question.subject_id, "It was asked again.", now)
    wanted = Approval(
        id=0,
        subject_kind=question.kind,
        subject_id=question.subject_id,
        digest=steps.digest_of(question.content),
        requested_by=requester.id,
        requested_at=now,
        expires_at=question.expires_at,
        groups=question.groups,
    )
    if not steps.can_be_met(wanted, deciders.eligible(store, wanted, now)):
        who = " and ".join(deciders.named(store, group) for group in question.groups) or "Nobody"
        raise Refused(f"Nobody else could approve this: {who} would have to. Ask an admin to look at the teams.")
    approval = store.approvals.add(wanted)
    _plan(store, approval)
    telling.ask(store, approval, question.places, now)
    return approval


def standing(store: Store, kind: str, subject_id: int) -> Approval | None:
    """Find what was asked about a subject last."""
    return next(iter(store.approvals.of_subject(kind, subject_id, limit=1)), None)


def overtake(store: Store, kind: str, subject_id: int, reason: str, now: datetime) -> None:
    """Take back an open question because its subject was changed, is over or is gone; its `decided` is not called."""
    found = standing(store, kind, subject_id)
    locked = store.approvals.lock(found.id) if found and found.is_open else None
    after = steps.withdraw(locked, None, reason, now) if locked and locked.is_open else None
    if locked is not None and after is not None:
        end(store, after, seen=locked.version)


def end(store: Store, approval: Approval, *, seen: int) -> None:
    """Write how it ended, and show it wherever it stands."""
    store.approvals.save(approval, seen=seen)
    store.work.cancel(subject_of(approval))
    telling.redraw(store, approval)


def subject_of(approval: Approval) -> str:
    """Name the work of an approval."""
    return f"approval:{approval.id}"


def _plan(store: Store, approval: Approval) -> None:
    since, until = approval.requested_at, approval.expires_at
    long = until - since
    remind_at, tell_at = since + min(long * 0.5, FIRST_REMINDER), since + min(long * 0.75, LEADS_TOLD)
    moments = [(REMIND, remind_at), (ESCALATE, tell_at), (EXPIRE, until)]
    if until - LAST_REMINDER > tell_at:
        moments.append((REMIND, until - LAST_REMINDER))
    for kind, due_at in moments:
        store.work.add(
            NewWork(
                kind=kind,
                dedupe_key=f"{subject_of(approval)}:{kind}:{due_at.isoformat()}",
                due_at=due_at,
                subject=subject_of(approval),
                payload={"approval": approval.id},
            )
        )
