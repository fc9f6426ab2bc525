"""A swap as a card: the question to the one who is asked, and how it ended, for both."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.cards import kit
from bot.cards.override import number_in
from bot.turn import Answer, Card, Reply, Turn, Verb
from domain.people import Person
from domain.swap import SwapState
from usecases import letters, swaps
from usecases.ports import Store
from usecases.swaps import SwapView
from usecases.wording import between


def swap_card(view: SwapView, reader: Person) -> Card:
    """Draw a swap for one of its two people."""
    swap = view.swap
    first, second = (view.takes, view.gives) if reader.id == swap.other else (view.gives, view.takes)
    giver, taker = ("Give", "Take") if reader.id in (swap.asker, swap.other) else ("First", "Second")
    pairs = [(giver, between(*first, reader.time_zone)), (taker, between(*second, reader.time_zone))]
    body = [
        kit.block(kit.plain(swap.schedule), size="Small", isSubtle=True),
        kit.block(kit.plain(_headline(view, reader)), weight="Bolder", size="Medium", spacing="None"),
        kit.facts(pairs),
    ]
    body += [kit.block(f"⚠ {kit.plain(view.stale)}")] if view.stale else []
    return kit.card(body, speak=spoken(view, reader), actions=_buttons(view, reader), **_refresh(view, reader))


def spoken(view: SwapView, reader: Person) -> str:
    """Say a swap in sentences for one of its two people."""
    zone = reader.time_zone
    first, second = (view.takes, view.gives) if reader.id == view.swap.other else (view.gives, view.takes)
    times = f"You give {between(*first, zone)} and take {between(*second, zone)}."
    return f"{view.swap.schedule}: {_headline(view, reader)}. {times}"


def _headline(view: SwapView, reader: Person) -> str:
    asker, other = view.asker.name, view.other.name
    if reader.id == view.swap.asker:
        asked = f"{other} is asked already" if view.repeated else f"You asked {other} to swap shifts"
        return {
            SwapState.ASKED: f"{asked}; nothing changes until they accept",
            SwapState.ACCEPTED: f"{other} accepted: your shifts are swapped",
            SwapState.DECLINED: f"{other} declined to swap shifts; nothing changes",
            SwapState.WITHDRAWN: f"You withdrew the swap with {other}; nothing changes",
        }[view.swap.state]
    return {
        SwapState.ASKED: f"{asker} asks to swap shifts with you",
        SwapState.ACCEPTED: f"You swapped shifts with {asker}",
        SwapState.DECLINED: f"You declined to swap shifts with {asker}; nothing changes",
        SwapState.WITHDRAWN: f"{asker} withdrew the swap; nothing changes",
    }[view.swap.state]


def _buttons(view: SwapView, reader: Person) -> list[Card]:
    if view.swap.state is not SwapState.ASKED:
        return []
    about = {"swap": view.swap.id}
    if reader.id == view.swap.asker:
        return [kit.execute("Withdraw", "swap.withdraw", about)]
    accept = [] if view.stale else [kit.execute("Accept swap", "swap.accept", about, style="positive")]
    return [*accept, kit.execute("Decline", "swap.decline", about)]


def _refresh(view: SwapView, reader: Person) -> dict[str, Any]:
    """Let the card of one reader bring itself up to date while it can still change."""
    if view.swap.state is not SwapState.ASKED or reader.channel_user_id is None:
        return {}
    action = kit.execute("Refresh", "swap.view", {"swap": view.swap.id})
    return {"refresh": {"action": action, "userIds": [reader.channel_user_id]}}


# -- the buttons ------------------------------------------------------------------------------------------------------


def _deciding(
    decide: Callable[[Store, Person, int, datetime], SwapView],
) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        shown = decide(turn.store, turn.actor, number_in(data, "swap"), turn.now)
        if turn.message_id and not turn.private and not shown.repeated:
            letters.draw_again(
                turn.store,
                turn.place,
                turn.message_id,
                swaps.LETTER,
                key=f"swap:{shown.swap.id}:{shown.swap.state}:at:{turn.message_id}",
                coalesce=f"swap:{shown.swap.id}:{turn.message_id}",
                version=shown.swap.version,
                swap=shown.swap.id,
                reader=turn.actor.id,
                state=str(shown.swap.state),
            )
        return _drawn(turn, shown)

    return run


def _drawn(turn: Turn, shown: SwapView) -> Reply:
    return Reply(text=spoken(shown, turn.actor), card=swap_card(shown, turn.actor))


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return _drawn(turn, swaps.view(turn.store, number_in(data, "swap"), turn.now))


VERBS = (
    Verb(name="swap.accept", run=_deciding(swaps.accept), again="swap.view"),
    Verb(name="swap.decline", run=_deciding(swaps.decline), again="swap.view"),
    Verb(name="swap.withdraw", run=_deciding(swaps.withdraw), again="swap.view"),
    Verb(name="swap.view", run=_view, kind="view"),
)
