"""What has to happen later: rows that are written with their cause and carried out when their moment has come."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from usecases.ports import Store

PUNCTUAL = timedelta(seconds=30)
"""Work this late still counts from its nominal moment; ours: later than that the bot was down or overrun."""
MAX_ATTEMPTS = 10
"""Runs of one piece of work before it is given up and somebody is told."""
KEPT = timedelta(days=14)
"""How long done work is kept; ours: long enough to look into what happened, and for late repeats to find their key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork:
    """One thing to be done at a moment.

    `kind` names a job and its version, such as "escalation.step:1": a replica leaves kinds alone that it does not
    know. `dedupe_key` is unique, so that planning the same thing twice adds nothing; it is kept for KEPT after the work
    was done. All open work of a `subject`, such as "incident:12", can be cancelled at once. `due_at` is kept in whole
    milliseconds.
    """

    kind: str
    dedupe_key: str
    due_at: datetime
    subject: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWork:
    """A piece of work that was claimed. A write with an older `fence` than the row's matches nothing."""

    id: int
    kind: str
    due_at: datetime
    """The nominal moment; it may be long past when the bot was down."""
    fence: int
    """Attempts, this one included."""
    subject: str | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadWork:
    """Work that was given up, for people to see."""

    id: int
    kind: str
    due_at: datetime
    subject: str | None
    error: str


class Work(Protocol):
    """The planning side of a transaction. A job does not see its own row here: that one ends with the job."""

    def add(self, work: NewWork) -> bool:
        """Plan something; False when its key was planned before, done or not."""
        ...

    def cancel(self, subject: str, *, kinds: Collection[str] = ()) -> int:
        """Take away open work of a subject, all or of some kinds; its keys may be planned again. Return how many."""
        ...

    def move(self, dedupe_key: str, due_at: datetime) -> bool:
        """Give open work another moment; False when there is none with this key."""
        ...

    def planned(self, subject: str) -> Sequence[NewWork]:
        """List the open work of a subject, soonest first."""
        ...

    def dead(self, *, since: datetime, limit: int = 20) -> Sequence[DeadWork]:
        """List what was given up since a moment, newest first."""
        ...


def base(due: DueWork, now: datetime) -> datetime:
    """Tell from when on the next moment is counted, UTC.

    From the nominal moment, so that a chain of steps does not drift; from now after an outage, so that nobody is
    paged through all steps at once.
    """
    return due.due_at if now - due.due_at <= PUNCTUAL else now


Run = Callable[["Store", DueWork, datetime], None]
"""Carries out a piece of work inside the transaction that marks it as done. It must be safe to run again."""


@dataclass(frozen=True, slots=True)
class Job:
    """How one kind of work is carried out."""

    kind: str
    """Name and version, such as "escalation.step:1"."""
    run: Run


class Outcome(StrEnum):
    """How a run of a piece of work ended."""

    DONE = "done"
    FAILED = "failed"
    """It raised an error: it is tried again later, or was given up."""
    LOST = "lost"
    """It was somebody else's by then, or not wanted any more: nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkHealth:
    """The state of all work, for metrics, readiness and the auditor."""

    open: int
    dead: int
    oldest_overdue_ms: int = 0
    """How long the oldest work has been late; 0 when none is.

    Work that nobody has taken is late since it could be taken. Work that failed, or was taken and not finished, is late
    since its nominal moment: trying again does not make it younger. The development clock's last move counts as the
    earliest moment of all.
    """


@dataclass(frozen=True, slots=True)
class Taken:
    """What a look at the work found: work to do now, and when it is worth looking again."""

    work: Sequence[DueWork]
    next_in_s: float | None = None
    """Seconds until there may be more; None: nothing is planned."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How work stands."""

    settled: bool
    """Nothing is due and nobody is at it; what waits for another try does not count."""
    next_due: datetime | None
    """When the next open work may be claimed, UTC; None: nothing is planned."""


class Foreman(Protocol):
    """Who gets work done in this process."""

    def wake(self, after_s: float = 0.0) -> None:
        """Look for work, now or in so many seconds. Called on the event loop."""
        ...


class WorkClock(Protocol):
    """The product's time, as work goes by it."""

    def now(self, store: "Store") -> datetime:
        """Tell the time, UTC."""
        ...

    def offset(self, store: "Store") -> timedelta:
        """Tell how far it is ahead of the machine's."""
        ...

    def last_offset(self) -> timedelta:
        """Tell the offset this process saw last, for those who cannot ask the database."""
        ...

    def steady_for(self, store: "Store") -> timedelta | None:
        """Tell how long ago it was moved, in the machine's time; None: never."""
        ...


class WorkQueue(Protocol):
    """The engine's side: every method is transactions of its own and may raise Unavailable."""

    @property
    def poll_s(self) -> float:
        """How often to look without being woken: a wake-up may be lost, a promise may not."""
        ...

    async def claim(self, kinds: Collection[str], limit: int) -> Taken:
        """Take what is due, by pushing its lease: soonest first, only these kinds."""
        ...

    async def run(self, batch: Sequence[tuple[DueWork, Run]]) -> Sequence[Outcome]:
        """Carry out claimed work, each with its effects and its "done" in one transaction; note failures for later.

        Running a batch again after Unavailable is harmless: what is done already is Outcome.LOST.
        """
        ...

    async def release(self, work: Sequence[DueWork]) -> None:
        """Give up claimed work that was not begun; others may take it at once."""
        ...

    async def standing(self, kinds: Collection[str]) -> Standing:
        """Tell how work of these kinds stands, all at one moment."""
        ...

    async def health(self) -> WorkHealth:
        """Tell the state of all work."""
        ...

    async def sweep(self) -> int:
        """Forget a batch of work that was done long ago. Return how many rows went."""
        ...

    def attach(self, foreman: Foreman) -> None:
        """Name who is woken in this process when something was planned."""
        ...

    def detach(self) -> None:
        """Stop waking."""
        ...
