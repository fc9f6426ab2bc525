"""A decision that is asked for, in every state, for everybody and for each kind of reader, worst cases included."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import kit
from bot.cards.approval import approval_card, approvals_card, spoken
from domain.approval import COMMENT_LIMIT, Approval, ApprovalState, Decider, DeciderKind, Decision, Group, Vote
from domain.change import LINK_LIMIT, MOST_LINKS, ROLLBACK_LIMIT
from domain.incident import TITLE_LIMIT
from domain.people import Person
from tests.support.samples import ADA, GRACE, LIN, NOW, ago, person
from usecases.approvals.subjects import SubjectView
from usecases.approvals.views import ApprovalView, GroupView

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
ASKED = Approval(
    id=12,
    subject_kind="maintenance",
    subject_id=7,
    digest="d",
    requested_by=ADA.id,
    requested_at=ago(minutes=20),
    expires_at=NOW + timedelta(hours=4),
    groups=(Group(deciders=(Decider(DeciderKind.TEAM, "it-ops"),)),),
)
SUBJECT = SubjectView(
    title="Maintenance 7: Database upgrade",
    lines=(("Services", "Checkout, Payment gateway"), ("Window", "Sat 2026-12-05 22:00 – 23:30 UTC")),
)
UPDATE = SubjectView(
    title="Stakeholder update for INC-12", text="Checkout is slow for 5 % of customers.\nWe roll back."
)
YES = Vote(person=GRACE.id, decision=Decision.APPROVE, at=ago(minutes=5), comment="After 20:00 please")
NO = Vote(
    person=LIN.id, decision=Decision.REJECT, at=ago(minutes=2), comment="Not before Monday: the restore test runs."
)


def view(approval: Approval = ASKED, **more: Any) -> ApprovalView:
    """Make what a card is drawn from."""
    given: dict[str, Any] = {
        "approval": approval,
        "subject": SUBJECT,
        "requester": ADA,
        "groups": (GroupView(name="IT Operations", needed=1, said_yes=0),),
        "votes": (),
        "may_decide": (LIN, GRACE) if approval.is_open else (),
        "enough_left": True,
        "decided_by": None,
        "now": NOW,
    }
    return ApprovalView(**{**given, **more})


def over(state: ApprovalState, by: Person | None, *votes: tuple[Person, Vote], **more: Any) -> ApprovalView:
    """End it."""
    ended = replace(ASKED, state=state, decided_at=ago(minutes=2), decided_by=by.id if by else None, version=2, **more)
    return view(ended, votes=votes, decided_by=by)


_LONG = (
    ("Rollback", "_" * ROLLBACK_LIMIT),
    *(("Link", "https://e/" + "_" * (LINK_LIMIT - 10)) for _ in range(MOST_LINKS)),
)


def worst() -> ApprovalView:
    """Let everything be as long as it may be."""
    crowd = [person(n, f"{NASTY} {n}") for n in range(1, 10)]
    long = Vote(person=1, decision=Decision.APPROVE, at=ago(days=3), comment=("<" * COMMENT_LIMIT))
    return view(
        subject=SubjectView(title=NASTY * 2, lines=tuple((f"Name {n}", NASTY * 3) for n in range(8)), text="<" * 8_000),
        groups=tuple(GroupView(name=NASTY, needed=20, said_yes=3) for _ in range(4)),
        votes=tuple((one, long) for one in crowd),
        enough_left=False,
    )


def heaviest() -> ApprovalView:
    """Ask about a change with everything that the forms take."""
    return replace(worst(), subject=SubjectView(title="_" * TITLE_LIMIT, lines=_LONG))


def _card(shown: ApprovalView, reader: Person | None, **more: Any) -> Callable[[], dict[str, Any]]:
    return lambda: kit.message(spoken(shown, reader), approval_card(shown, reader, **more))


def _list(*lists: list[ApprovalView], **more: int) -> Callable[[], dict[str, Any]]:
    def made() -> dict[str, Any]:
        card = approvals_card(*lists, zone=LIN.time_zone, **more)
        return kit.message(card["speak"], card)

    return made


_PARTLY = view(
    replace(ASKED, votes=(YES,), version=1),
    groups=(GroupView(name="Payments", needed=1, said_yes=1), GroupView(name="IT Operations", needed=2, said_yes=0)),
    votes=((GRACE, YES),),
    may_decide=(LIN,),
)
CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "approval-everybody": _card(view(), None),
    "approval-decider": _card(view(), LIN),
    "approval-decider-typed": _card(view(), LIN, comment="Not on a <Friday>"),
    "approval-requester": _card(view(), ADA),
    "approval-words": _card(view(subject=UPDATE), LIN),
    "approval-partly": _card(_PARTLY, LIN),
    "approval-too-few": _card(view(may_decide=(), enough_left=False), None),
    "approval-approved": _card(over(ApprovalState.APPROVED, GRACE, (GRACE, YES)), None),
    "approval-rejected": _card(over(ApprovalState.REJECTED, LIN, (LIN, NO)), ADA),
    "approval-expired": _card(over(ApprovalState.EXPIRED, None), None),
    "approval-withdrawn": _card(over(ApprovalState.WITHDRAWN, None, reason="It was asked again."), LIN),
    "approval-worst": _card(worst(), LIN),
    "approval-heaviest": _card(heaviest(), LIN),
    "approvals-list": _list([view(), _PARTLY], [view(subject=UPDATE)]),
    "approvals-many": _list([view()] * 10, [view(subject=UPDATE)] * 10, more_waiting=290, more_asked=2),
    "approvals-none": _list([], []),
}
