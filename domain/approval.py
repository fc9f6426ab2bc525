"""Approvals: somebody asks for a decision about something exact, and whoever may decide says yes or no, once."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from domain.errors import Refused
from domain.incident import checked_text

COMMENT_LIMIT = 1_000
"""Characters of a comment; ours: nine of them and everything else fit on one card."""
MAX_NEEDED = 20
"""Most people one group of deciders can be asked for; ours."""


class ApprovalState(StrEnum):
    """How an approval stands; all but the first are final."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody has decided in time."""
    WITHDRAWN = "withdrawn"
    """Taken back by whoever asked, or overtaken by a change of what it was about."""


class DeciderKind(StrEnum):
    """How people who may decide are named."""

    PERSON = "person"
    TEAM = "team"
    """Every member."""
    LEAD = "lead"
    """The lead of a team."""
    ROLE = "role"
    """Whoever has a role on an incident, such as role:commander/12."""
    SIDE = "side"
    """Every member of the team that stands for a side of a service, such as side:operations/checkout."""
    ONCALL = "schedule"
    """Whoever is on call on a schedule at the moment of the press."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who may decide, such as lead:payments. Who that is today is looked up at every press."""

    kind: DeciderKind
    id: str

    def __str__(self) -> str:
        """Write it as in the organisation file; `parse_decider` reads it back to an equal value."""
        return f"{self.kind}:{self.id}"


def parse_decider(text: str) -> Decider:
    """Read "lead:payments". Raise ValueError with a sentence for anything else."""
    kind, colon, name = text.strip().partition(":")
    if not colon or not name.strip() or kind.strip().lower() not in {str(k) for k in DeciderKind}:
        kinds = ", ".join(f"{kind}:<id>" for kind in DeciderKind)
        raise ValueError(f"“{text[:60]}” names nobody who could decide. Write one of {kinds}.")
    return Decider(DeciderKind(kind.strip().lower()), name.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """So many different people of these have to say yes."""

    deciders: tuple[Decider, ...]
    needed: int = 1
    """1 to 20; 0 means all who may decide when the last vote comes."""

    def to_json(self) -> dict[str, Any]:
        """As it is stored; `from_json` gives an equal value."""
        return {"deciders": [str(decider) for decider in self.deciders], "needed": self.needed}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raise KeyError or ValueError for anything else."""
        return cls(deciders=tuple(parse_decider(text) for text in data["deciders"]), needed=data["needed"])


class Decision(StrEnum):
    """What somebody says."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What one person said, once. `at` is UTC."""

    person: int
    decision: Decision
    at: datetime
    comment: str = ""
    groups: tuple[int, ...] = ()
    """Positions of the groups they could speak for when they said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A decision that is asked for. People are named by their ids, times are UTC."""

    id: int
    subject_kind: str
    """Such as "maintenance"."""
    subject_id: int
    digest: str
    """Of exactly what is decided about: with another content another decision is needed."""
    requested_by: int
    requested_at: datetime
    expires_at: datetime
    groups: tuple[Group, ...]
    """Each of them has to say yes, with different people."""
    state: ApprovalState = ApprovalState.PENDING
    votes: tuple[Vote, ...] = ()
    decided_at: datetime | None = None
    decided_by: int | None = None
    """Who decided it by the last vote, or withdrew it; None: nobody did."""
    reason: str = ""
    """Why it was withdrawn."""
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def subject(self) -> str:
        """Name what it is about, such as "maintenance:7"."""
        return f"{self.subject_kind}:{self.subject_id}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still may decide."""
        return self.state is ApprovalState.PENDING

    def vote_of(self, person: int) -> Vote | None:
        """Find what somebody has said."""
        return next((vote for vote in self.votes if vote.person == person), None)


Eligible = Sequence[Collection[int]]
"""For each group, in order, the ids of the people who may decide for it now."""


def digest_of(content: Mapping[str, Any]) -> str:
    """Give a short name to exactly this content; the order of its keys does not matter."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def groups_open_to(approval: Approval, person: int, eligible: Eligible) -> tuple[int, ...]:
    """List the positions of the groups somebody may speak for now; whoever asked never may."""
    if person == approval.requested_by:
        return ()
    return tuple(place for place, people in enumerate(eligible) if person in people)


def vote(
    approval: Approval, person: int, decision: Decision, *, comment: str, eligible: Eligible, at: datetime
) -> Approval | None:
    """Say yes or no; None when exactly that was said before. A no ends it; enough who say yes do too.

    Raise Refused for whoever may not decide, when it is too late, for a second thought, and for a no without a comment.
    """
    said = approval.vote_of(person)
    if said is not None and said.decision is decision:
        return None
    if not approval.is_open:
        raise Refused(f"It is too late: this is {approval.state} already.")
    if said is not None:
        raise Refused("You have decided already, and a decision is final. Ask whoever requested it to withdraw it.")
    groups = groups_open_to(approval, person, eligible)
    if not groups:
        raise Refused(_not_yours(approval, person))
    words = _comment(comment, decision)
    votes = (*approval.votes, Vote(person=person, decision=decision, at=at, comment=words, groups=groups))
    after = _stepped(replace(approval, votes=votes))
    if decision is Decision.REJECT:
        return replace(after, state=ApprovalState.REJECTED, decided_at=at, decided_by=person)
    if is_enough(after, eligible):
        return replace(after, state=ApprovalState.APPROVED, decided_at=at, decided_by=person)
    return after


def is_enough(approval: Approval, eligible: Eligible) -> bool:
    """Tell whether every group has as many different people who said yes as it needs; nobody counts twice."""
    yes = [v for v in approval.votes if v.decision is Decision.APPROVE]
    seats = [place for place, need in enumerate(needed(approval, eligible)) for _ in range(need)]
    taken: dict[int, int] = {}
    return bool(seats) and all(_seated(seat, seats, yes, taken, set()) for seat in range(len(seats)))


def _seated(seat: int, seats: Sequence[int], yes: Sequence[Vote], taken: dict[int, int], tried: set[int]) -> bool:
    """Give a seat to one who said yes; who sits somewhere else moves on where they can (augmenting paths)."""
    for place, found in enumerate(yes):
        if seats[seat] not in found.groups or place in tried:
            continue
        tried.add(place)
        if place not in taken or _seated(taken[place], seats, yes, taken, tried):
            taken[place] = seat
            return True
    return False


def needed(approval: Approval, eligible: Eligible) -> tuple[int, ...]:
    """Tell for each group how many people have to say yes; of "all" those who may now, and at least one."""
    return tuple(
        group.needed or max(len({*people} - {approval.requested_by}), 1)
        for group, people in zip(approval.groups, eligible, strict=True)
    )


def can_be_met(approval: Approval, eligible: Eligible) -> bool:
    """Tell whether somebody may still decide, and they are enough with those who have: people leave companies."""
    spoken = {v.person: v for v in approval.votes}
    at = approval.requested_at
    may = {person for people in eligible for person in people} - {approval.requested_by} - spoken.keys()
    willing = [
        Vote(person=p, decision=Decision.APPROVE, at=at, groups=groups_open_to(approval, p, eligible))
        for p in sorted(may)
    ]
    return bool(willing) and is_enough(replace(approval, votes=(*approval.votes, *willing)), eligible)


def withdraw(approval: Approval, person: int | None, reason: str, at: datetime) -> Approval | None:
    """Take it back; None when that was done already. `person` None: what it is about has changed or is over."""
    if approval.state is ApprovalState.WITHDRAWN:
        return None
    if person is not None and person != approval.requested_by:
        raise Refused("Only whoever asked for this decision can withdraw it.")
    if not approval.is_open:
        raise Refused(f"It is too late: this is {approval.state} already.")
    return _stepped(
        replace(approval, state=ApprovalState.WITHDRAWN, decided_at=at, decided_by=person, reason=reason.strip())
    )


def expire(approval: Approval, at: datetime) -> Approval | None:
    """Stop waiting; None when it was decided meanwhile."""
    if not approval.is_open:
        return None
    return _stepped(replace(approval, state=ApprovalState.EXPIRED, decided_at=at))


def _comment(text: str, decision: Decision) -> str:
    if not text.strip():
        if decision is Decision.REJECT:
            raise Refused("Say why you reject it: whoever asked needs to know what to change.")
        return ""
    words = checked_text(text, "comment")
    if len(words) > COMMENT_LIMIT:
        raise Refused(f"That comment has {len(words)} characters; {COMMENT_LIMIT} is the most.")
    return words


def _not_yours(approval: Approval, person: int) -> str:
    if person == approval.requested_by:
        return "You asked for this decision, so somebody else has to make it."
    return "You are not one of those who may decide this. The card names them."


def _stepped(approval: Approval) -> Approval:
    return replace(approval, version=approval.version + 1)
