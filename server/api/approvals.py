"""Approvals as JSON."""

from typing import Any

from domain import approval as steps
from domain.approval import Approval
from server.api.parameters import AFTER, APPROVAL_STATE, APPROVAL_SUBJECT, LIMIT, write_cursor
from server.api.table import Asked
from server.times import rfc3339
from usecases.approvals import deciders
from usecases.ports import Store
from usecases.reports import Handles


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer approvals, the newest first."""
    kind, subject_id = asked[APPROVAL_SUBJECT] or (None, None)
    found = store.approvals.latest(
        state=asked[APPROVAL_STATE], kind=kind, subject_id=subject_id, before=asked[AFTER], limit=asked[LIMIT] + 1
    )
    shown = found[: asked[LIMIT]]
    people = store.people.many({person for approval in shown for person in _people(approval)})
    handles = {person.id: person.handle for person in people.values()}
    eligible = deciders.eligible_each(store, shown, asked.now(store))
    return {
        "items": [_approval(a, sum(steps.needed(a, who)), handles) for a, who in zip(shown, eligible, strict=True)],
        "next": write_cursor(shown[-1].id if len(found) > len(shown) else None),
    }


def _people(approval: Approval) -> set[int]:
    decided = {approval.decided_by} if approval.decided_by is not None else set[int]()
    return {approval.requested_by, *(vote.person for vote in approval.votes)} | decided


def _approval(approval: Approval, needed: int, handles: Handles) -> dict[str, Any]:
    return {
        "id": approval.id,
        "subject": approval.subject,
        "state": str(approval.state),
        "requested_by": handles[approval.requested_by],
        "requested_at": rfc3339(approval.requested_at),
        "needed": needed,
        "groups": [group.to_json() for group in approval.groups],
        "votes": [
            {
                "person": handles[vote.person],
                "decision": str(vote.decision),
                "at": rfc3339(vote.at),
                "comment": vote.comment,
            }
            for vote in approval.votes
        ],
        "expires_at": rfc3339(approval.expires_at),
        "decided_by": None if approval.decided_by is None else handles[approval.decided_by],
        "decided_at": None if approval.decided_at is None else rfc3339(approval.decided_at),
        "reason": approval.reason,
    }
