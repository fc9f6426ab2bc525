"""What happens around planned care by itself: reminders, neglect, and the next time."""

from datetime import datetime

from domain.care import CareTask, Occurrence
from usecases.care import telling
from usecases.care.following import followed
from usecases.care.planning import OVERDUE_AGAIN, TOLD_AT_MOST, caught_up, tell_later
from usecases.ports import Store
from usecases.work import DueWork, base


def run_remind(store: Store, due: DueWork, now: datetime) -> None:
    """Remind whoever looks after it; nobody where the moment itself has come meanwhile."""
    task, occurrence = _current(store, due, now)
    if task is not None and occurrence is not None and not occurrence.is_due(now):
        telling.remind(store, task, occurrence, why="reminder")


def run_due(store: Store, due: DueWork, now: datetime) -> None:
    """Say that the moment has come; not any more where it was missed again and again."""
    task, occurrence = _current(store, due, now)
    if task is not None and occurrence is not None and task.missed < TOLD_AT_MOST:
        telling.remind(store, task, occurrence, why="due")
        telling.redraw(store, task, occurrence, because=":due")


def run_overdue(store: Store, due: DueWork, now: datetime) -> None:
    """Tell the lead that it is neglected, and again in a week, up to a limit."""
    task, occurrence = _task(store, due, now)
    if task is None or occurrence is None or not (task.missed or occurrence.is_due(now)):
        return
    count, since = int(due.payload["count"]), int(due.payload["since"])
    telling.say_overdue(store, task, f"care:{task.id}:neglect:{since}:{count}", count, last=count >= TOLD_AT_MOST)
    if count < TOLD_AT_MOST:
        tell_later(store, task, since, count + 1, base(due, now) + OVERDUE_AGAIN)


def run_next(store: Store, due: DueWork, now: datetime) -> None:
    """Open the next time: nobody did this one before the next was due."""
    _task(store, due, now)


def _task(store: Store, due: DueWork, now: datetime) -> tuple[CareTask | None, Occurrence | None]:
    """Load the task with what time and the organisation have made of it."""
    locked = store.care.lock(int(due.payload["care"]))
    task = followed(store, locked, now) if locked is not None and locked.is_running else None
    return (None, None) if task is None else caught_up(store, task, now)


def _current(store: Store, due: DueWork, now: datetime) -> tuple[CareTask | None, Occurrence | None]:
    """Load the same where the work is about the time that is open now; another one has work of its own."""
    task, occurrence = _task(store, due, now)
    mine = occurrence is not None and occurrence.id == due.payload["occurrence"]
    return (task, occurrence) if mine else (None, None)
