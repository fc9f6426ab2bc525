"""Approvals by number, with the messages in which people see them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, insert, select

from domain.approval import Approval, ApprovalState, Decision, Group, Vote
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.statements import adding, by_id, save_seen, saving_seen
from storage.tables import approval, approval_card
from storage.tables.approval import IS_PENDING
from usecases.approval_ports import ApprovalCard

_FIELDS = (
    "subject_kind",
    "subject_id",
    "digest",
    "requested_by",
    "requested_at",
    "expires_at",
    "groups",
    "state",
    "votes",
    "decided_at",
    "decided_by",
    "reason",
    "version",
)
_ADD = adding(approval, _FIELDS)
_SAVE = saving_seen(approval, _FIELDS)
_BY_ID = by_id(approval)
_LOCK = _BY_ID.with_for_update(key_share=True)
_LATEST = select(approval).order_by(approval.c.id.desc()).limit(bindparam("most", type_=Integer))
_BEFORE = approval.c.id < bindparam("before")
_OF_KIND = approval.c.subject_kind == bindparam("subject_kind")
_OF_ID = approval.c.subject_id == bindparam("subject_id")
_IN_STATE = approval.c.state == bindparam("wanted")
_CARD_FIELDS = ("approval_id", *PLACE_FIELDS, "conversation_id", "base_id", "reader", "activity_id")
_ADD_CARD = insert(approval_card).values({name: bindparam(name) for name in _CARD_FIELDS})
_CARDS = select(approval_card).where(approval_card.c.approval_id == bindparam("wanted")).order_by(approval_card.c.id)


class SqlApprovals:
    """Implements usecases.approval_ports.Approvals."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, approval: Approval) -> Approval:
        """Store a new one (id 0) and give it its number."""
        return replace(approval, id=self._connection.execute(_ADD, _values(approval)).scalar_one())

    def get(self, approval_id: int) -> Approval | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": approval_id}).one_or_none()
        return None if row is None else _approval(row)

    def lock(self, approval_id: int) -> Approval | None:
        """Read one that nobody else changes until the transaction ends."""
        row = self._connection.execute(_LOCK, {"key": approval_id}).one_or_none()
        return None if row is None else _approval(row)

    def save(self, approval: Approval, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, approval.id, seen, _values(approval))

    def of_subject(self, kind: str, subject_id: int, *, limit: int = 50) -> Sequence[Approval]:
        """List those about one thing, the newest first."""
        return self.latest(kind=kind, subject_id=subject_id, limit=limit)

    def latest(
        self,
        *,
        state: ApprovalState | None = None,
        kind: str | None = None,
        subject_id: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Approval]:
        """List all, those in one state or about one thing, the newest first; with a smaller id than `before`."""
        values = {"most": limit, "wanted": state, "before": before, "subject_kind": kind, "subject_id": subject_id}
        query = _LATEST
        if kind is not None:
            query = query.where(_OF_KIND)
        if subject_id is not None:
            query = query.where(_OF_ID)
        if state is not None:
            query = query.where(IS_PENDING if state is ApprovalState.PENDING else _IN_STATE)
        if before is not None:
            query = query.where(_BEFORE)
        return [_approval(row) for row in self._connection.execute(query, values)]

    def stands(self, card: ApprovalCard) -> None:
        """Remember a message in which people see it."""
        values = place_values(card.place) | {
            "approval_id": card.approval_id,
            "conversation_id": card.place.conversation_id,
            "base_id": card.place.base_id,
            "reader": card.reader,
            "activity_id": card.activity_id,
        }
        self._connection.execute(_ADD_CARD, values)

    def cards(self, approval_id: int) -> Sequence[ApprovalCard]:
        """List the messages in which people see it, in the order in which they were sent."""
        return [_card(row) for row in self._connection.execute(_CARDS, {"wanted": approval_id})]


def _values(approval: Approval) -> dict[str, Any]:
    values = {name: getattr(approval, name) for name in _FIELDS}
    values["groups"] = [group.to_json() for group in approval.groups]
    values["votes"] = [
        {
            "person": vote.person,
            "decision": str(vote.decision),
            "at": vote.at.isoformat(),
            "comment": vote.comment,
            "groups": [*vote.groups],
        }
        for vote in approval.votes
    ]
    return values


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        digest=row.digest,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        groups=tuple(Group.from_json(group) for group in row.groups),
        state=ApprovalState(row.state),
        votes=tuple(
            Vote(
                person=vote["person"],
                decision=Decision(vote["decision"]),
                at=datetime.fromisoformat(vote["at"]),
                comment=vote["comment"],
                groups=tuple(vote["groups"]),
            )
            for vote in row.votes
        ),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        version=row.version,
    )


def _card(row: Row[Any]) -> ApprovalCard:
    return ApprovalCard(
        approval_id=row.approval_id,
        place=place_from(row, row.conversation_id),
        reader=row.reader,
        activity_id=row.activity_id,
    )
