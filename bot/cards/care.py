"""Planned care as a card: one time of a task, what was shown for it, and lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.cards import carried, kit
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.care import CareState, Occurrence, Proof
from domain.conversation import ConversationKind
from domain.errors import Refused
from domain.people import Person
from usecases import letters
from usecases.care import doing, telling
from usecases.care.doing import Result, care_to_see, shown_of
from usecases.care.quota import Quota, quota_of
from usecases.care.views import CareRow, CareView, Wanted, care_view, last_done, listed, neglect
from usecases.wording import exact

ROWS = 10  # tasks in a list; ours: what fits two phone screens
WORDS_SHOWN = 300  # characters of a note or reason on a card; the whole text is kept
_HEAD = {
    CareState.OPEN: ("◷", "Planned care", "accent"),
    CareState.DONE: ("✓", "Done", "good"),
    CareState.SKIPPED: ("↷", "Skipped", "emphasis"),
    CareState.MISSED: ("✕", "Missed", "attention"),
    CareState.DROPPED: ("■", "Stopped", "emphasis"),
}
_OVERDUE = ("⚠", "Planned care, overdue", "warning")


def care_card(view: CareView, zone: str | None, *, reader: Person | None = None, said: str = "") -> Card:
    """Draw one time of a task; `zone` None: several people read it, times are UTC."""
    task, shown = view.task, view.shown
    sign, state, style = _OVERDUE if view.is_overdue else _HEAD[shown.state]
    head = [
        kit.block(f"{sign} **{state}**  ·  Care {task.id}", size="Small"),
        kit.block(kit.plain(task.title), weight="Bolder", size="Medium", spacing="None"),
    ]
    body = [kit.notice(said)] if said else []
    body += [kit.container(head, style=style, bleed=True), kit.facts(_about(view, zone))]
    missed = neglect(task, view.now)
    body += [kit.block(f"⚠ Neglected: {missed}.", weight="Bolder")] if missed and shown.is_open else []
    body += _ended(view, zone)
    body += [kit.block(_latest(view, one, zone), size="Small", spacing="Small") for one in view.latest]
    return kit.card(body, speak=spoken(view, zone), actions=_buttons(view, reader))


def spoken(view: CareView, zone: str | None) -> str:
    """Say how one time stands in a sentence."""
    task, shown = view.task, view.shown
    name, due = f"“{task.title}” ({task.ref})", exact(shown.due_at, zone)
    match shown.state:
        case CareState.OPEN:
            missed = neglect(task, view.now)
            return f"{name} {'was' if view.is_overdue else 'is'} due {due}{f'; {missed}' if missed else ''}."
        case CareState.DONE | CareState.SKIPPED:
            return f"{view.name(shown.closed_by)} {_did(shown)} {name}, due {due}."
        case CareState.MISSED:
            return f"{name} was missed: nobody did it before the next time. It was due {due}."
        case CareState.DROPPED:
            return f"{name} has stopped."


def due_text(view: CareView, zone: str | None) -> str:
    """Say that the moment comes, or has come."""
    missed, now = neglect(view.task, view.now), "now, " if view.is_overdue else ""
    return (
        f"“{view.task.title}” ({view.task.ref}) is due {now}{exact(view.shown.due_at, zone)}"
        f"{f'; {missed}' if missed else ''}. Press “Done” on its card, or write `care done {view.task.id}`."
    )


def overdue_text(view: CareView, zone: str | None, *, last: bool) -> str:
    """Tell the lead that nobody does it."""
    task = view.task
    owner = f"{view.owner.name} looks after it" if view.owner else "nobody looks after it"
    end = "I do not remind anybody of it again until it is done, skipped or stopped." if last else ""
    return (
        f"“{task.title}” ({task.ref}) is overdue: it was due {exact(view.shown.due_at, zone)}; {owner}; "
        f"{neglect(task, view.now) or last_done(task, view.now)}. Can you see to it? "
        f"Write `care assign {task.id} @person` or `care skip {task.id} <reason>`. {end}"
    ).strip()


def _about(view: CareView, zone: str | None) -> list[tuple[str, str]]:
    task, team = view.task, view.team.name if view.team else view.task.team
    pairs = [("Team", kit.plain(team))]
    pairs += [("Service", kit.plain(view.service.name if view.service else task.service))] if task.service else []
    pairs += [("Due", exact(view.shown.due_at, zone)), ("Comes back", kit.plain(task.rhythm.words()))]
    pairs += [("Owner", kit.plain(_owner(view)))]
    pairs += [("Planned", f"{_figure(task.hours)} h each time")] if task.hours else []
    wanted = [f"a {task.evidence}"] if task.evidence else []
    wanted += ["a sign-off by somebody else"] if task.sign_off else []
    return pairs + ([("Wants", " and ".join(wanted))] if wanted else [])


def _owner(view: CareView) -> str:
    if view.owner is None:
        return "nobody"
    if view.reminded is None or view.reminded.id == view.owner.id:
        return view.owner.name
    return f"{view.owner.name}, who has no Teams account: {view.reminded.name} is reminded"


def _ended(view: CareView, zone: str | None) -> list[Card]:
    """Say how this time ended, what was shown for it, and when the next one is."""
    task, shown = view.task, view.shown
    rows: list[Card] = []
    if shown.closed_at is not None and shown.state in (CareState.DONE, CareState.SKIPPED):
        who = kit.plain(view.name(shown.closed_by))
        rows.append(kit.block(f"{_HEAD[shown.state][1]} by **{who}**, {exact(shown.closed_at, zone)}", separator=True))
    rows += _proof(shown.proof)
    rows += [kit.block(kit.plain(kit.shortened(shown.reason, WORDS_SHOWN)))] if shown.reason else []
    if shown.signed_off_at is not None:
        by = kit.plain(view.name(shown.signed_off_by))
        rows.append(kit.block(f"✓ Signed off by **{by}**, {exact(shown.signed_off_at, zone)}"))
    elif view.waits is not None:
        when = "" if shown.id == view.waits.id else f" of {exact(view.waits.due_at, zone)}"
        rows.append(kit.block(f"◷ Waits for a sign-off{when}: {kit.plain(view.name(view.waits.closed_by))} did it."))
    if task.stopped_at is not None:
        who = f" by {kit.plain(view.name(task.stopped_by))}" if task.stopped_by is not None else ""
        rows.append(kit.block(f"■ Stopped{who}, {exact(task.stopped_at, zone)}", separator=True))
        rows += [kit.block(kit.plain(kit.shortened(task.stop_reason, WORDS_SHOWN)))] if task.stop_reason else []
    elif view.next is not None and view.next.id != shown.id:
        rows.append(kit.block(f"Next due {exact(view.next.due_at, zone)}"))
    return rows


def _proof(proof: Proof) -> list[Card]:
    rows = [kit.block(kit.plain(kit.shortened(proof.note, WORDS_SHOWN)))] if proof.note else []
    address = kit.web_address(proof.link) if proof.link else None
    if proof.link:
        rows.append(kit.block(kit.link("Evidence", address) if address else kit.plain(kit.shortened(proof.link, 80))))
    figures = [_figure(proof.number)] if proof.number is not None else []
    figures += [f"{_figure(proof.hours)} h spent"] if proof.hours is not None else []
    return rows + ([kit.block("  ·  ".join(figures))] if figures else [])


def _latest(view: CareView, one: Occurrence, zone: str | None) -> str:
    sign, state, _ = _HEAD[one.state]
    who = f" by {kit.plain(view.name(one.closed_by))}" if one.closed_by is not None else ""
    return f"{sign} {exact(one.due_at, zone)}: {state.lower()}{who}"


def _did(occurrence: Occurrence) -> str:
    return "did" if occurrence.state is CareState.DONE else "skipped"


def _figure(number: float) -> str:
    return f"{number:.15g}"


def _buttons(view: CareView, reader: Person | None) -> list[Card]:
    about = {"care": view.task.id, "occurrence": view.shown.id}
    buttons: list[Card] = []
    if view.shown.is_open:
        buttons += [
            kit.execute("Done", "care.finish", about, style="positive"),
            kit.execute("Hand over", "care.hand", about),
            kit.execute("Skip", "care.skip", about),
        ]
    if view.waits is not None and (reader is None or reader.id != view.waits.closed_by):
        buttons.append(kit.execute("Sign off", "care.signoff", {**about, "occurrence": view.waits.id}))
    return buttons


# -- lists ------------------------------------------------------------------------------------------------------------


def list_card(
    rows: Sequence[CareRow], heading: str, zone: str | None, now: datetime, quota: Quota | None = None
) -> Card:
    """List tasks; each row opens its card."""
    said = [_quota(quota)] if quota is not None else []
    body = [kit.block(kit.plain(heading), weight="Bolder", size="Large", style="heading"), *map(kit.block, said)]
    body += [_row(row, zone, now) for row in rows[:ROWS]]
    if not rows:
        body.append(kit.block("There is none. Press “Plan care”, or write “care add” and a title."))
    if len(rows) > ROWS:
        more = f"… and {len(rows) - ROWS} more. Name a team or a service to see fewer, as in “care list team:payments”."
        body.append(kit.block(more, isSubtle=True))
    actions = [
        kit.execute("Plan care", "care.plan", {}),
        *(
            kit.execute(title, "care.list", {"which": which})
            for title, which in (("Mine", "mine"), ("Overdue", "overdue"))
        ),
    ]
    names = "; ".join(f"{row.task.ref} {kit.shortened(row.task.title, 60)}" for row in rows[:ROWS]) or "none"
    return kit.card(body, speak=" ".join([f"{heading}: {names}.", *said]), actions=actions, wide=True)


def _row(row: CareRow, zone: str | None, now: datetime) -> Card:
    task, overdue = row.task, row.next.is_due(now)
    sign = "⚠ Overdue" if overdue else "◷ Planned"
    details = [kit.plain(task.service or task.team), kit.plain(row.owner.name if row.owner else "nobody")]
    details += [neglect(task, now)] if task.missed else []
    return kit.container(
        [
            kit.block(
                f"**Care {task.id}**  ·  {sign}  ·  {'was due' if overdue else 'due'} {exact(row.next.due_at, zone)}  ›",
                size="Small",
            ),
            kit.block(kit.plain(task.title), spacing="None", weight="Bolder"),
            kit.block("  ·  ".join(details), size="Small", isSubtle=True, spacing="None"),
        ],
        separator=True,
        selectAction=kit.execute(f"Open care {task.id}", "care.view", {"care": task.id}),
    )


def _quota(quota: Quota) -> str:
    against = f" against a quota of {_short(quota.quota)} h" if quota.quota is not None else "; no quota is set"
    return f"Planned {_short(quota.planned)} h a week{against}; last 4 weeks kept {_short(quota.kept)} h a week (n={quota.n})."


def _short(hours: float) -> str:
    return f"{round(hours, 1):.15g}"


def shown_list(turn: Turn, wanted: Wanted, heading: str) -> Reply:
    """Answer with a list."""
    team = turn.store.catalog.team(wanted.team) if wanted.team else None
    quota = quota_of(turn.store, team, turn.now) if team is not None else None
    card = list_card(listed(turn.store, wanted, turn.now), heading, turn.zone, turn.now, quota)
    return Reply(text=card["speak"], card=card)


# -- the buttons ------------------------------------------------------------------------------------------------------


def care_of(data: Mapping[str, Any]) -> int:
    """Read which task a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "care")
    if number is None:
        raise Refused("This card does not say which care it belongs to. Write `care list` to see what is planned.")
    return number


def occurrence_of(data: Mapping[str, Any]) -> int:
    """Read which time a button was drawn for; 0 where it names none."""
    return carried.number(data, "occurrence") or 0


def drawn(turn: Turn, result: Result) -> Reply:
    """Show how it stands."""
    view = care_view(turn.store, result.task, result.occurrence, turn.now)
    return Reply(text=spoken(view, turn.zone), card=care_card(view, turn.zone, reader=turn.actor, said=result.notice))


def answered(turn: Turn, result: Result) -> Reply:
    """Answer a press on a card, and bring that card up to date for everybody who sees it."""
    cards = turn.store.care.cards(result.occurrence.id)
    known = any(card.activity_id == turn.message_id for card in cards)
    if turn.message_id and not turn.private and not result.notice and not known:
        alone = turn.place.kind is ConversationKind.PERSONAL
        letters.draw_again(
            turn.store,
            turn.place,
            turn.message_id,
            telling.CARD,
            key=f"care:{result.task.id}:v{result.task.version}:at:{turn.message_id}",
            coalesce=f"care:{result.task.id}:at:{turn.message_id}",
            version=result.task.version,
            occurrence=result.occurrence.id,
            reader=turn.actor.id if alone else None,
        )
    return drawn(turn, result)


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    task = care_to_see(turn.store, care_of(data))
    found = turn.store.care.occurrence(occurrence_of(data))
    mine = found is not None and found.task == task.id and found.state is not CareState.MISSED
    return drawn(turn, Result(task=task, occurrence=found if found and mine else shown_of(turn.store, task)))


def _opens(form: str) -> Any:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        task = care_to_see(turn.store, care_of(data))
        return OpenForm(name=form, values={"care": task.id, "occurrence": occurrence_of(data), "embedded": True})

    return run


def _sign_off(turn: Turn, data: Mapping[str, Any]) -> Answer:
    number, time = care_of(data), occurrence_of(data)
    return answered(turn, doing.sign_off(turn.store, turn.actor, number, turn.now, occurrence=time))


def _list(turn: Turn, data: Mapping[str, Any]) -> Answer:
    which = data.get("which")
    if which == "overdue":
        return shown_list(turn, Wanted(overdue=True), "Overdue care")
    if which == "mine":
        return shown_list(turn, Wanted(owner=turn.actor), "My planned care")
    return shown_list(turn, Wanted(), "Planned care")


def _plan(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - an empty form
    return OpenForm(name="care", values={"embedded": True})


AGAIN = "care.view"
VERBS = (
    Verb(name="care.view", run=_view, kind="view", again=AGAIN),
    Verb(name="care.list", run=_list, kind="view", again="care.list"),
    Verb(name="care.plan", run=_plan, kind="view", again="care.list"),
    Verb(name="care.finish", run=_opens("care-done"), kind="view", again=AGAIN),
    Verb(name="care.hand", run=_opens("care-assign"), kind="view", again=AGAIN),
    Verb(name="care.skip", run=_opens("care-skip"), kind="view", again=AGAIN),
    Verb(name="care.signoff", run=_sign_off, again=AGAIN),
)
