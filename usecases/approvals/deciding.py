"""Deciding: the press of a button, and what time decides when nobody does."""

from dataclasses import dataclass
from datetime import datetime

from domain import approval as steps
from domain.approval import Approval, ApprovalState, Decision
from domain.errors import Refused
from domain.people import Person
from usecases import letters
from usecases.approvals import deciders, telling
from usecases.approvals.asking import end
from usecases.approvals.registry import subject_kind
from usecases.approvals.views import LOOKED_AT, approval_to_see, approval_view, how_it_ended
from usecases.ports import Store
from usecases.wording import to_the_minute
from usecases.work import DueWork

_CHANGED = "What was asked about has changed since, so it has to be asked again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an approval stands after a press. `notice` is a sentence where something else happened than was pressed."""

    approval: Approval
    notice: str | None = None


def decide(
    store: Store, actor: Person, approval_id: int, decision: Decision, *, comment: str, now: datetime
) -> Outcome:
    """Say yes or no. Pressed again it changes nothing. Raise Refused for whoever may not, too late, or without a word.

    Who may is looked up now. Where the subject is not any more what was asked about, the question is withdrawn; where
    its time is over, it expires, though the work that ends it may be late.
    """
    approval = _locked(store, approval_id)
    said = approval.vote_of(actor.id)
    if not approval.is_open and (said is None or said.decision is not decision):
        raise Refused(f"It is too late. {_ended(store, approval, now)}")
    overdue = steps.expire(approval, now) if now >= approval.expires_at else None
    if overdue is not None:
        _ends(store, overdue, None, now, seen=approval.version)
        return Outcome(approval=overdue, notice=f"It is too late. {how_it_ended(overdue, None, now)}")
    if approval.is_open and not _is_what_was_asked(store, approval):
        return Outcome(approval=_withdrawn(store, approval, None, _CHANGED, now), notice=_CHANGED)
    eligible = deciders.eligible(store, approval, now)
    after = steps.vote(approval, actor.id, decision, comment=comment, eligible=eligible, at=now)
    if after is None:
        return Outcome(approval=approval)
    if after.is_open:
        store.approvals.save(after, seen=approval.version)
        telling.redraw(store, after)
    else:
        _ends(store, after, actor, now, seen=approval.version)
    return Outcome(approval=after)


def withdraw(store: Store, actor: Person, approval_id: int, now: datetime) -> Outcome:
    """Take one's own question back. Pressed again it changes nothing."""
    approval = _locked(store, approval_id)
    if approval.state not in (ApprovalState.PENDING, ApprovalState.WITHDRAWN):
        raise Refused(f"It is too late. {_ended(store, approval, now)}")
    return Outcome(approval=_withdrawn(store, approval, actor, "", now))


def run_remind(store: Store, due: DueWork, now: datetime) -> None:
    """Remind those who have not said anything yet."""
    approval = _waiting(store, due)
    if approval is None:
        return
    if not steps.can_be_met(approval, deciders.eligible(store, approval, now)):
        tell_too_few(store, approval)
    for person in telling.asked(store, approval, now):
        if approval.vote_of(person.id) is None:
            telling.remind(store, approval, person, due.due_at)


def run_escalate(store: Store, due: DueWork, now: datetime) -> None:
    """Tell the leads of those who were asked."""
    approval = _waiting(store, due)
    if approval is None:
        return
    for lead in deciders.leads(store, approval):
        if lead.id != approval.requested_by and approval.vote_of(lead.id) is None:
            view = approval_view(store, approval, lead.time_zone, now)
            missing = " and ".join(group.name for group in view.groups if group.said_yes < group.needed)
            text = (
                f"“{view.subject.title}” waits for a decision of {missing} until "
                f"{to_the_minute(approval.expires_at, lead.time_zone)}; {view.requester.name} asked. Can you see to it?"
            )
            letters.say_to_person(store, lead, text, key=f"approval:{approval.id}:lead:{lead.id}")


def run_expire(store: Store, due: DueWork, now: datetime) -> None:
    """Stop waiting, and tell whoever asked."""
    approval = _waiting(store, due)
    after = steps.expire(approval, now) if approval else None
    if approval is not None and after is not None:
        _ends(store, after, None, now, seen=approval.version)


def look_again(store: Store, now: datetime) -> None:
    """Tell who asked where too few are left who could decide: the organisation has changed."""
    pending = store.approvals.latest(state=ApprovalState.PENDING, limit=LOOKED_AT)
    for approval, who in zip(pending, deciders.eligible_each(store, pending, now), strict=True):
        if not steps.can_be_met(approval, who):
            tell_too_few(store, approval)


def tell_too_few(store: Store, approval: Approval) -> None:
    """Tell who asked, once, that nobody can decide it any more."""
    requester = store.people.many([approval.requested_by]).get(approval.requested_by)
    if requester is not None:
        names = " and ".join(deciders.named(store, group) for group in approval.groups)
        text = (
            f"Too few people are left who may decide {approval.subject}: {names} would have to. "
            "Change what you asked for, or ask an admin to look at the teams."
        )
        letters.say_to_person(store, requester, text, key=f"approval:{approval.id}:too-few")


# -- inside -----------------------------------------------------------------------------------------------------------


def _locked(store: Store, approval_id: int) -> Approval:
    """Load one that nobody else decides meanwhile. One that is decided stays so: who comes late waits for nobody."""
    found = approval_to_see(store, approval_id)
    return (store.approvals.lock(approval_id) or found) if found.is_open else found


def _waiting(store: Store, due: DueWork) -> Approval | None:
    found = store.approvals.lock(int(due.payload["approval"]))
    return found if found is not None and found.is_open else None


def _is_what_was_asked(store: Store, approval: Approval) -> bool:
    content = subject_kind(approval.subject_kind).content(store, approval.subject_id)
    return content is not None and steps.digest_of(content) == approval.digest


def _withdrawn(store: Store, approval: Approval, actor: Person | None, reason: str, now: datetime) -> Approval:
    after = steps.withdraw(approval, actor.id if actor else None, reason, now)
    if after is None:
        return approval
    _ends(store, after, actor, now, seen=approval.version)
    return after


def _ends(store: Store, approval: Approval, actor: Person | None, now: datetime, *, seen: int) -> None:
    """Write how it ended, let follow what hangs on it, and tell whoever asked."""
    end(store, approval, seen=seen)
    kind = subject_kind(approval.subject_kind)
    kind.decided(store, approval, actor, now)
    requester = store.people.many([approval.requested_by]).get(approval.requested_by)
    if requester is None or (actor is not None and actor.id == requester.id):
        return
    if kind.gives_back and approval.state is not ApprovalState.APPROVED:
        return
    view = approval_view(store, approval, requester.time_zone, now)
    comments = " ".join(f"{person.name}: {vote.comment}" for person, vote in view.votes if vote.comment)
    text = f"{view.subject.title}: {how_it_ended(approval, actor, now)} {comments}".strip()
    letters.say_to_person(store, requester, text, key=f"approval:{approval.id}:ended")


def _ended(store: Store, approval: Approval, now: datetime) -> str:
    by = approval.decided_by
    return how_it_ended(approval, store.people.many([by]).get(by) if by is not None else None, now)
