"""What use cases need of the store where decisions are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.approval import Approval, ApprovalState
from domain.conversation import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalCard:
    """A message in which people see an approval."""

    approval_id: int
    place: Place
    reader: int | None
    """Whose own copy it is; None where several people read it."""
    activity_id: str


class Approvals(Protocol):
    """Approvals by number, with the messages in which people see them."""

    def add(self, approval: Approval) -> Approval:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, approval_id: int) -> Approval | None:
        """Read one."""
        ...

    def lock(self, approval_id: int) -> Approval | None:
        """Read one that nobody else changes until the transaction ends."""
        ...

    def save(self, approval: Approval, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def of_subject(self, kind: str, subject_id: int, *, limit: int = 50) -> Sequence[Approval]:
        """List those about one thing, the newest first."""
        ...

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
        ...

    def stands(self, card: ApprovalCard) -> None:
        """Remember a message in which people see it."""
        ...

    def cards(self, approval_id: int) -> Sequence[ApprovalCard]:
        """List the messages in which people see it, in the order in which they were sent."""
        ...
