"""Planned care as people see it: one task with its last times, and lists of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.care import CareState, CareTask, Occurrence
from domain.catalog import Service, Team
from domain.people import Person
from usecases.care import people
from usecases.care.doing import waiting_of
from usecases.ports import Store

_LATEST = 5
"""Closed times on a card; ours: enough to see whether it is kept, and a phone still shows them all."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareView:
    """A task and one of its times, with everything its card shows. `now` is when it was read, UTC."""

    task: CareTask
    shown: Occurrence
    """The time the card is about."""
    team: Team | None
    service: Service | None
    owner: Person | None
    reminded: Person | None
    """Who is written to; None: nobody can be."""
    next: Occurrence | None
    """The open time; None: the task has stopped."""
    latest: tuple[Occurrence, ...]
    """The last times before the shown one that were planned, the latest first."""
    waits: Occurrence | None
    """The time that waits for a sign-off."""
    people: Mapping[int, Person]
    now: datetime

    @property
    def is_overdue(self) -> bool:
        """Whether the shown time should have been done by now."""
        return self.shown.is_due(self.now)

    def name(self, person: int | None) -> str:
        """Name somebody; time itself and the bot are nobody."""
        found = self.people.get(person) if person is not None else None
        return found.name if found else "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tasks to list; all conditions hold at once."""

    owner: Person | None = None
    overdue: bool = False
    team: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRow:
    """A task in a list."""

    task: CareTask
    next: Occurrence
    owner: Person | None


def care_view(store: Store, task: CareTask, shown: Occurrence, now: datetime) -> CareView:
    """Put together what a card about one time shows."""
    history = [one for one in store.care.history(task.id, limit=_LATEST + 1) if one.state is not CareState.DROPPED]
    latest = tuple(one for one in history if one.id != shown.id and one.due_at < shown.due_at)[:_LATEST]
    waits = shown if shown.waits_for_sign_off(task) else waiting_of(store, task) if shown.is_open else None
    times = [shown, *latest, *([waits] if waits else [])]
    ids = {task.made_by, task.stopped_by, *(i for one in times for i in (one.closed_by, one.signed_off_by))}
    return CareView(
        task=task,
        shown=shown,
        team=store.catalog.team(task.team),
        service=store.catalog.service(task.service) if task.service else None,
        owner=people.owner_of(store, task),
        reminded=people.reminded(store, task),
        next=store.care.open_of(task.id),
        latest=latest,
        waits=waits,
        people=store.people.many({i for i in ids if i is not None}),
        now=now,
    )


def listed(store: Store, wanted: Wanted, now: datetime) -> Sequence[CareRow]:
    """List running tasks, what is due first in front."""
    times = store.care.open()
    rows = [
        CareRow(task=task, next=times[task.id], owner=people.owner_of(store, task))
        for task in store.care.running()
        if task.id in times and _is_wanted(task, times[task.id], wanted, now)
    ]
    mine = [row for row in rows if wanted.owner is None or (row.owner is not None and row.owner.id == wanted.owner.id)]
    return sorted(mine, key=lambda row: (row.next.due_at, row.task.id))


def neglect(task: CareTask, now: datetime) -> str:
    """Say how long nobody has done it: "last done 5 weeks ago, 2 times missed"; empty where nothing was missed."""
    if not task.missed:
        return ""
    times = "1 time" if task.missed == 1 else f"{task.missed} times"
    return f"{last_done(task, now)}, {times} missed"


def last_done(task: CareTask, now: datetime) -> str:
    """Say when it was last done: "last done 5 weeks ago"."""
    if task.done_at is None:
        return "never done"
    days = (now - task.done_at) // _DAY
    if days < 1:
        return "last done today"
    if days < 14:  # noqa: PLR2004 - two weeks are told in days
        return f"last done {days} days ago" if days > 1 else "last done 1 day ago"
    return f"last done {days // 7} weeks ago"


def _is_wanted(task: CareTask, open_: Occurrence, wanted: Wanted, now: datetime) -> bool:
    return (
        (not wanted.overdue or open_.is_due(now) or task.missed > 0)
        and (not wanted.team or task.team == wanted.team)
        and (not wanted.service or task.service == wanted.service)
    )
