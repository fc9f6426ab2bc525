"""A change as a card, and what its buttons do."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.cards import carried, kit
from bot.cards.approval import decide_button
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.change import ChangeState, Risk
from domain.errors import Refused
from domain.people import Person
from usecases.changes import outcomes
from usecases.changes.views import ChangeView, change_view
from usecases.wording import exact, listed, to_the_minute

STATE = {
    ChangeState.PROPOSED: "Waits for approval",
    ChangeState.PLANNED: "Planned",
    ChangeState.DONE: "Done",
    ChangeState.FAILED: "Failed",
    ChangeState.ROLLED_BACK: "Rolled back",
    ChangeState.REJECTED: "Rejected",
    ChangeState.CANCELLED: "Cancelled",
}
RISK_SIGN = {Risk.LOW: "○", Risk.MEDIUM: "◆", Risk.HIGH: "▲"}
LINKS_SHOWN = 5
"""Links written out; ours: a change seldom has more, and the API has them all."""


def change_card(view: ChangeView, reader: Person | None, *, question: bool = False) -> Card:
    """Draw a change: for everybody in UTC, for one `reader` in their zone too. `question` asks how it went."""
    change = view.change
    head = f"{change.name}  ·  {risk_of(change.risk)}  ·  {STATE[change.state]}"
    body = [
        *([kit.notice(f"How did {change.name} go? Nobody has said it yet.")] if question else []),
        kit.block(head, size="Small"),
        kit.block(kit.plain(change.title), weight="Bolder", size="Medium", style="heading", spacing="None"),
        kit.facts(_facts(view, reader.time_zone if reader else None)),
        *_warnings(view),
        *_text("Rollback", change.rollback),
        *_text("Comment", change.comment),
        *_links(change.links),
    ]
    return kit.card(body, speak=spoken(view), actions=_buttons(view))


def spoken(view: ChangeView) -> str:
    """Say a change in a sentence."""
    change = view.change
    return f"{change.name}, {change.risk} risk, on {view.service_name}: {change.title} ({STATE[change.state].lower()})."


def risk_of(risk: Risk) -> str:
    """Write a risk with its sign: no colour alone says it."""
    return f"{RISK_SIGN[risk]} {risk.capitalize()} risk"


def _facts(view: ChangeView, zone: str | None) -> list[tuple[str, str]]:
    change = view.change
    pairs = [("Service", kit.plain(view.service_name)), ("At", to_the_minute(change.at, zone))]
    pairs += [("Until", exact(change.ends_at, zone))] if change.ends_at else []
    by_program = change.recorded_by is None and view.author != change.source
    pairs.append(("By", kit.plain(f"{view.author}, {change.source}" if by_program else view.author)))
    if change.state is ChangeState.PROPOSED and view.asked:
        pairs.append(("To approve", kit.plain(listed(view.asked))))
    if view.approved_by:
        pairs.append(("Approved by", kit.plain(listed(view.approved_by, most=kit.NAMES))))
    if view.ended_by and change.ended_at and change.state not in (ChangeState.PROPOSED, ChangeState.PLANNED):
        pairs.append(
            (f"{STATE[change.state]} by", f"{kit.plain(view.ended_by)}, {to_the_minute(change.ended_at, zone)}")
        )
    if view.causes:
        pairs.append(("Cause of", listed(view.causes, most=kit.NAMES)))
    return pairs


def _warnings(view: ChangeView) -> list[Card]:
    """Say that it falls into a freeze, and whose approval is missing because nobody could give it."""
    said = [f"It falls into the freeze “{kit.plain(view.freeze)}”."] if view.freeze else []
    if view.missing_approvals and not view.asked:
        said.append("Nobody else could approve it, so it is planned without an approval.")
    elif view.missing_approvals:
        said.append(f"Only {kit.plain(listed(view.asked))} could be asked: the other side has nobody to approve it.")
    return [kit.block(f"⚠ {sentence}") for sentence in said]


def _text(title: str, text: str) -> list[Card]:
    return (
        [kit.container([kit.label(title), kit.block(kit.plain(text), spacing="None")], spacing="Small")] if text else []
    )


def _links(links: tuple[str, ...]) -> list[Card]:
    addresses = [address for link in links if (address := kit.web_address(link))]
    if not addresses:
        return []
    more = f"  ·  {len(addresses) - LINKS_SHOWN} more" if len(addresses) > LINKS_SHOWN else ""
    named = [
        kit.link(f"Link {n}" if len(addresses) > 1 else "Link", a) for n, a in enumerate(addresses[:LINKS_SHOWN], 1)
    ]
    return [kit.block("  ·  ".join(named) + more, size="Small")]


def _buttons(view: ChangeView) -> list[Card]:
    about = {"change": view.change.id}
    offered = (
        ("Done", "change.done", ChangeState.DONE),
        ("Rolled back", "change.rollback", ChangeState.ROLLED_BACK),
        ("Cancel", "change.cancel", ChangeState.CANCELLED),
    )
    said = [kit.execute(title, verb, about) for title, verb, state in offered if view.change.may_become(state)]
    return [*decide_button(view.approval), *said]


# -- the buttons ------------------------------------------------------------------------------------------------------


def change_in(data: Mapping[str, Any]) -> int:
    """Read which change a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "change")
    if number is None:
        raise Refused("This card does not say which change it belongs to. Write `change list` and open it from there.")
    return number


def drawn(turn: Turn, change_id: int) -> Reply:
    """Show a change to whoever pressed."""
    view = change_view(turn.store, change_id, turn.now)
    return Reply(text=spoken(view), card=change_card(view, turn.actor))


def _saying(state: ChangeState) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        outcomes.say(turn.store, turn.actor, change_in(data), state, turn.now)
        return drawn(turn, change_in(data))

    return run


def _roll_back(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - the form reads the change itself
    return OpenForm(name="change_rollback", values={"change": change_in(data), "embedded": True})


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return drawn(turn, change_in(data))


VERBS = (
    Verb(name="change.done", run=_saying(ChangeState.DONE), again="change.view"),
    Verb(name="change.cancel", run=_saying(ChangeState.CANCELLED), again="change.view"),
    Verb(name="change.rollback", run=_roll_back, kind="view", again="change.view"),
    Verb(name="change.view", run=_view, kind="view", again="change.view"),
)
