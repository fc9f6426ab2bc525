"""Planning: a task gets its first time, each time its work, and what nobody did makes room for the next one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import care as steps
from domain.care import CareTask, Evidence, Occurrence
from domain.errors import Refused
from domain.people import Person
from domain.recurrence import Recurrence
from usecases import targets
from usecases.care import people, telling
from usecases.ports import Store
from usecases.work import NewWork

REMIND, DUE, OVERDUE, NEXT = "care.remind:1", "care.due:1", "care.overdue:1", "care.next:1"
"""Kinds of work: the working day before, the moment itself, a day later and then each week, and the next moment."""
OVERDUE_AFTER, OVERDUE_AGAIN = timedelta(days=1), timedelta(weeks=1)
"""After it was due the lead is told, and then again; counted in elapsed time."""
TOLD_AT_MOST = 5
"""Sentences about one neglect, to each of owner and lead; ours: whoever has not heard them by then will not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody wants to be done again and again; checked by `add`."""

    title: str
    team: str
    """Id of the team; empty: the one that owns the service."""
    service: str
    """Id of the service it is about; empty: none."""
    owner: Person | None
    """None: the team's lead."""
    rhythm: Recurrence
    hours: float = 0
    evidence: Evidence | None = None
    sign_off: bool = False


def add(store: Store, actor: Person, plan: Plan, now: datetime) -> CareTask:
    """Plan a task and its first time. Any member may. Raise Refused where it cannot be done."""
    service = store.catalog.service(plan.service) if plan.service else None
    if plan.service and service is None:
        raise Refused(f"I know no service “{plan.service[:60]}”. Choose another one.")
    wanted = plan.team or (service.owner if service else "")
    team = store.catalog.team(wanted) if wanted else None
    if team is None:
        raise Refused(
            f"I know no team “{wanted[:60]}”. Choose another one." if wanted else "Choose a team or a service."
        )
    task = CareTask(
        id=0,
        title=steps.checked_title(plan.title),
        team=team.id,
        service=service.id if service else None,
        owner=plan.owner.id if plan.owner else None,
        rhythm=plan.rhythm,
        hours=plan.hours,
        evidence=plan.evidence,
        sign_off=plan.sign_off,
        made_by=actor.id,
        made_at=now,
    )
    owner = people.owner_of(store, task)
    if owner is None:
        raise Refused(f"{team.name} has no lead, so choose an owner.")
    if plan.sign_off and people.other_eyes(store, task, owner.id) is None:
        raise Refused(f"Nobody but {owner.name} could sign this off: add a service with another side, or do without.")
    steps.first(task, now)  # nothing is stored for a rhythm that never comes
    task = store.care.add(task)
    occurrence = opened(store, task, steps.first(task, now), now)
    reader = people.reminded(store, task)
    if reader is not None and reader.id != actor.id:
        telling.show(store, task, occurrence, reader, why="planned")
    return task


def opened(store: Store, task: CareTask, occurrence: Occurrence, now: datetime) -> Occurrence:
    """Store a time that is open from now on, and plan its work."""
    made = store.care.add_occurrence(replace(occurrence, task=task.id))
    plan(store, task, made, now)
    return made


def plan(store: Store, task: CareTask, occurrence: Occurrence, now: datetime) -> None:
    """Plan all that happens around an open time by itself. A neglect that the lead hears of already goes on."""
    due_at, hours = occurrence.due_at, targets.hours_of(store.catalog.team(task.team))
    moments = {NEXT: task.rhythm.after(due_at), DUE: max(due_at, now)}
    if due_at > now:
        moments[REMIND] = max(steps.remind_at(task.rhythm, due_at, hours), now)
    for kind, at in moments.items():
        if at is not None:
            _later(store, task, kind, f"{occurrence.id}", at, occurrence=occurrence.id)
    if not task.missed:
        tell_later(store, task, occurrence.id, 1, max(due_at + OVERDUE_AFTER, now))


def tell_later(store: Store, task: CareTask, since: int, count: int, at: datetime) -> None:
    """Plan that the lead is told for the `count`-th time; `since` is the time with which the neglect began."""
    _later(store, task, OVERDUE, f"{since}:{count}", at, since=since, count=count)


def caught_up(store: Store, task: CareTask, now: datetime) -> tuple[CareTask, Occurrence | None]:
    """Let time do its part on a locked task: what was not done before the next moment is missed.

    Gives the task and its one open time as they are at `now` (UTC); None: it has stopped.
    """
    before = store.care.open_of(task.id)
    passed = steps.rolled(task, before, now) if before is not None else None
    if before is None or passed is None:
        return task, before
    store.work.cancel(subject_of(task), kinds=(REMIND, DUE, NEXT))
    for one in passed.missed:
        if one.id:
            store.care.save_occurrence(one, seen=before.version)
        else:
            store.care.add_occurrence(one)
    after = steps.after(task, *passed.missed)
    store.care.save(after, seen=task.version)
    occurrence = opened(store, after, passed.open, now)
    store.care.move_cards(before.id, occurrence.id)
    telling.redraw(store, after, occurrence)
    return after, occurrence


def subject_of(task: CareTask) -> str:
    """Name the work of a task."""
    return f"care:{task.id}"


def _later(store: Store, task: CareTask, kind: str, what: str, at: datetime, **payload: int) -> None:
    store.work.add(
        NewWork(
            kind=kind,
            dedupe_key=f"{subject_of(task)}:{kind}:{what}",
            due_at=at,
            subject=subject_of(task),
            payload={"care": task.id, **payload},
        )
    )
