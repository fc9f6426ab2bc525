"""Action items as a card and in lists, and what their buttons do."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.cards import carried, kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.action import Action, ActionKind, ActionState
from domain.conversation import ConversationKind
from domain.errors import Refused
from usecases import actions, letters
from usecases.actions import telling
from usecases.actions.doing import Result, action_to_see
from usecases.actions.views import PAGE, ActionList, ActionView, Wanted, action_view, listed
from usecases.wording import to_the_minute

WORDS_SHOWN = 600  # characters on a card; the whole text is kept
KINDS: Mapping[ActionKind, str] = {
    ActionKind.PREVENT: "Prevent: it does not happen again",
    ActionKind.DETECT: "Detect: it is seen sooner",
    ActionKind.MITIGATE: "Mitigate: it hurts less",
    ActionKind.PROCESS: "Process: people work together better",
}
_HEAD = {
    ActionState.OPEN: ("◷", "Action item", "accent"),
    ActionState.DONE: ("✓", "Done", "good"),
    ActionState.DROPPED: ("■", "Dropped", "emphasis"),
}
_OVERDUE = ("⚠", "Action item, overdue", "warning")


def action_card(view: ActionView, zone: str | None, *, said: str = "") -> Card:
    """Draw an action item; `zone` None: several people read it, times are UTC."""
    action = view.action
    sign, state, style = _OVERDUE if action.is_overdue(view.today) else _HEAD[action.state]
    head = [
        kit.block(f"{sign} **{state}**  ·  {action.name}", size="Small"),
        kit.block(kit.plain(action.title), weight="Bolder", size="Medium", spacing="None", style="heading"),
    ]
    body = [
        *([kit.notice(said)] if said else []),
        kit.container(head, style=style, bleed=True),
        kit.facts(_facts(view, zone)),
        *([kit.block(kit.plain(kit.shortened(action.words, WORDS_SHOWN)))] if action.words else []),
    ]
    return kit.card(body, speak=spoken(view), actions=_buttons(action))


def spoken(view: ActionView) -> str:
    """Say how it stands in a sentence."""
    action = view.action
    name = f"“{action.title}” ({action.name.lower()}, {view.owner.name})"
    if action.is_open:
        return f"{name} {'was' if action.is_overdue(view.today) else 'is'} due {day(action.due_on, view.today)}."
    return f"{view.closed_by} has {'done' if action.state is ActionState.DONE else 'dropped'} {name}."


def day(due_on: date, today: date) -> str:
    """Write a day and how far away it is: "Fri 2026-12-04, in 3 days"."""
    away = (due_on - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(away) or (
        f"in {away} days" if away > 0 else f"{-away} days ago"
    )
    return f"{due_on:%a %Y-%m-%d}, {near}"


def _facts(view: ActionView, zone: str | None) -> list[tuple[str, str]]:
    action = view.action
    due = day(action.due_on, view.today) if action.is_open else f"{action.due_on:%a %Y-%m-%d}"
    pairs = [("Owner", kit.plain(view.owner.name)), ("Due", due), ("Type", KINDS[action.kind])]
    pairs += [("Repair", "Yes: it counts as reactive work")] if action.repair else []
    pairs += [("Incident", kit.plain(view.incident))] if view.incident else []
    pairs += [("Factor", kit.plain(kit.shortened(action.factor, WORDS_SHOWN)))] if action.factor else []
    pairs.append(("Asked by", f"{kit.plain(view.made_by)}, {to_the_minute(action.made_at, zone)}"))
    if action.closed_at is not None:
        word = _HEAD[action.state][1]
        pairs.append((word, f"{kit.plain(view.closed_by)}, {to_the_minute(action.closed_at, zone)}"))
    return pairs


def _buttons(action: Action) -> list[Card]:
    about = {"action": action.id}
    if not action.is_open:
        return [kit.execute("Reopen", "action.reopen", about)]
    return [
        kit.execute("Done", "action.done", about, style="positive"),
        kit.execute("Move", "action.move", about),
        kit.execute("Hand over", "action.hand", about),
        kit.execute("Drop", "action.drop", about),
    ]


# -- lists ------------------------------------------------------------------------------------------------------------


def list_card(found: ActionList, heading: str) -> Card:
    """List action items; each row opens its card."""
    wanted = found.wanted
    body = [kit.block(kit.plain(heading), weight="Bolder", size="Large", style="heading")]
    body += [_row(found, action) for action in found.rows]
    if not found.rows:
        body.append(kit.block("There is none. Press “Add action”, or write “actions add” and what is to be done."))
    shown = (wanted.page - 1) * PAGE + len(found.rows)
    kept = _carried(wanted)
    buttons = [
        kit.execute("Add action", "action.add", {"incident": wanted.incident} if wanted.incident else {}),
        kit.execute("Mine", "action.list", {"which": "mine"}),
        kit.execute("Overdue", "action.list", {"which": "overdue"}),
    ]
    if shown < found.total:
        body.append(kit.block(f"{shown} of {found.total} are shown.", isSubtle=True))
        buttons.append(kit.execute("More", "action.list", {**kept, "page": wanted.page + 1}))
    names = "; ".join(f"{a.name} {kit.shortened(a.title, 60)}" for a in found.rows) or "none"
    return kit.card(body, speak=f"{heading}: {names}.", actions=buttons, wide=True)


def _row(found: ActionList, action: Action) -> Card:
    today = found.today(action)
    sign, state, _ = _OVERDUE if action.is_overdue(today) else _HEAD[action.state]
    word = "Overdue" if action.is_overdue(today) else "Open" if action.is_open else state
    owner = kit.plain(found.owners[action.owner].name)
    return kit.container(
        [
            kit.block(f"**{action.name}**  ·  {sign} {word}  ·  {action.kind.capitalize()}  ›", size="Small"),
            kit.block(kit.plain(action.title), spacing="None", weight="Bolder"),
            kit.block(f"{owner}  ·  due {day(action.due_on, today)}", size="Small", isSubtle=True, spacing="None"),
        ],
        separator=True,
        selectAction=kit.execute(f"Open {action.name.lower()}", "action.view", {"action": action.id}),
    )


def _carried(wanted: Wanted) -> dict[str, Any]:
    if wanted.incident is not None:
        return {"which": "incident", "incident": wanted.incident}
    if wanted.team is not None:
        return {"which": "team", "team": wanted.team.id}
    return {"which": "overdue" if wanted.overdue else "mine" if wanted.owner else "all"}


def shown_list(turn: Turn, wanted: Wanted, heading: str) -> Reply:
    """Answer with a list."""
    card = list_card(listed(turn.store, wanted, turn.now), heading)
    return Reply(text=card["speak"], card=card)


# -- the buttons ------------------------------------------------------------------------------------------------------


def action_of(data: Mapping[str, Any]) -> int:
    """Read which action item a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "action")
    if number is None:
        raise Refused("This card does not say which action it belongs to. Write `actions` to see what is open.")
    return number


def drawn(turn: Turn, result: Result) -> Reply:
    """Show how it stands."""
    view = action_view(turn.store, result.action, turn.now)
    return Reply(text=spoken(view), card=action_card(view, turn.zone, said=result.notice))


def answered(turn: Turn, result: Result) -> Reply:
    """Answer a press on a card, and bring that card up to date for everybody who sees it."""
    action = result.action
    known = any(card.activity_id == turn.message_id for card in turn.store.actions.cards(action.id))
    if turn.message_id and not turn.private and not result.notice and not known:
        alone = turn.place.kind is ConversationKind.PERSONAL
        letters.draw_again(
            turn.store,
            turn.place,
            turn.message_id,
            telling.CARD,
            key=f"action:{action.id}:v{action.version}:at:{turn.message_id}",
            coalesce=f"action:{action.id}:at:{turn.message_id}",
            version=action.version,
            action=action.id,
            reader=turn.actor.id if alone else None,
        )
    return drawn(turn, result)


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return drawn(turn, Result(action=action_to_see(turn.store, action_of(data))))


def _opens(form: str) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        action = action_to_see(turn.store, action_of(data))
        if not action.is_open:
            return drawn(turn, Result(action=action, notice=f"{action.name} is {action.state} already."))
        return OpenForm(name=form, values={"action": action.id, "embedded": True})

    return run


def _done(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return answered(turn, actions.finish(turn.store, turn.actor, action_of(data), "", turn.now))


def _reopen(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return answered(turn, actions.reopen(turn.store, turn.actor, action_of(data), turn.now))


def _list(turn: Turn, data: Mapping[str, Any]) -> Answer:
    page, which = carried.number(data, "page") or 1, data.get("which")
    team = turn.store.catalog.team(str(data.get("team"))) if which == "team" else None
    if which == "incident":
        incident = turn.incidents.show(turn.actor, incident_of(data)).incident
        return shown_list(turn, Wanted(incident=incident.id, page=page), f"Actions of {incident.ref}")
    if team is not None:
        return shown_list(turn, Wanted(team=team, page=page), f"Open actions of {team.name}")
    if which == "mine":
        return shown_list(turn, Wanted(owner=turn.actor, page=page), "My open actions")
    if which == "overdue":
        return shown_list(turn, Wanted(overdue=True, page=page), "Overdue actions")
    return shown_list(turn, Wanted(page=page), "Open actions")


def _add(turn: Turn, data: Mapping[str, Any]) -> Answer:
    incident = turn.incidents.show(turn.actor, incident_of(data)).incident.id if "incident" in data else None
    return OpenForm(name="action", values={"embedded": True, **({"incident": incident} if incident else {})})


AGAIN = "action.view"
VERBS = (
    Verb(name="action.view", run=_view, kind="view", again=AGAIN),
    Verb(name="action.list", run=_list, kind="view", again="action.list"),
    Verb(name="action.add", run=_add, kind="view", again="action.list"),
    Verb(name="incident.action", run=_add, kind="view"),
    Verb(name="action.done", run=_done, again=AGAIN),
    Verb(name="action.reopen", run=_reopen, again=AGAIN),
    Verb(name="action.move", run=_opens("action-move"), kind="view", again=AGAIN),
    Verb(name="action.hand", run=_opens("action-hand"), kind="view", again=AGAIN),
    Verb(name="action.drop", run=_opens("action-drop"), kind="view", again=AGAIN),
)
