"""A decision that is asked for: what everybody sees, what those see who may decide, and how it ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import carried, kit
from bot.turn import Answer, Card, Reply, Turn, Verb
from domain.approval import COMMENT_LIMIT, Approval, ApprovalState, Decision, Vote
from domain.errors import Refused
from domain.people import Person
from usecases.approvals import deciding
from usecases.approvals.views import ApprovalView, GroupView, approval_to_see, approval_view, how_it_ended
from usecases.wording import to_the_minute

VOTES_SHOWN = 12  # ours: everybody who decides where nine do, and some more
COMMENT_SHOWN = 200  # characters on the card; the whole comment is kept
LINES_ROOM = 24_000  # bytes of UTF-16 for what is asked about; ours: a long rollback and some links
LINE_SHOWN = 400  # characters of each value where they do not fit; the card of the subject has them whole
TEXT_SHOWN = 3_000  # characters of the words that are decided about; ours: far below what fits in a message

_HEAD = {
    ApprovalState.PENDING: ("◷", "Waiting for a decision", "accent"),
    ApprovalState.APPROVED: ("✓", "Approved", "good"),
    ApprovalState.REJECTED: ("✕", "Rejected", "attention"),
    ApprovalState.EXPIRED: ("◌", "Expired without a decision", "warning"),
    ApprovalState.WITHDRAWN: ("↩", "Withdrawn", "emphasis"),
}
_SAID = {Decision.APPROVE: "✓ Approved", Decision.REJECT: "✕ Rejected"}


def approval_card(view: ApprovalView, reader: Person | None, *, comment: str = "") -> Card:
    """Draw it for one reader, or (None) for everybody; `comment` is what was typed already."""
    sign, state, style = _HEAD[view.approval.state]
    zone = reader.time_zone if reader else None
    head = [
        kit.block(f"{sign} **{state}**  ·  Approval {view.approval.id}", size="Small"),
        kit.block(kit.plain(view.subject.title), weight="Bolder", size="Medium", spacing="None"),
    ]
    body = [kit.container(head, style=style, bleed=True)]
    body += [kit.facts(_lines(view.subject.lines))] if view.subject.lines else []
    if view.subject.text:
        body.append(kit.container([kit.block(kit.plain(kit.shortened(view.subject.text, TEXT_SHOWN)))], separator=True))
    body.append(kit.facts(_about(view, zone), separator=True))
    body += [_vote(person, vote, kit.moment(vote.at, zone, view.now)) for person, vote in view.votes[-VOTES_SHOWN:]]
    ended = how_it_ended(view.approval, view.decided_by, view.now)
    body += [kit.block(kit.plain(ended))] if ended else []
    if not view.enough_left:
        body.append(kit.block("⚠ Too few people are left who may decide this.", weight="Bolder"))
    body += _comment_field(comment) if reader is not None and view.may(reader) else []
    return kit.card(body, speak=spoken(view, reader), actions=_buttons(view, reader), **_refresh(view, reader))


def decide_button(approval: Approval | None) -> list[Card]:
    """Lead from the card of a subject to the question about it; nothing where there is none any more."""
    if approval is None or not approval.is_open:
        return []
    return [kit.execute("Decide", "approval.view", {"approval": approval.id})]


def spoken(view: ApprovalView, reader: Person | None) -> str:
    """Say it in a sentence for one reader, or for everybody."""
    if not view.approval.is_open:
        return f"{view.subject.title}: {how_it_ended(view.approval, view.decided_by, view.now)}"
    until = to_the_minute(view.approval.expires_at, reader.time_zone if reader else None)
    if reader is not None and view.may(reader):
        return f"{view.requester.name} asks you to approve “{view.subject.title}” until {until}."
    who = " and ".join(_still_needed(group) for group in view.groups)
    return f"“{view.subject.title}” waits for a decision until {until}. {who}."


def _lines(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Show all of it, unless a rollback and ten links as long as they may be would be too much for a message."""
    whole = [(name, kit.plain(value)) for name, value in lines]
    if kit.weight(whole) <= LINES_ROOM:
        return whole
    return [(name, kit.plain(kit.shortened(value, LINE_SHOWN))) for name, value in lines]


def _about(view: ApprovalView, zone: str | None) -> list[tuple[str, str]]:
    pairs = [("Asked by", kit.plain(view.requester.name))]
    if view.approval.is_open:
        pairs += [("Decided by", kit.plain("; ".join(_still_needed(group) for group in view.groups)))]
        pairs += [("Until", to_the_minute(view.approval.expires_at, zone))]
    return pairs


def _still_needed(group: GroupView) -> str:
    needed = "1 person" if group.needed == 1 else f"{group.needed} people"
    return f"{group.name} ({min(group.said_yes, group.needed)} of {needed})"


def _vote(person: Person, vote: Vote, at: str) -> Card:
    said = f"{_SAID[vote.decision]}: **{kit.plain(person.name)}**, {at}"
    comment = f"  \n{kit.plain(kit.shortened(vote.comment, COMMENT_SHOWN))}" if vote.comment else ""
    return kit.block(said + comment, size="Small")


def _comment_field(comment: str) -> list[Card]:
    return [
        kit.text_input(
            "comment",
            "Comment (needed to reject)",
            isMultiline=True,
            maxLength=COMMENT_LIMIT,
            placeholder="What should be changed?",
            **({"value": comment} if comment else {}),
        )
    ]


def _buttons(view: ApprovalView, reader: Person | None) -> list[Card]:
    about = {"approval": view.approval.id}
    if not view.approval.is_open:
        return []
    if reader is None:
        return decide_button(view.approval)
    if view.may(reader):
        return [
            kit.execute("Approve", "approval.approve", about, style="positive"),
            kit.execute("Reject", "approval.reject", about, style="destructive"),
        ]
    if reader.id == view.requester.id:
        return [kit.execute("Withdraw", "approval.withdraw", about)]
    return []


def _refresh(view: ApprovalView, reader: Person | None) -> dict[str, Any]:
    """Let the card show each reader their own view; their number is limited, for all others there is "Decide"."""
    if not view.approval.is_open:
        return {}
    readers = [reader] if reader else [view.requester, *view.may_decide]
    ids = [person.channel_user_id for person in readers if person.channel_user_id][: kit.REFRESH_LIMIT]
    action = kit.execute("Refresh", "approval.view", {"approval": view.approval.id})
    return {"refresh": {"action": action, "userIds": ids}} if ids else {}


def approvals_card(
    waiting: Sequence[ApprovalView],
    asked: Sequence[ApprovalView],
    zone: str | None,
    *,
    more_waiting: int = 0,
    more_asked: int = 0,
) -> Card:
    """List what waits for a reader, and what they have asked themselves; each row opens its card.

    So many more of each are there and not shown.
    """
    rows = [*(_row(view, zone, "Decide") for view in waiting), *_and_more(more_waiting, "expire later")]
    if asked:
        rows += [kit.block("You asked", weight="Bolder", separator=True), *(_row(v, zone, "Open") for v in asked)]
        rows += _and_more(more_asked, "are older")
    count = len(waiting) + more_waiting
    head = f"{count} wait for you" if count != 1 else "1 waits for you"
    said = f"{head}." if waiting else "Nothing waits for your decision."
    body = [kit.block("Approvals", weight="Bolder", size="Large", style="heading"), kit.block(said), *rows]
    return kit.card(body, speak=said)


def _and_more(count: int, which: str) -> list[Card]:
    return [kit.block(f"And {count} more, which {which}.", isSubtle=True)] if count else []


def _row(view: ApprovalView, zone: str | None, title: str) -> Card:
    return kit.container(
        [
            kit.block(kit.plain(view.subject.title), weight="Bolder"),
            kit.block(
                f"{kit.plain(view.requester.name)}  ·  until {to_the_minute(view.approval.expires_at, zone)}  ›",
                size="Small",
                isSubtle=True,
                spacing="None",
            ),
        ],
        separator=True,
        selectAction=kit.execute(
            f"{title} {kit.unmarked(view.subject.title)}", "approval.view", {"approval": view.approval.id}
        ),
    )


# -- the buttons ------------------------------------------------------------------------------------------------------


def _number(data: Mapping[str, Any]) -> int:
    number = carried.number(data, "approval")
    if number is None:
        raise Refused("This card does not say what it asks. Write `approvals` to see what waits for a decision.")
    return number


def _typed(data: Mapping[str, Any]) -> str:
    comment = data.get("comment")
    return comment if isinstance(comment, str) else ""


def _approve(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return _decided(turn, data, Decision.APPROVE)


def _reject(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return _decided(turn, data, Decision.REJECT)


def _decided(turn: Turn, data: Mapping[str, Any], decision: Decision) -> Answer:
    outcome = deciding.decide(turn.store, turn.actor, _number(data), decision, comment=_typed(data), now=turn.now)
    return _drawn(turn, outcome.approval, notice=outcome.notice)


def _withdraw(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return _drawn(turn, deciding.withdraw(turn.store, turn.actor, _number(data), turn.now).approval)


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return _drawn(turn, approval_to_see(turn.store, _number(data)), comment=_typed(data))


def _drawn(turn: Turn, approval: Approval, *, comment: str = "", notice: str | None = None) -> Reply:
    view = approval_view(turn.store, approval, turn.zone, turn.now)
    card = approval_card(view, turn.actor, comment=comment)
    if notice:
        card["body"].insert(0, kit.notice(notice))
    return Reply(text=spoken(view, turn.actor), card=card)


VERBS = (
    Verb(name="approval.approve", run=_approve, again="approval.view"),
    Verb(name="approval.reject", run=_reject, again="approval.view"),
    Verb(name="approval.withdraw", run=_withdraw, again="approval.view"),
    Verb(name="approval.view", run=_view, kind="view"),
)
