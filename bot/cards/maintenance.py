"""A maintenance window as a card, the list of them, and what their buttons do."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.cards import carried, kit
from bot.cards.approval import decide_button
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.conversation import ConversationKind
from domain.errors import Refused
from domain.maintenance import Done, Maintenance, may_finish
from domain.maintenance import MaintenanceState as State
from domain.people import Person
from usecases import maintenance
from usecases.maintenance import Changed, MaintenanceList, MaintenanceView, words
from usecases.maintenance.clashes import told_clashes
from usecases.wording import between, exact, listed, to_the_minute

WORDS_SHOWN = 500  # characters of impact, runbook, evidence or reason; all of them together stay below Teams' limit
SERVICES_SHOWN = 10  # names in a row; a window seldom has more

_SIGNS = {
    State.AWAITING_APPROVAL: ("◷ Waiting for approval", "accent"),
    State.PLANNED: ("○ Planned", "emphasis"),
    State.IN_PROGRESS: ("▶ In progress", "warning"),
    State.OVERRUN: ("▲ Overrun", "attention"),
    State.DONE: ("✔ Done", "good"),
    State.CANCELLED: ("✖ Cancelled", "emphasis"),
}


def maintenance_card(view: MaintenanceView, reader: Person | None, *, said: str = "") -> Card:
    """Draw a window for one reader, or (None) for several; `said` stands above it."""
    zone = reader.time_zone if reader else None
    body = [
        *([kit.notice(said)] if said else []),
        _band(view.window),
        kit.facts(_facts(view, zone), spacing="Medium"),
        *_runbook(view.window.runbook),
        *_clashes(view, zone),
    ]
    return kit.card(body, speak=spoken(view, zone), actions=_buttons(view, reader), **_refresh(view, reader))


def spoken(view: MaintenanceView, zone: str | None) -> str:
    """Say a window in a sentence, for notifications and screen readers."""
    window = view.window
    state = _SIGNS[window.state][0].partition(" ")[2].lower()
    waits = f" for {view.asked}" if view.asked else ""
    return f"{words.titled(window)}: {state}{waits}, {words.when(window, zone)}."


def draft_lines(view: MaintenanceView, zone: str | None) -> list[Card]:
    """Show what would be planned: its next times, and what it clashes with."""
    window = view.window
    told = [between(*span, zone) for span in (_span(window), *view.times)]
    head = "Next times" if window.recurrence else "When"
    rows = [kit.block(line, spacing="Small") for line in told]
    repeats = [kit.block(kit.plain(words.repeats(window)), spacing="Small")] if window.recurrence else []
    none = [] if view.clashes else [kit.block("✔ No clashes with other windows or open incidents.", spacing="Small")]
    return [kit.container([kit.block(head, weight="Bolder"), *repeats, *rows, *none]), *_clashes(view, zone)]


def _band(window: Maintenance) -> Card:
    sign, style = _SIGNS[window.state]
    state = kit.block(f"{sign}  ·  {window.name}", weight="Bolder", size="Small")
    title = kit.block(kit.plain(window.title), size="Large", weight="Bolder", style="heading", spacing="None")
    return kit.container([state, title], style=style, bleed=True)


def _facts(view: MaintenanceView, zone: str | None) -> list[tuple[str, str]]:
    window = view.window
    pairs = [
        ("Services", kit.plain(listed(view.services, most=SERVICES_SHOWN))),
        ("When", words.when(window, zone)),
    ]
    if window.recurrence is not None:
        pairs.append(("Repeats", kit.plain(words.repeats(window))))
    if view.times:
        pairs.append(("Then", "; ".join(exact(starts_at, zone) for starts_at, _ in view.times)))
    pairs.append(("Owner", kit.plain(view.name(window.owner))))
    if window.scheduled_by != window.owner:
        pairs.append(("Planned by", kit.plain(view.name(window.scheduled_by))))
    pairs += [("Impact", _cut(window.impact))] if window.impact else []
    pairs += [("Runbook", _cut(window.runbook))] if window.runbook and not kit.web_address(window.runbook) else []
    return [*pairs, *_approval(view, zone), *_ended(view, zone)]


def _approval(view: MaintenanceView, zone: str | None) -> list[tuple[str, str]]:
    if view.asked and view.approval is not None:
        return [("Approval", f"{kit.plain(view.asked)}, until {to_the_minute(view.approval.expires_at, zone)}")]
    if view.window.state is State.PLANNED and view.approval is None:
        return [("Approval", "none: nobody on the other side of its services could give it")]
    return []


def _ended(view: MaintenanceView, zone: str | None) -> list[tuple[str, str]]:
    window, pairs = view.window, list[tuple[str, str]]()
    if window.done is not None:
        head = "Done" if window.state is State.DONE else "Last time"
        pairs.append((head, f"{kit.plain(view.name(window.done.by))}, {to_the_minute(window.done.at, zone)}"))
        pairs.append(("Evidence", _cut(window.done.evidence)))
        pairs.append(("Sign-off", _sign_off(view, window.done)))
    if window.state is State.CANCELLED:
        by = [("Cancelled by", kit.plain(view.name(window.cancelled_by)))] if window.cancelled_by is not None else []
        pairs += [*by, *([("Reason", _cut(window.reason))] if window.reason else [])]
        pairs += [("Next", "Move it to another time to ask again.")] if window.unapproved else []
    return pairs


def _sign_off(view: MaintenanceView, done: Done) -> str:
    if done.signed_off_by is not None:
        return f"✔ {kit.plain(view.name(done.signed_off_by))}"
    return "waits for somebody of the other side" if view.signers else "none: nobody is on the other side"


def _clashes(view: MaintenanceView, zone: str | None) -> list[Card]:
    told = told_clashes(view.clashes, zone)
    if not told:
        return []
    rows = [kit.block(f"⚠ {kit.plain(line)}", spacing="Small") for line in told]
    return [kit.container([kit.block("Clashes", weight="Bolder"), *rows], separator=True, spacing="Medium")]


def _runbook(text: str) -> list[Card]:
    """Link to it; facts hold no links."""
    address = kit.web_address(text)
    return [kit.block(kit.link("Runbook", address))] if address else []


def _cut(text: str) -> str:
    return kit.plain(kit.shortened(text, WORDS_SHOWN))


def _span(window: Maintenance) -> tuple[datetime, datetime]:
    return window.starts_at, window.ends_at


# -- the list ----------------------------------------------------------------------------------------------------------


def list_card(found: MaintenanceList, zone: str | None) -> Card:
    """Draw what runs now, in the next week, and later."""
    sections = (("Running now", found.running), ("Next 7 days", found.soon), ("Later", found.later))
    body = [kit.block("Maintenance", weight="Bolder", size="Large", style="heading")]
    for head, windows in sections:
        if windows:
            rows = [_row(window, zone) for window in windows]
            body.append(kit.container([kit.block(head, weight="Bolder"), *rows], separator=True, spacing="Medium"))
    if len(body) == 1:
        body.append(kit.block("Nothing is planned."))
    body += [kit.block(f"And {found.more} more.", isSubtle=True)] if found.more else []
    plan = kit.execute("Plan maintenance", "maintenance.plan", {})
    return kit.card(body, speak=list_spoken(found), actions=[plan])


def list_spoken(found: MaintenanceList) -> str:
    """Say how much there is."""
    coming = len(found.soon) + len(found.later) + found.more
    if not found.running and not coming:
        return "No maintenance is planned."
    return (
        f"Maintenance: {len(found.running)} running now, {len(found.soon)} in the next 7 days, {coming} planned in all."
    )


def _row(window: Maintenance, zone: str | None) -> Card:
    sign = _SIGNS[window.state][0]
    services = kit.plain(listed(window.services, most=kit.NAMES))
    lines = [
        kit.block(f"**{window.id}**  {kit.plain(window.title)}"),
        kit.block(f"{sign}  ·  {services}  ·  {words.when(window, zone)}", size="Small", isSubtle=True, spacing="None"),
    ]
    show = kit.execute("Show", "maintenance.view", {"maintenance": window.id})
    return kit.container(lines, selectAction={**show, "tooltip": f"Show {window.name}"}, spacing="Small")


# -- the buttons -------------------------------------------------------------------------------------------------------


def _buttons(view: MaintenanceView, reader: Person | None) -> list[Card]:
    """Offer what makes sense now. Who may is looked up at the press: several people read this card."""
    window = view.window
    about = {"maintenance": window.id, "began": window.starts_at.isoformat()}
    done = kit.execute("Done", "maintenance.done", about, style="positive")
    longer = kit.execute("Extend 30 min", "maintenance.extend", {**about, "ends": window.ends_at.isoformat()})
    move, cancel = kit.execute("Move", "maintenance.move", about), kit.execute("Cancel", "maintenance.cancel", about)
    skip = [kit.execute("Skip this one", "maintenance.skip", about)] if window.recurrence is not None else []
    found: list[Card] = []
    if window.is_running:
        found = [done, longer, cancel]
    elif window.state is State.PLANNED:
        found = [move, *skip, cancel]
    elif window.state is State.AWAITING_APPROVAL:
        found = [*decide_button(view.approval), move, cancel]
    elif window.unapproved:
        found = [move]
    signs = window.done is not None and bool(view.signers) and (reader is None or reader.id in view.signers)
    if signs and window.done is not None:
        at = {"maintenance": window.id, "done": window.done.at.isoformat()}
        found.append(kit.execute("Sign off", "maintenance.signoff", at, style="positive"))
    return found


def _refresh(view: MaintenanceView, reader: Person | None) -> dict[str, Any]:
    """Let the card of one reader bring itself up to date: an answer to a command is redrawn by nobody else."""
    if reader is None or reader.channel_user_id is None or (view.window.is_final and not view.signers):
        return {}
    action = kit.execute("Refresh", "maintenance.view", {"maintenance": view.window.id})
    return {"refresh": {"action": action, "userIds": [reader.channel_user_id]}}


def window_in(data: Mapping[str, Any]) -> int:
    """Read which window a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "maintenance")
    if number is None:
        raise Refused("This card does not say which maintenance it belongs to. Write `maintenance list` to go on.")
    return number


def moment_carried(data: Mapping[str, Any], name: str) -> datetime | None:
    """Read a moment a button carries; None where it carries none."""
    value = data.get(name)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None


def shown(turn: Turn, view: MaintenanceView, *, said: str = "") -> Reply:
    """Answer with the card as it is now for whoever asked."""
    reader = turn.actor if turn.zone else None
    text = f"{said} {spoken(view, turn.zone)}".strip()
    return Reply(text=text, card=maintenance_card(view, reader, said=said))


def answered(turn: Turn, changed: Changed, *, closes: bool = False) -> Reply:
    """Answer a change: with the card where only the asker reads it; in a channel its post would stand twice."""
    reply = shown(turn, changed.view, said=changed.notice)
    alone = turn.private or turn.place.kind is ConversationKind.PERSONAL
    if alone or (turn.message_id is not None and not closes):
        return replace(reply, closes=closes)
    return Reply(text=f"{changed.notice} {spoken(changed.view, None)}".strip(), closes=closes)


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    window = maintenance.to_see(turn.store, window_in(data))
    return shown(turn, maintenance.maintenance_view(turn.store, window, turn.now))


def _list(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - there is one list
    found = maintenance.maintenance_list(turn.store, turn.now)
    return Reply(text=list_spoken(found), card=list_card(found, turn.zone))


def _extend(turn: Turn, data: Mapping[str, Any]) -> Answer:
    ends_at = moment_carried(data, "ends")
    if ends_at is None:
        raise Refused("This card does not say which end it shows. Write `maintenance list` to go on.")
    changed = maintenance.extend(turn.store, turn.actor, window_in(data), ends_at, turn.now)
    return shown(turn, changed.view, said=changed.notice)


def _sign(turn: Turn, data: Mapping[str, Any]) -> Answer:
    done_at = moment_carried(data, "done")
    return shown(turn, maintenance.sign_off(turn.store, turn.actor, window_in(data), turn.now, done_at=done_at))


def _plan(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - an empty form
    del turn
    return OpenForm(name="maintenance-schedule", values={"embedded": True})


def _open_done(turn: Turn, data: Mapping[str, Any]) -> Answer:
    window = maintenance.to_offer(turn.store, turn.actor, window_in(data))
    began = moment_carried(data, "began")
    if window.state is State.DONE or (began is not None and began != window.starts_at):
        said = f"{window.name} is done already."
        return shown(turn, maintenance.maintenance_view(turn.store, window, turn.now), said=said)
    may_finish(window)
    return _form("maintenance-done", window)


def _open_move(turn: Turn, data: Mapping[str, Any]) -> Answer:
    window = maintenance.to_offer(turn.store, turn.actor, window_in(data))
    if window.is_final:
        raise Refused(f"{window.name} is over, so it cannot be moved. Plan another one.")
    return _form("maintenance-move", window)


def _open_cancel(turn: Turn, data: Mapping[str, Any]) -> Answer:
    window = maintenance.to_offer(turn.store, turn.actor, window_in(data))
    if window.is_final:
        raise Refused(f"{window.name} is over already.")
    return _form("maintenance-cancel", window)


def _open_skip(turn: Turn, data: Mapping[str, Any]) -> Answer:
    window = maintenance.to_offer(turn.store, turn.actor, window_in(data))
    return _form("maintenance-skip", window)


def _form(name: str, window: Maintenance) -> OpenForm:
    return OpenForm(
        name=name, values={"maintenance": window.id, "began": window.starts_at.isoformat(), "embedded": True}
    )


AGAIN = "maintenance.view"
VERBS = (
    Verb(name=AGAIN, run=_view, kind="view", again=AGAIN),
    Verb(name="maintenance.list", run=_list, kind="view", again="maintenance.list"),
    Verb(name="maintenance.plan", run=_plan, kind="view", again="maintenance.list"),
    Verb(name="maintenance.extend", run=_extend, again=AGAIN),
    Verb(name="maintenance.signoff", run=_sign, again=AGAIN),
    Verb(name="maintenance.done", run=_open_done, kind="view", again=AGAIN),
    Verb(name="maintenance.move", run=_open_move, kind="view", again=AGAIN),
    Verb(name="maintenance.cancel", run=_open_cancel, kind="view", again=AGAIN),
    Verb(name="maintenance.skip", run=_open_skip, kind="view", again=AGAIN),
)
