"""Problems: trouble that comes again and again, with an owner, a day, and a word asked of everybody who closes one more of it.

Each step is a pure function: problem in, problem out. It returns None when things are already so and raises `Refused`
when the step makes no sense now. `due_on` is a day on the owner's calendar.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.action import checked_due
from domain.errors import Refused
from domain.incident import readable
from domain.zones import instant

DUE_AFTER = timedelta(days=14)
"""From its third incident; ours: two weeks are a plan, and not yet the next quarter."""
WORDS_LIMIT = 2_000
"""Characters of what shows that it is solved; ours: a card with them stays below Teams' limit."""
REMINDED_AT = time(9)
"""On the owner's clock."""
REMINDED_ON = (-3, 0, 1, 8, 15, 22)
"""Days from the due day on which the owner is reminded."""
LEAD_HEARS_FROM = 2
"""Index in REMINDED_ON from which the owner's lead hears of it too: it is overdue."""


class ProblemState(StrEnum):
    """How it stands."""

    OPEN = "open"
    CLOSED = "closed"
    """Solved, with what shows that it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem. People and incidents are named by their ids."""

    id: int
    title: str
    service: str
    """Id of the service it is on; kept where the catalogue loses it."""
    owner: int
    due_on: date
    made_at: datetime
    """UTC."""
    state: ProblemState = ProblemState.OPEN
    evidence: str = ""
    """What shows that it is solved."""
    closed_by: int | None = None
    closed_at: datetime | None = None
    plan: int = 0
    """Grows with owner, due day and state: reminders of an earlier plan are not sent."""
    version: int = 0

    @property
    def name(self) -> str:
        """How people write it: "Problem 7"."""
        return f"Problem {self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it is still there."""
        return self.state is ProblemState.OPEN

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over, seen from the owner's `today`, and it is still there."""
        return self.is_open and self.due_on < today


def close(problem: Problem, evidence: str, *, by: int, at: datetime) -> Problem | None:
    """Say that it is solved, with what shows it; None when that was said."""
    if not problem.is_open:
        return None
    text = readable(evidence).strip()
    if not text:
        raise Refused("Say what shows that it is solved: a link, a figure, or what was changed.")
    if len(text) > WORDS_LIMIT:
        raise Refused(f"That has {len(text)} characters; {WORDS_LIMIT} is the most. Shorten it, or link to the rest.")
    return _planned(replace(problem, state=ProblemState.CLOSED, evidence=text, closed_by=by, closed_at=at))


def reopen(problem: Problem) -> Problem | None:
    """Take back that it is solved; None when it is open."""
    if problem.is_open:
        return None
    return _planned(replace(problem, state=ProblemState.OPEN, evidence="", closed_by=None, closed_at=None))


def move(problem: Problem, due_on: date, today: date) -> Problem | None:
    """Give it another day; None when it has that one. `today` is the owner's."""
    _require_open(problem)
    return None if due_on == problem.due_on else _planned(replace(problem, due_on=checked_due(due_on, today)))


def hand_over(problem: Problem, owner: int) -> Problem | None:
    """Give it to somebody else; None when they have it."""
    _require_open(problem)
    return None if owner == problem.owner else _planned(replace(problem, owner=owner))


def seen_again(problem: Problem) -> Problem:
    """One more incident of it has happened."""
    return replace(problem, version=problem.version + 1)


def reminder_after(problem: Problem, zone: str, moment: datetime) -> tuple[int, datetime] | None:
    """Find the first reminder later than a moment: its index in REMINDED_ON and when it is (UTC); None: no more come."""
    for index, days in enumerate(REMINDED_ON):
        at = instant(datetime.combine(problem.due_on + timedelta(days=days), REMINDED_AT), zone)
        if at > moment:
            return index, at
    return None


def _require_open(problem: Problem) -> None:
    if not problem.is_open:
        raise Refused(f"{problem.name} is closed. Write `problem reopen {problem.id}` to take that back.")


def _planned(problem: Problem) -> Problem:
    return replace(problem, plan=problem.plan + 1, version=problem.version + 1)
