"""Maintenance windows: planned work on services, once or again and again, with evidence at its end.

Each step is a pure function: window in, window out. It returns None when things are already so (a second press, a
redelivered message) and raises `Refused` when the step makes no sense now. Times are aware datetimes in UTC.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.incident import TITLE_LIMIT, checked_text
from domain.recurrence import Recurrence
from domain.zones import instant

REMINDED_BEFORE = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=15))
"""How long before the start people are reminded (contract section 8)."""
EXTENSION = timedelta(minutes=30)
"""What one press of "Extend 30 min" adds."""
LONGEST = timedelta(days=30)
"""Of one window; ours: what lasts longer is no maintenance but a change of how things are."""
GRACE = timedelta(minutes=10)
"""How long ago a start may be when a window is planned; ours: so long somebody fills in the form."""
WORDS_LIMIT = 2_000
"""Characters of impact, evidence or a reason; ours: a card with all of them stays below Teams' limit."""
SERVICES_LIMIT = 50
"""Services of one window; ours: a card that names more is read by nobody."""


class MaintenanceState(StrEnum):
    """How a window stands; of one that comes again, how its current or next occurrence does."""

    AWAITING_APPROVAL = "awaiting_approval"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    OVERRUN = "overrun"
    """Its end has passed, and nobody has said that it is done."""
    DONE = "done"
    CANCELLED = "cancelled"


_CLOCKS = timedelta(hours=3)
"""More than any change of the clocks adds to a window."""
_COMING = (MaintenanceState.AWAITING_APPROVAL, MaintenanceState.PLANNED)
_RUNNING = (MaintenanceState.IN_PROGRESS, MaintenanceState.OVERRUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """That somebody has said it is done. `at` is UTC; of a window that comes again it is the last time."""

    by: int
    at: datetime
    evidence: str
    signed_off_by: int | None = None
    """Who on the other side has looked at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """One window. People are named by their ids, services by their catalogue ids, times are UTC and half-open."""

    id: int
    title: str
    services: tuple[str, ...]
    starts_at: datetime
    """Of the current or next occurrence."""
    ends_at: datetime
    lasts: timedelta
    """From start to end on the wall clock of `zone`, without extensions: every occurrence takes as long."""
    zone: str
    """IANA name of the time zone in which it was planned."""
    owner: int
    scheduled_by: int
    scheduled_at: datetime
    recurrence: Recurrence | None = None
    """When it comes again; None: it happens once."""
    slot: datetime | None = None
    """When the rule lets the current or next occurrence begin; it differs from `starts_at` where that one was moved."""
    impact: str = ""
    """What people notice."""
    runbook: str = ""
    """What is done, as words or an address."""
    state: MaintenanceState = MaintenanceState.AWAITING_APPROVAL
    plan: int = 0
    """Grows whenever its moments change: what was planned for an earlier plan counts no more."""
    done: Done | None = None
    cancelled_by: int | None = None
    """Who cancelled it; None: nobody did, or time has."""
    reason: str = ""
    """Why it was cancelled."""
    unapproved: bool = False
    """Cancelled because of its approval: moved to another time, it is asked about again."""
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def name(self) -> str:
        """How people write it: "Maintenance 7"."""
        return f"Maintenance {self.id}"

    @property
    def is_coming(self) -> bool:
        """Whether it has not begun yet."""
        return self.state in _COMING

    @property
    def is_running(self) -> bool:
        """Whether people work on the services now."""
        return self.state in _RUNNING

    @property
    def is_over(self) -> bool:
        """Whether nothing comes of it any more."""
        return not (self.is_coming or self.is_running)

    @property
    def is_final(self) -> bool:
        """Whether it is over for good: nobody can revive it."""
        return self.is_over and not self.unapproved

    def content(self) -> dict[str, Any]:
        """Everything that somebody approves; another content needs another approval."""
        return {
            "title": self.title,
            "services": [*self.services],
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "recurrence": self.recurrence.rule if self.recurrence else None,
            "zone": self.zone,
            "impact": self.impact,
            "runbook": self.runbook,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody wants to plan. `state` and everything that follows come from `schedule`."""

    title: str
    services: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    zone: str
    owner: int
    recurrence: Recurrence | None = None
    impact: str = ""
    runbook: str = ""


def schedule(plan: Plan, *, by: int, at: datetime) -> Maintenance:
    """Plan a window; `id` is 0 until it is stored. Raise Refused with one sentence for what cannot be planned.

    A rule that does not fit the start moves it to the first moment that does.
    """
    if not plan.services:
        raise Refused("Name at least one service, such as service:checkout.")
    if len(plan.services) > SERVICES_LIMIT:
        raise Refused(f"That names {len(plan.services)} services; {SERVICES_LIMIT} is the most for one window.")
    starts_at, ends_at = plan.starts_at, plan.ends_at
    _require_order(starts_at, ends_at)
    lasts = _wall(ends_at, plan.zone) - _wall(starts_at, plan.zone)
    slot = plan.recurrence.next_at_or_after(starts_at) if plan.recurrence else None
    if slot is not None and slot != starts_at:
        starts_at, ends_at = slot, _end_of(slot, lasts, plan.zone)
    _require_future(starts_at, ends_at, at)
    following = plan.recurrence.after(starts_at) if plan.recurrence else None
    if following is not None and following < ends_at:
        raise Refused("It would begin again before it has ended: choose a shorter window, or repeat it less often.")
    return Maintenance(
        id=0,
        title=_title(plan.title),
        services=plan.services,
        starts_at=starts_at,
        ends_at=ends_at,
        lasts=lasts,
        zone=plan.zone,
        owner=plan.owner,
        scheduled_by=by,
        scheduled_at=at,
        recurrence=plan.recurrence,
        slot=slot,
        impact=_checked(plan.impact, "impact"),
        runbook=_checked(plan.runbook, "runbook"),
    )


def approve(window: Maintenance) -> Maintenance | None:
    """Let it happen; None when it waits for nobody."""
    if window.state is not MaintenanceState.AWAITING_APPROVAL:
        return None
    return _stepped(replace(window, state=MaintenanceState.PLANNED, plan=window.plan + 1))


def disapprove(window: Maintenance, reason: str, person: int | None) -> Maintenance | None:
    """Call it off because nobody approved it; None when it waits for nobody."""
    if window.state is not MaintenanceState.AWAITING_APPROVAL:
        return None
    return _cancelled(window, person, reason, unapproved=True)


def begin(window: Maintenance) -> Maintenance | None:
    """Let it start; None where it was not approved, or has begun or ended already."""
    if window.state is not MaintenanceState.PLANNED:
        return None
    return _stepped(replace(window, state=MaintenanceState.IN_PROGRESS))


def overrun(window: Maintenance, at: datetime) -> Maintenance | None:
    """Say that its end has passed; None where it has not, or nobody works on it."""
    if window.state is not MaintenanceState.IN_PROGRESS or at < window.ends_at:
        return None
    return _stepped(replace(window, state=MaintenanceState.OVERRUN))


def move(window: Maintenance, starts_at: datetime, ends_at: datetime, at: datetime) -> Maintenance | None:
    """Give it, or the next occurrence, another time; None when it has exactly this one. It has to be approved again.

    While it runs only its end moves; to begin later it would have to stop first. One that was cancelled because of its approval is asked about again.
    """
    if window.is_running:
        if starts_at > max(at, window.starts_at):
            raise Refused(
                f"{window.name} is running, so only its end moves. Say that it is done, and plan another one."
            )
        return extend(window, ends_at, at)
    _require_not_final(window, "moved")
    if window.is_coming and (starts_at, ends_at) == (window.starts_at, window.ends_at):
        return None
    _require_order(starts_at, ends_at)
    _require_future(starts_at, ends_at, at)
    once = window.recurrence is None
    return _stepped(
        replace(
            window,
            starts_at=starts_at,
            ends_at=ends_at,
            lasts=_wall(ends_at, window.zone) - _wall(starts_at, window.zone) if once else window.lasts,
            state=MaintenanceState.AWAITING_APPROVAL,
            plan=window.plan + 1,
            cancelled_by=None,
            reason="",
            unapproved=False,
        )
    )


def extend(window: Maintenance, ends_at: datetime, at: datetime) -> Maintenance | None:
    """Give a running one another end; None when it ends then already. Raise Refused where it does not run."""
    if not window.is_running:
        raise Refused(f"{window.name} does not run now, so its end cannot be moved alone: write both times.")
    if ends_at == window.ends_at:
        return None
    if ends_at <= max(at, window.starts_at):
        raise Refused(f"That end has passed. {window.name} is running: choose a later end, or say that it is done.")
    if ends_at - window.starts_at > LONGEST:
        raise Refused(f"A window lasts at most {LONGEST.days} days. Say that it is done, and plan another one.")
    return _stepped(replace(window, ends_at=ends_at, state=MaintenanceState.IN_PROGRESS, plan=window.plan + 1))


def finish(window: Maintenance, evidence: str, *, by: int, at: datetime) -> Maintenance | None:
    """Say that it is done, with evidence; None when that was said already. One that comes again waits for its next time."""
    if window.state is MaintenanceState.DONE:
        return None
    may_finish(window)
    said = Done(
        by=by, at=at, evidence=_checked(evidence, "evidence", "Write a note, a link or a number that shows it.")
    )
    return _next(replace(window, done=said, state=MaintenanceState.DONE), window, at)


def may_finish(window: Maintenance) -> None:
    """Raise Refused where there is nothing that could be done."""
    if window.is_coming:
        raise Refused(f"{window.name} has not begun yet, so it cannot be done. To call it off, cancel it.")
    if window.state is MaintenanceState.CANCELLED:
        raise Refused(f"{window.name} is cancelled. Plan another one.")


def cancel(window: Maintenance, reason: str, *, by: int) -> Maintenance | None:
    """Call it off with all that was still to come; None when that was done already.

    One that nobody approved keeps the words of whoever did not, unless there are newer ones.
    """
    if window.state is MaintenanceState.CANCELLED and not window.unapproved:
        return None
    _require_not_final(window, "cancelled")
    words = _checked(reason, "reason") or (window.reason if window.unapproved else "")
    return _cancelled(window, by, words, unapproved=False)


def skip(window: Maintenance, reason: str, *, at: datetime) -> Maintenance:
    """Leave one occurrence out, also one that runs. Raise Refused for a window that happens once."""
    if window.recurrence is None:
        raise Refused(f"{window.name} happens once: to call it off, cancel it.")
    _require_not_final(window, "skipped")
    if window.state is MaintenanceState.AWAITING_APPROVAL or window.is_over:
        raise Refused(f"{window.name} is not approved, so there is no occurrence to skip. Move or cancel it.")
    words = _checked(reason, "reason")
    return _next(replace(window, state=MaintenanceState.CANCELLED, reason=words), window, at)


def sign_off(window: Maintenance, person: int) -> Maintenance | None:
    """Say that the evidence was looked at; None when this person has said so. Who may is another question."""
    if window.done is None:
        raise Refused(f"{window.name} is not done yet, so there is nothing to sign off.")
    if window.done.signed_off_by is not None:
        if window.done.signed_off_by == person:
            return None
        raise Refused(f"{window.name} is signed off already.")
    if window.done.by == person:
        raise Refused("You said that it is done, so somebody of the other side has to sign it off.")
    return _stepped(replace(window, done=replace(window.done, signed_off_by=person)))


def next_times(window: Maintenance, count: int) -> list[tuple[datetime, datetime]]:
    """List the current or next occurrence and those that follow by the rule, at most `count`."""
    found = [(window.starts_at, window.ends_at)]
    while len(found) < count and window.recurrence is not None:
        starts_at = _following(window, found[-1][1])
        if starts_at is None:
            break
        window = replace(window, slot=starts_at)
        found.append((starts_at, _end_of(starts_at, window.lasts, window.zone)))
    return found[:count]


def happens_in(window: Maintenance, start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """Find the first time of a window, now or by its rule, that overlaps [start, end); None where none does."""
    if window.starts_at < end and start < window.ends_at:
        return window.starts_at, window.ends_at
    if window.recurrence is None or window.slot is None:
        return None
    for starts_at in window.recurrence.between(max(start - window.lasts - _CLOCKS, window.slot), end):
        ends_at = _end_of(starts_at, window.lasts, window.zone)
        if starts_at > window.slot and start < ends_at:
            return starts_at, ends_at
    return None


# -- inside ------------------------------------------------------------------------------------------------------------


def _next(ended: Maintenance, before: Maintenance, at: datetime) -> Maintenance:
    """Go on to the next occurrence, which was approved with the first; where there is none any more, it is over.

    One that should have begun while this one overran is left out.
    """
    starts_at = _following(before, max(before.ends_at, at))
    if starts_at is None:
        return _stepped(replace(ended, plan=before.plan + 1))
    return _stepped(
        replace(
            ended,
            state=MaintenanceState.PLANNED,
            starts_at=starts_at,
            ends_at=_end_of(starts_at, before.lasts, before.zone),
            slot=starts_at,
            reason="",
            plan=before.plan + 1,
        )
    )


def _following(window: Maintenance, ended: datetime) -> datetime | None:
    """Find the next beginning by the rule that is later than the last one and not before that one's end."""
    if window.recurrence is None or window.slot is None:
        return None
    following = window.recurrence.after(window.slot)
    return following if following is None or following >= ended else window.recurrence.next_at_or_after(ended)


def _end_of(starts_at: datetime, lasts: timedelta, zone: str) -> datetime:
    """Give the end on the wall clock; where the clocks swallow the whole window, it lasts as long all the same."""
    ends_at = instant(_wall(starts_at, zone) + lasts, zone)
    return ends_at if ends_at > starts_at else starts_at + lasts


def _wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _cancelled(window: Maintenance, person: int | None, reason: str, *, unapproved: bool) -> Maintenance:
    return _stepped(
        replace(
            window,
            state=MaintenanceState.CANCELLED,
            cancelled_by=person,
            reason=reason,
            unapproved=unapproved,
            plan=window.plan + 1,
        )
    )


def _require_order(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Refused("A window ends after it begins: choose a later end.")
    if ends_at - starts_at > LONGEST:
        raise Refused(f"A window lasts at most {LONGEST.days} days: choose an earlier end.")


def _require_future(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if starts_at < at - GRACE or ends_at <= at:
        raise Refused("That start has passed: choose a later one, or write now.")


def _require_not_final(window: Maintenance, what: str) -> None:
    if window.state is MaintenanceState.DONE:
        raise Refused(f"{window.name} is done, so it cannot be {what}. Plan another one.")
    if window.is_final:
        raise Refused(f"{window.name} is cancelled, and that is final. Plan another one.")


def _title(text: str) -> str:
    words = " ".join(checked_text(text, "title").split()) if text.strip() else ""
    if not words:
        raise Refused("A maintenance window needs a title: say in a few words what is done.")
    if len(words) > TITLE_LIMIT:
        raise Refused(
            f"That title has {len(words)} characters; {TITLE_LIMIT} is the most. Put the rest into the impact."
        )
    return words


def _checked(text: str, what: str, ask: str = "") -> str:
    """Take words that may be left out, unless they are asked for."""
    if not text.strip():
        if ask:
            raise Refused(f"The {what} is empty. {ask}")
        return ""
    words = checked_text(text, what)
    if len(words) > WORDS_LIMIT:
        raise Refused(f"That {what} has {len(words)} characters; {WORDS_LIMIT} is the most. Link to the rest.")
    return words


def _stepped(window: Maintenance) -> Maintenance:
    return replace(window, version=window.version + 1)
