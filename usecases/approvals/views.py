"""An approval as people see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import approval as steps
from domain.approval import Approval, ApprovalState, Decision, Vote
from domain.errors import Unknown
from domain.people import Person
from usecases.approvals import deciders
from usecases.approvals.registry import is_known, subject_kind
from usecases.approvals.subjects import SubjectView
from usecases.people import NOBODY
from usecases.ports import Store
from usecases.wording import utc_clock

LOOKED_AT = 1_000
"""Pending approvals that are looked through, the newest; ours: who has more waiting has other worries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One group of those who have to agree."""

    name: str
    """Such as "IT Operations"."""
    needed: int
    said_yes: int
    """Of those who may speak for it; somebody may be counted in several groups, and is needed in one only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """An approval with everything its card shows. `now` is when it was read, UTC."""

    approval: Approval
    subject: SubjectView
    requester: Person
    groups: tuple[GroupView, ...]
    votes: tuple[tuple[Person, Vote], ...]
    may_decide: tuple[Person, ...]
    """Who may still say something; nobody once it is decided."""
    enough_left: bool
    """Whether those who may still decide are enough: somebody may have left the company."""
    decided_by: Person | None
    now: datetime

    def may(self, person: Person) -> bool:
        """Tell whether somebody may say yes or no now."""
        return any(one.id == person.id for one in self.may_decide)


def approval_to_see(store: Store, approval_id: int) -> Approval:
    """Load one to look at. Raise Unknown when there is none."""
    found = store.approvals.get(approval_id)
    if found is None:
        raise Unknown("This question is not there any more. Write `approvals` to see what waits for a decision.")
    return found


def approval_view(store: Store, approval: Approval, zone: str | None, now: datetime) -> ApprovalView:
    """Put together what a reader in a time zone sees; None: several people read it, and times are UTC."""
    eligible = deciders.eligible(store, approval, now)
    wanted = {approval.requested_by, *(vote.person for vote in approval.votes)}
    people = store.people.many(wanted | ({approval.decided_by} if approval.decided_by is not None else set()))
    spoken = {vote.person for vote in approval.votes}
    may = deciders.who_decides(store, approval, now) if approval.is_open else ()
    yes = [vote for vote in approval.votes if vote.decision is Decision.APPROVE]
    return ApprovalView(
        approval=approval,
        subject=subject_kind(approval.subject_kind).view(store, approval.subject_id, zone, now),
        requester=people.get(approval.requested_by, NOBODY),
        groups=tuple(
            GroupView(
                name=deciders.named(store, group), needed=need, said_yes=sum(place in vote.groups for vote in yes)
            )
            for place, (group, need) in enumerate(zip(approval.groups, steps.needed(approval, eligible), strict=True))
        ),
        votes=tuple((people.get(vote.person, NOBODY), vote) for vote in approval.votes),
        may_decide=tuple(person for person in may if person.id not in spoken),
        enough_left=not approval.is_open or steps.can_be_met(approval, eligible),
        decided_by=people.get(approval.decided_by) if approval.decided_by is not None else None,
        now=now,
    )


def waiting_for(store: Store, person: Person, now: datetime) -> Sequence[Approval]:
    """List what waits for somebody's decision, what expires first in front."""
    pending = [approval for approval in _pending(store) if approval.vote_of(person.id) is None]
    eligible = deciders.eligible_each(store, pending, now)
    mine = [a for a, who in zip(pending, eligible, strict=True) if steps.groups_open_to(a, person.id, who)]
    return sorted(mine, key=lambda approval: (approval.expires_at, approval.id))


def asked_by(store: Store, person: Person) -> Sequence[Approval]:
    """List what somebody has asked and nobody has decided yet, the newest first."""
    return [approval for approval in _pending(store) if approval.requested_by == person.id]


def how_it_ended(approval: Approval, decided_by: Person | None, now: datetime) -> str:
    """Say who decided it and when: "Tom Okafor approved it at 14:02 UTC."; empty while nobody has."""
    at = utc_clock(approval.decided_at, now) if approval.decided_at else ""
    who = decided_by.name if decided_by else ""
    match approval.state:
        case ApprovalState.PENDING:
            return ""
        case ApprovalState.EXPIRED:
            return f"Nobody decided it in time: it expired at {at}."
        case ApprovalState.WITHDRAWN:
            said = f"{who} withdrew it at {at}." if who else f"It was withdrawn at {at}."
            return f"{said} {approval.reason}".strip()
        case ApprovalState.APPROVED | ApprovalState.REJECTED:
            return f"{who} {approval.state} it at {at}."


def _pending(store: Store) -> Sequence[Approval]:
    """List what can be shown: a replica of a later version may have asked about what this one does not know."""
    found = store.approvals.latest(state=ApprovalState.PENDING, limit=LOOKED_AT)
    return [approval for approval in found if is_known(approval.subject_kind)]
