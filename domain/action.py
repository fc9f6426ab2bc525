"""Action items: what somebody does after an incident so that it does not come back, or is seen and over sooner.

Each step is a pure function: action in, action out. It returns None when things are already so (a second press, a
redelivered message) and raises `Refused` when the step makes no sense now. `due_on` is a day on the owner's calendar.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.incident import TITLE_LIMIT, readable
from domain.zones import LAST_YEAR, instant

WORDS_LIMIT = 2_000
"""Characters of what was done or why it was dropped; ours: a card with them stays below Teams' limit."""
REMINDED_AT = time(9)
"""On the owner's clock: nobody is reminded of it at night."""
REMINDED_ON = (-2, 0, 1, 8, 15, 22, 29)
"""Days from the due day on which the owner is reminded: before it, on it, after it, then four times a week apart."""
LEAD_HEARS_FROM = 3
"""Index in REMINDED_ON from which the owner's lead hears of it too: it is a week overdue."""


class ActionKind(StrEnum):
    """What it is good for."""

    PREVENT = "prevent"
    """It does not happen again."""
    DETECT = "detect"
    """It is seen sooner."""
    MITIGATE = "mitigate"
    """It hurts less, or for a shorter time."""
    PROCESS = "process"
    """People work together better."""


class ActionState(StrEnum):
    """How it stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    """Decided against, with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action item. People and incidents are named by their ids."""

    id: int
    title: str
    kind: ActionKind
    owner: int
    """One person; without one it would be nobody's."""
    due_on: date
    made_by: int
    made_at: datetime
    """UTC."""
    incident: int | None = None
    """The incident it comes from; None: from none."""
    factor: str = ""
    """The contributing factor it answers, in words."""
    repair: bool = False
    """Plain repair of what broke: it counts as reactive work."""
    state: ActionState = ActionState.OPEN
    closed_by: int | None = None
    closed_at: datetime | None = None
    words: str = ""
    """What was done, or why it was dropped."""
    plan: int = 0
    """Grows with owner and due day: reminders of an earlier plan are not sent."""
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def name(self) -> str:
        """How people write it: "Action 7"."""
        return f"Action {self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state is ActionState.OPEN

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over, seen from the owner's `today`, and it is still to be done."""
        return self.is_open and self.due_on < today


def checked_title(title: str) -> str:
    """One line, not empty, not endless."""
    text = " ".join(readable(title).split())
    if not text:
        raise Refused("Say in a few words what is to be done.")
    if len(text) > TITLE_LIMIT:
        raise Refused(f"That has {len(text)} characters; {TITLE_LIMIT} is the most for an action item. Shorten it.")
    return text


def checked_due(due_on: date, today: date) -> date:
    """Not over already, and in a year that calendars have."""
    if due_on < today:
        raise Refused(f"{due_on} is over. Choose a day from {today} on.")
    if due_on.year >= LAST_YEAR:
        raise Refused("That day is too far away: choose an earlier one.")
    return due_on


def checked_words(words: str, missing: str) -> str:
    """Not endless; empty only where `missing`, the sentence that asks for them, is empty too."""
    text = readable(words).strip()
    if not text and missing:
        raise Refused(missing)
    if len(text) > WORDS_LIMIT:
        raise Refused(f"That has {len(text)} characters; {WORDS_LIMIT} is the most. Shorten it, or link to the rest.")
    return text


def finish(action: Action, words: str, *, by: int, at: datetime) -> Action | None:
    """Say that it is done; None when that was said already."""
    if action.state is ActionState.DONE:
        return None
    _require_open(action)
    return _closed(action, ActionState.DONE, checked_words(words, ""), by, at)


def drop(action: Action, reason: str, *, by: int, at: datetime) -> Action | None:
    """Decide against it, with a reason; None when that was decided already."""
    if action.state is ActionState.DROPPED:
        return None
    _require_open(action)
    text = checked_words(reason, "Say why it is not done: whoever looks for it later reads that.")
    return _closed(action, ActionState.DROPPED, text, by, at)


def reopen(action: Action) -> Action | None:
    """Take back that it is done or dropped; None when it is open."""
    if action.is_open:
        return None
    opened = replace(action, state=ActionState.OPEN, closed_by=None, closed_at=None, words="", plan=action.plan + 1)
    return _stepped(opened)


def move(action: Action, due_on: date, today: date) -> Action | None:
    """Give it another due day; None when it has that one. `today` is the owner's."""
    _require_open(action)
    if due_on == action.due_on:
        return None
    return _stepped(replace(action, due_on=checked_due(due_on, today), plan=action.plan + 1))


def hand_over(action: Action, owner: int) -> Action | None:
    """Give it to somebody else; None when they have it."""
    _require_open(action)
    return None if owner == action.owner else _stepped(replace(action, owner=owner, plan=action.plan + 1))


def reminder_after(action: Action, zone: str, moment: datetime) -> tuple[int, datetime] | None:
    """Find the first reminder later than a moment: its index in REMINDED_ON and when it is (UTC); None: no more come."""
    for index, days in enumerate(REMINDED_ON):
        at = instant(datetime.combine(action.due_on + timedelta(days=days), REMINDED_AT), zone)
        if at > moment:
            return index, at
    return None


def today_in(zone: str, now: datetime) -> date:
    """Tell the day on a calendar."""
    return now.astimezone(ZoneInfo(zone)).date()


def _require_open(action: Action) -> None:
    if not action.is_open:
        raise Refused(f"{action.name} is {action.state}. Write `actions reopen {action.id}` to take that back.")


def _closed(action: Action, state: ActionState, words: str, by: int, at: datetime) -> Action:
    return _stepped(replace(action, state=state, words=words, closed_by=by, closed_at=at, plan=action.plan + 1))


def _stepped(action: Action) -> Action:
    return replace(action, version=action.version + 1)
