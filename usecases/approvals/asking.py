"""Asking for a decision, and taking the question back when what it was about has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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
"""Kinds of work: half of the time is over, three quarters are, all of it is."""


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
    long = approval.expires_at - approval.requested_at
    for kind, share in ((REMIND, 0.5), (ESCALATE, 0.75), (EXPIRE, 1)):
        store.work.add(
            NewWork(
                kind=kind,
                dedupe_key=f"{subject_of(approval)}:{kind}",
                due_at=approval.requested_at + long * share,
                subject=subject_of(approval),
                payload={"approval": approval.id},
            )
        )
