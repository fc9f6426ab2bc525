"""Approval of a risky change before it happens: by the other side, or by both."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.approval import Approval, ApprovalState, Decider, DeciderKind, Group
from domain.catalog import Service, Side
from domain.change import APPROVALS, Change, ChangeState, step
from domain.errors import Refused
from domain.people import Person
from usecases import targets
from usecases.approvals import asking, deciders
from usecases.approvals.asking import Question
from usecases.approvals.subjects import SubjectKind, SubjectView
from usecases.changes import outcomes
from usecases.changes.views import KIND, found, freeze_of, service_names
from usecases.ports import Store
from usecases.wording import exact, to_the_minute

_ENDS_AS = {
    ApprovalState.APPROVED: ChangeState.PLANNED,
    ApprovalState.REJECTED: ChangeState.REJECTED,
    ApprovalState.EXPIRED: ChangeState.CANCELLED,
    ApprovalState.WITHDRAWN: ChangeState.CANCELLED,
}


def ask(store: Store, author: Person, change: Change, service: Service, now: datetime) -> Change:
    """Ask for the approval of a proposed change; return it as planned where nobody could give one."""
    groups = _groups(store, author, change, service, now)
    # One person may be all there is on both sides; they count once, so one of two groups is left.
    for wanted in dict.fromkeys((groups, groups[:1])):
        question = Question(
            kind=KIND, subject_id=change.id, content=_content_of(change), groups=wanted, expires_at=change.at
        )
        try:
            asking.ask(store, author, question, now)
        except Refused:
            continue
        return change
    planned = step(change, ChangeState.PLANNED, by=None, at=now)
    if planned is None:
        return change
    outcomes.write(store, planned, seen=change.version)
    return planned


def content(store: Store, change_id: int) -> Mapping[str, Any] | None:
    """Give exactly what is approved; None where there is nothing left to decide."""
    change = store.changes.get(change_id)
    return _content_of(change) if change and change.state is ChangeState.PROPOSED else None


def view(store: Store, change_id: int, zone: str | None, now: datetime) -> SubjectView:
    """Show what is decided about to a reader in a time zone."""
    del now
    change = found(store.changes.get(change_id))
    lines = [
        ("Service", service_names(store, [change.service])[change.service]),
        ("Risk", str(change.risk)),
        ("At", to_the_minute(change.at, zone)),
    ]
    lines += [("Until", exact(change.ends_at, zone))] if change.ends_at else []
    lines += [("Rollback", change.rollback or "not described")]
    lines += [("Link", link) for link in change.links]
    frozen = freeze_of(store, change)
    lines += [("Freeze", f"it falls into “{frozen}”")] if frozen else []
    return SubjectView(title=f"{change.name}: {change.title}", lines=tuple(lines))


def decided(store: Store, approval: Approval, actor: Person | None, now: datetime) -> None:
    """Go on with what was decided."""
    change = store.changes.lock(approval.subject_id)
    if change is None or change.state is not ChangeState.PROPOSED:
        return
    by = actor.id if actor else None
    after = step(change, _ENDS_AS[approval.state], by=by, at=now, comment=_comment(approval))
    if after is not None:
        outcomes.write(store, after, seen=change.version)


SUBJECT = SubjectKind(kind=KIND, content=content, view=view, decided=decided)


def _groups(store: Store, author: Person, change: Change, service: Service, now: datetime) -> tuple[Group, ...]:
    """Tell who is asked: the other side, or one of each side where both have to agree; only who can answer."""
    if APPROVALS[change.risk] == 1:
        return deciders.other_side(store, author, [service], now)
    sides = (Side.ENGINEERING, Side.OPERATIONS)
    teams = {team.id for side in sides for team in targets.teams_of_side(store, [service], side)}
    groups = [Group(deciders=(Decider(DeciderKind.TEAM, team),)) for team in sorted(teams)]
    return tuple(g for g in groups if any(p.id != author.id for p in deciders.of_group(store, g, now)))


def _content_of(change: Change) -> Mapping[str, Any]:
    return {
        "title": change.title,
        "service": change.service,
        "risk": str(change.risk),
        "at": change.at.isoformat(),
        "ends_at": change.ends_at.isoformat() if change.ends_at else None,
        "rollback": change.rollback,
        "links": [*change.links],
    }


def _comment(approval: Approval) -> str:
    match approval.state:
        case ApprovalState.REJECTED:
            return approval.votes[-1].comment
        case ApprovalState.EXPIRED:
            return "Nobody decided before its time."
        case ApprovalState.WITHDRAWN:
            return approval.reason
        case _:
            return ""
