"""How paging stands and what the clocks say, as a status card tells it: in words and signs, never in colour alone."""

from datetime import datetime, timedelta

from bot.cards import kit
from bot.turn import Card
from domain.paging import PageResult
from domain.running_escalation import LIVE, EscalationState
from usecases.paging_view import PagedPerson, PagingView
from usecases.views import IncidentView
from usecases.wording import few, few_have, listed

TITLE_SHOWN = 60  # characters of a maintenance's title; ours: enough to know which
FAILURES_SHOWN = 3  # reasons; ours: the card stays readable on a phone

USUALLY_SENT = timedelta(seconds=30)  # ours: only what takes longer is worth a word, a card is not redrawn for less

_ODDLY = {PageResult.UNKNOWN: "may not have arrived", PageResult.HELD: "held back by maintenance"}
_OPEN = (PageResult.PENDING, PageResult.SENT, PageResult.UNKNOWN)


def paging_lines(view: IncidentView, zone: str | None) -> list[Card]:
    """Tell who is paged while an answer is missing, and whoever could not be reached at any time."""
    paging = view.paging
    if view.pages_nobody:
        named = kit.plain(listed([service.name for service in view.services], most=kit.NAMES))
        told = f"⚠ **Nobody is paged:** {named} has no escalation policy. Press Escalate to page somebody."
        return [kit.container([kit.block(told)], style="warning", spacing="Medium")]
    if paging is None or not view.incident.is_open:
        return []
    lines = [*_waiting(view, paging, zone), *map(_failure, _failed(paging)[:FAILURES_SHOWN])]
    if not lines:
        return []
    alarming = paging.state is EscalationState.EXHAUSTED or bool(_failed(paging))
    return [kit.container(lines, style="warning" if alarming else "emphasis", spacing="Medium")]


def paged_fact(view: IncidentView) -> list[tuple[str, str]]:
    """Name those who were paged, once somebody has it."""
    paging = view.paging
    if paging is None or not paging.people or (view.incident.is_open and _is_waiting(view, paging)):
        return []
    reached = [p.name for p in paging.people if p.result is not PageResult.NOT_NEEDED]
    return [("Paged", kit.plain(listed(reached, most=kit.NAMES)))] if reached else []


def clock_facts(view: IncidentView, zone: str | None) -> list[tuple[str, str]]:
    """Tell the time that is left to resolve it, and when the next update is due."""
    deadlines = view.deadlines
    if deadlines is None:
        return []
    left = (deadlines.resolve_by - view.now).total_seconds()
    by = kit.moment(deadlines.resolve_by, zone, view.now, named=False)
    target = f"{kit.span(left)} left, until {by}" if left > 0 else f"⚠ **missed by {kit.span(-left)}**"
    pairs = [("Target", target)]
    if deadlines.update_by is not None:
        due = kit.moment(deadlines.update_by, zone, view.now, named=False)
        late = deadlines.update_by <= view.now
        if late:
            pairs.append(("Update", f"⚠ **overdue since {due}**"))
        else:
            pairs.append(("Next update", f"promised for {due}") if deadlines.is_promised else ("Update", f"due {due}"))
    return pairs


def _waiting(view: IncidentView, paging: PagingView, zone: str | None) -> list[Card]:
    if not _is_waiting(view, paging):
        return []
    match paging.state:
        case EscalationState.WAITING:
            at = f" at {kit.moment(paging.next_at, zone, view.now, named=False)}" if paging.next_at else ""
            waits = f"severity {view.incident.severity} waits for working hours{at}."
            so_far = f" Paged so far: {_named(paging)}." if paging.people else ""
            return [kit.block(f"Nobody {'else ' if so_far else ''}is paged yet: {waits}{so_far}")]
        case EscalationState.HELD:
            return [kit.block(_held(view, paging, zone))]
        case EscalationState.EXHAUSTED:
            return [kit.block(_over(paging))]
        case _:
            return [kit.block("  ·  ".join(_running(view, paging, zone)))]


def _held(view: IncidentView, paging: PagingView, zone: str | None) -> str:
    """Say what holds pages back, until when, and whom."""
    names = kit.plain(listed(paging.next_names, most=kit.NAMES)) or "the next step"
    reached = [p for p in paging.people if p.result is not PageResult.HELD]
    so_far = f" Paged so far: {kit.plain(listed([p.name for p in reached], most=kit.NAMES))}." if reached else ""
    windows = [
        f"maintenance {window.id} “{kit.plain(kit.shortened(window.title, TITLE_SHOWN))}” "
        f"(planned end {kit.moment(window.ends_at, zone, view.now, named=False)})"
        for window in paging.held_by[: kit.NAMES]
    ]
    by = listed(windows) or "maintenance that has just ended"
    return f"◷ **Pages are held back** by {by}. Then it pages {names}.{so_far} Press Escalate to page now."


def _over(paging: PagingView) -> str:
    """Say that there is nobody left to page, and what to do."""
    paged = f" Paged: {_named(paging)}." if paging.people else ""
    if not paging.reached:
        nobody = f"⚠ **Nobody could be paged:** {kit.plain(paging.policy)} reaches nobody now."
        return f"{nobody}{paged} Press Escalate and choose somebody."
    return f"⚠ **{few_have(paging.answers)} acknowledged after all rounds.**{paged} Press Escalate to page again."


def _running(view: IncidentView, paging: PagingView, zone: str | None) -> list[str]:
    parts: list[str] = []
    sent = any(person.result is not PageResult.HELD for person in paging.people)
    if paging.state is EscalationState.RUNNING and sent and not paging.step:
        parts.append(f"**{few(paging.answers)} answered: last resort paged** ({_named(paging)})")
    elif paging.people:
        state = _state_of(paging.people[0], view.now)
        parts.append(f"Paged: **{_named(paging)}**{_step(paging)}, {state}")
        parts += [f"{paging.answers[0]} of {paging.answers[1]} have acknowledged"] if paging.answers else []
    if paging.next_at is not None:
        names = kit.plain(listed(paging.next_names, most=kit.NAMES)) or "the next step"
        parts.append(f"next {names} at {kit.moment(paging.next_at, zone, view.now, named=False)}")
    return parts or ["Nobody has been paged yet"]


def _step(paging: PagingView) -> str:
    if paging.state is not EscalationState.RUNNING or not paging.step:
        return ""
    round_ = f", round {paging.round} of {paging.rounds}" if paging.round > 1 else ""
    return f" (step {paging.step} of {paging.steps}{round_})"


def _state_of(newest: PagedPerson, now: datetime) -> str:
    if newest.result is PageResult.PENDING and now - newest.due_at > USUALLY_SENT:
        return "not delivered yet"
    return _ODDLY.get(newest.result, "not answered yet")


def _named(paging: PagingView) -> str:
    """Name those who were paged last, and the others behind them, without whoever could not be reached."""
    asked = [p for p in paging.people if not _has_answered(p)] or paging.people
    reached = [p for p in asked if p.result is not PageResult.FAILED] or asked
    return kit.plain(listed([p.name for p in reached], most=kit.NAMES))


def _is_waiting(view: IncidentView, paging: PagingView) -> bool:
    """Whether an answer is missing: too few have acknowledged, or somebody was asked for after that."""
    since = view.incident.acknowledged_at
    if since is None or paging.state in (*LIVE, EscalationState.EXHAUSTED):
        return True
    return any(p.due_at > since and p.result in _OPEN and not _has_answered(p) for p in paging.people)


def _has_answered(person: PagedPerson) -> bool:
    """Whether the latest page to somebody was answered: they may be asked again after an earlier one."""
    return person.acknowledged_at is not None and person.acknowledged_at >= person.due_at


def _failed(paging: PagingView) -> list[PagedPerson]:
    return [p for p in paging.people if p.result is PageResult.FAILED]


def _failure(person: PagedPerson) -> Card:
    why = f": {kit.plain(person.detail)}" if person.detail else ""
    return kit.block(f"⚠ **{kit.plain(person.name)} could not be paged**{why}", spacing="Small")
