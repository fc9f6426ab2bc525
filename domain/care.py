"""Planned care: maintenance that comes back by itself, such as a restore test, and what became of each time it was due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import isfinite
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.catalog import WorkingHours
from domain.errors import Refused
from domain.incident import checked_text
from domain.recurrence import Recurrence
from domain.zones import instant

END_OF_DAY = time(17)
"""When care is due on its day, on the wall clock of its team, unless somebody says otherwise; ours."""
START_OF_DAY = time(9)
"""When a day begins on which the team does not work; ours."""
TITLE_LIMIT, WORDS_LIMIT = 120, 1_000
"""Characters of a title, and of evidence or a reason; ours: they fit on a card."""
MOST_HOURS = 200.0
"""Hours of one time; ours: more than a month of one person is a project."""
ROLLED_AT_MOST = 400
"""Missed times that are written down at once; ours: a year of daily care that nobody did while the bot was down."""
_SECOND = timedelta(seconds=1)


class Evidence(StrEnum):
    """What shows that care was done."""

    NOTE = "note"
    LINK = "link"
    NUMBER = "number"


class CareState(StrEnum):
    """How one time stands; all but the first are final."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    """Somebody decided against it, with a reason."""
    MISSED = "missed"
    """The next one was due before it was done."""
    DROPPED = "dropped"
    """Its task was stopped before it was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTask:
    """Something that has to be done again and again. People are named by their ids, times are UTC."""

    id: int
    title: str
    team: str
    """Id of the team that does it."""
    service: str | None = None
    """Id of the service it is about."""
    owner: int | None = None
    """Who does it; None: the team's lead."""
    rhythm: Recurrence
    """When it is due."""
    hours: float = 0
    """Planned for each time; 0 where nobody has said."""
    evidence: Evidence | None = None
    """What has to be shown; None: nothing."""
    sign_off: bool = False
    """Whether somebody else has to look at it afterwards."""
    made_by: int
    made_at: datetime
    done_at: datetime | None = None
    """When it was last done."""
    missed: int = 0
    """Times in a row that it was missed, since it was last done or skipped."""
    stopped_at: datetime | None = None
    stopped_by: int | None = None
    """None: its rhythm ended, or what it was about is gone."""
    stop_reason: str = ""
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def is_running(self) -> bool:
        """Whether it is still going to be due."""
        return self.stopped_at is None

    @property
    def ref(self) -> str:
        """Name it as in commands."""
        return f"care {self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody shows for it; of `hours` None means that nobody has said."""

    note: str = ""
    link: str = ""
    number: float | None = None
    hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time that a task is due. People are named by their ids, times are UTC."""

    id: int
    task: int
    due_at: datetime
    state: CareState = CareState.OPEN
    closed_by: int | None = None
    """Who did it, skipped it or stopped the task; None: time or the bot."""
    closed_at: datetime | None = None
    proof: Proof = Proof()
    reason: str = ""
    """Why it was skipped."""
    signed_off_by: int | None = None
    signed_off_at: datetime | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it can still be done."""
        return self.state is CareState.OPEN

    def is_due(self, now: datetime) -> bool:
        """Whether its moment has come and nobody has done it."""
        return self.is_open and self.due_at <= now

    def waits_for_sign_off(self, task: CareTask) -> bool:
        """Whether somebody else still has to look at it."""
        return task.sign_off and self.state is CareState.DONE and self.signed_off_at is None


@dataclass(frozen=True, slots=True)
class Rolled:
    """What time has made of an open one: those that were missed, oldest first, and the one that is open now."""

    missed: Sequence[Occurrence]
    open: Occurrence


def first(task: CareTask, now: datetime) -> Occurrence:
    """Open the first time at or after now."""
    due_at = task.rhythm.next_at_or_after(max(now, instant(task.rhythm.starts, task.rhythm.zone)))
    if due_at is None:
        raise Refused("This rhythm is over already. Choose a later first date, or another rhythm.")
    return Occurrence(id=0, task=task.id, due_at=due_at)


def following(task: CareTask, occurrence: Occurrence) -> Occurrence | None:
    """Open the time after this one; None: it was the last."""
    due_at = task.rhythm.after(occurrence.due_at)
    return None if due_at is None else Occurrence(id=0, task=task.id, due_at=due_at)


def rolled(task: CareTask, occurrence: Occurrence, now: datetime) -> Rolled | None:
    """Miss an open one whose successor is due, and all successors but the last; None while it can wait."""
    passed = task.rhythm.between(occurrence.due_at + _SECOND, now + timedelta(microseconds=1))
    if not occurrence.is_open or not passed:
        return None
    between = [Occurrence(id=0, task=task.id, due_at=at) for at in passed[:-1][-ROLLED_AT_MOST:]]
    return Rolled(
        [_closed(one, CareState.MISSED, None, now) for one in (occurrence, *between)],
        Occurrence(id=0, task=task.id, due_at=passed[-1]),
    )


def finish(task: CareTask, occurrence: Occurrence, actor: int, proof: Proof, now: datetime) -> Occurrence | None:
    """Do it. None when it was done already. Raise Refused without the evidence that is wanted."""
    if occurrence.state is CareState.DONE:
        return None
    _require_open(occurrence)
    shown = {Evidence.NOTE: proof.note, Evidence.LINK: proof.link, Evidence.NUMBER: proof.number}
    if task.evidence is not None and shown[task.evidence] in ("", None):
        raise Refused(f"Show that it was done: this care wants a {task.evidence}.")
    return replace(_closed(occurrence, CareState.DONE, actor, now), proof=proof)


def skip(occurrence: Occurrence, actor: int, reason: str, now: datetime) -> Occurrence | None:
    """Decide against this one time. None when somebody has done so already. Raise Refused without a reason."""
    if occurrence.state is CareState.SKIPPED:
        return None
    _require_open(occurrence)
    why = checked_words(reason, "reason", "Say why: whoever looks for it later needs to know.")
    return replace(_closed(occurrence, CareState.SKIPPED, actor, now), reason=why)


def dropped(occurrence: Occurrence, actor: int | None, now: datetime) -> Occurrence:
    """Close the open one of a task that stops: missed where it was due, else as if it had never been planned."""
    return _closed(occurrence, CareState.MISSED if occurrence.is_due(now) else CareState.DROPPED, actor, now)


def stop(task: CareTask, actor: int | None, reason: str, now: datetime) -> CareTask | None:
    """End a task for good. None when it has ended already. Raise Refused for a reason that is too long."""
    if not task.is_running:
        return None
    why = checked_words(reason, "reason", "") if reason.strip() else ""
    return replace(task, stopped_at=now, stopped_by=actor, stop_reason=why, version=task.version + 1)


def sign_off(task: CareTask, occurrence: Occurrence, actor: int, now: datetime) -> Occurrence | None:
    """Look at what somebody else did and find it good. None when that has been done. Raise Refused for the doer."""
    if occurrence.signed_off_at is not None:
        return None
    if not occurrence.waits_for_sign_off(task):
        raise Refused("Nothing waits for a sign-off there.")
    if occurrence.closed_by == actor:
        raise Refused("You did it yourself, so somebody else has to sign it off.")
    return replace(occurrence, signed_off_by=actor, signed_off_at=now, version=occurrence.version + 1)


def after(task: CareTask, *closed: Occurrence) -> CareTask:
    """Write into a task what became of its last times."""
    done_at, missed = task.done_at, task.missed
    for one in closed:
        if one.state is CareState.DONE:
            done_at = one.closed_at
        missed = missed + 1 if one.state is CareState.MISSED else 0
    return replace(task, done_at=done_at, missed=missed, version=task.version + 1)


def remind_at(rhythm: Recurrence, due_at: datetime, hours: WorkingHours) -> datetime:
    """Tell when a team that works at these hours is reminded: at the beginning of the working day before.

    Where the one before is due only then or later, such as with daily care, on the morning of the day itself.
    """
    today = due_at.astimezone(ZoneInfo(rhythm.zone)).date()
    days = [today - timedelta(days=back) for back in range(1, 8)]
    day = next((day for day in days if _begins(day, hours) is not None), days[0])
    at = _morning(day, hours, rhythm.zone)
    return min(_morning(today, hours, rhythm.zone), due_at) if rhythm.between(at, due_at) else at


def checked_title(text: str) -> str:
    """Give a title without blank space around it. Raise Refused for none, or a long one."""
    return checked_words(" ".join(text.split()), "title", "Say in a few words what has to be done.", TITLE_LIMIT)


def checked_words(text: str, what: str, ask: str, limit: int = WORDS_LIMIT) -> str:
    """Give what somebody wrote. Raise Refused with the question where it is empty, or too long."""
    if not text.strip():
        raise Refused(f"The {what} is empty. {ask}")
    words = checked_text(text, what)
    if len(words) > limit:
        raise Refused(f"That {what} has {len(words)} characters; {limit} is the most. Link to the rest.")
    return words


def checked_hours(text: str) -> float:
    """Read hours such as 2, 1.5 or 1,5. Raise Refused for anything else; nothing written is 0."""
    if not text.strip():
        return 0
    hours = _number(text)
    if hours is None or not 0 <= hours <= MOST_HOURS:
        raise Refused(f"“{text[:20]}” is no number of hours: write one from 0 to {MOST_HOURS:g}, such as 1.5.")
    return hours


def checked_link(text: str) -> str:
    """Give an address that leads to the web. Raise Refused for anything else; nothing written is nothing."""
    address = text.strip()
    if address and (not is_link(address) or len(address) > WORDS_LIMIT):
        raise Refused(f"“{address[:60]}” is no link: write an address that begins with https:// or http://.")
    return address


def checked_number(text: str) -> float | None:
    """Read a number such as 42 or 99.5. Raise Refused for anything else; nothing written is None."""
    if not text.strip():
        return None
    number = _number(text)
    if number is None:
        raise Refused(f"“{text[:20]}” is no number: write one such as 42 or 99.5.")
    return number


def is_link(text: str) -> bool:
    """Tell whether a text is an address on the web and nothing else."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(c.isspace() for c in text)


# -- inside -----------------------------------------------------------------------------------------------------------


def _closed(occurrence: Occurrence, state: CareState, actor: int | None, now: datetime) -> Occurrence:
    return replace(occurrence, state=state, closed_by=actor, closed_at=now, version=occurrence.version + 1)


def _require_open(occurrence: Occurrence) -> None:
    if not occurrence.is_open:
        raise Refused(f"This time is {occurrence.state} already, so nothing was changed.")


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if isfinite(number) and abs(number) < 1e15 else None  # noqa: PLR2004 - whole numbers stay exact


def _begins(day: date, hours: WorkingHours) -> time | None:
    starts = [window.starts for window in hours if day.weekday() in window.days]
    return time(min(starts) // 60, min(starts) % 60) if starts else None


def _morning(day: date, hours: WorkingHours, zone: str) -> datetime:
    return instant(datetime.combine(day, _begins(day, hours) or START_OF_DAY), zone)
