"""What people say about planned care: it is done, somebody else does it, not this time, never again, it is good."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import care as steps
from domain.care import CareState, CareTask, Occurrence, Proof
from domain.errors import Refused, Unknown
from domain.people import Person
from usecases.care import people, telling
from usecases.care.planning import caught_up, opened, subject_of
from usecases.ports import Store

_SAME = timedelta(hours=1)
"""Ours: who types within so long that something is done which is done already means the same time."""
RHYTHM_OVER = "Its rhythm has ended."


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it stands after a press. `notice` is a sentence where nothing was changed, and says why."""

    task: CareTask
    occurrence: Occurrence
    """The time it was about."""
    notice: str = ""


def care_to_see(store: Store, task_id: int) -> CareTask:
    """Load one to look at. Raise Unknown when there is none."""
    found = store.care.get(task_id)
    if found is None:
        raise Unknown(f"There is no care {task_id}. Write `care list` to see what is planned.")
    return found


def shown_of(store: Store, task: CareTask) -> Occurrence:
    """Read the open time of a task, or its last one."""
    occurrence = store.care.open_of(task.id) or next(iter(store.care.history(task.id, limit=1)), None)
    if occurrence is None:
        raise Unknown(f"There is no {task.ref} any more. Write `care list` to see what is planned.")
    return occurrence


def done(store: Store, actor: Person, task_id: int, proof: Proof, now: datetime, *, occurrence: int = 0) -> Result:
    """Say that it is done, with its evidence; the next time opens. Said again about the same time it changes nothing.

    `occurrence` is the time a button or form was drawn for; 0: the open one. One that was missed meanwhile means the
    open one. Raise Refused for whoever may not, and without the evidence that is wanted.
    """
    task, current = _held(store, actor, task_id, now)
    target = _meant(store, task, current, occurrence)
    if not occurrence and (last := _just_done(store, task, now)) is not None:
        target = last
    after = steps.finish(task, target, actor.id, proof, now)
    if after is None:
        return Result(task=task, occurrence=target, notice="This time is done already; nothing was changed.")
    closed = _close(store, task, target, after, now)
    if task.sign_off:
        reader = people.other_eyes(store, task, actor.id)
        if reader is not None:
            telling.show(store, closed.task, closed.occurrence, reader, why="sign-off")
    return closed


def skip(store: Store, actor: Person, task_id: int, reason: str, now: datetime, *, occurrence: int = 0) -> Result:
    """Decide against this one time, with a reason; the next one opens. Again it changes nothing."""
    task, current = _held(store, actor, task_id, now)
    target = _meant(store, task, current, occurrence)
    after = steps.skip(target, actor.id, reason, now)
    if after is None:
        return Result(task=task, occurrence=target, notice="This time is skipped already; nothing was changed.")
    return _close(store, task, target, after, now)


def assign(store: Store, actor: Person, task_id: int, owner: Person, now: datetime) -> Result:
    """Let somebody else look after it, from now on. Again it changes nothing."""
    task, current = _held(store, actor, task_id, now)
    if current is None:
        raise Refused(_stopped(task))
    if not owner.active:
        raise Refused(f"{owner.name} is not in the organisation any more. Choose somebody else.")
    if task.owner == owner.id:
        return Result(task=task, occurrence=current, notice=f"{owner.name} looks after it already.")
    after = replace(task, owner=owner.id, version=task.version + 1)
    store.care.save(after, seen=task.version)
    telling.redraw(store, after, current)
    reader = people.reminded(store, after)
    if reader is not None and reader.id != actor.id:
        telling.show(store, after, current, reader, why="handed-over")
    return Result(task=after, occurrence=current)


def stop(store: Store, actor: Person, task_id: int, reason: str, now: datetime) -> Result:
    """End it for good. Again it changes nothing."""
    task, current = _held(store, actor, task_id, now)
    if current is None:
        return Result(task=task, occurrence=shown_of(store, task), notice=_stopped(task))
    return Result(task=end(store, task, actor.id, reason, now), occurrence=shown_of(store, task))


def end(store: Store, task: CareTask, actor: int | None, reason: str, now: datetime) -> CareTask:
    """Stop a locked task: its work goes, and its cards say so."""
    current = store.care.open_of(task.id)
    after = steps.stop(task, actor, reason, now) or task
    store.care.save(after, seen=task.version)
    store.work.cancel(subject_of(task))
    if current is not None:
        closed = steps.dropped(current, actor, now)
        store.care.save_occurrence(closed, seen=current.version)
        telling.redraw(store, after, closed)
    return after


def sign_off(store: Store, actor: Person, task_id: int, now: datetime, *, occurrence: int = 0) -> Result:
    """Find good what somebody else did: the time named, or the last one that waits. Again it changes nothing."""
    task = store.care.lock(task_id) or care_to_see(store, task_id)
    people.require_other_eyes(store, task, actor)
    target = _of(store, task, occurrence) or waiting_of(store, task) or shown_of(store, task)
    after = steps.sign_off(task, target, actor.id, now)
    if after is None:
        return Result(task=task, occurrence=target, notice="This time is signed off already; nothing was changed.")
    store.care.save_occurrence(after, seen=target.version)
    changed = replace(task, version=task.version + 1)  # its cards are drawn by it
    store.care.save(changed, seen=task.version)
    telling.redraw(store, changed, after)
    return Result(task=changed, occurrence=after)


def waiting_of(store: Store, task: CareTask) -> Occurrence | None:
    """Find the last time that waits for a sign-off, of those that are not long ago."""
    return next((one for one in store.care.history(task.id, limit=10) if one.waits_for_sign_off(task)), None)


# -- inside -----------------------------------------------------------------------------------------------------------


def _held(store: Store, actor: Person, task_id: int, now: datetime) -> tuple[CareTask, Occurrence | None]:
    """Load one to change it, with what time has made of it. Raise Refused for whoever may not."""
    task = store.care.lock(task_id) or care_to_see(store, task_id)
    people.require_hand(store, task, actor)
    return caught_up(store, task, now)


def _meant(store: Store, task: CareTask, current: Occurrence | None, occurrence: int) -> Occurrence:
    """Tell which time somebody means: one that was missed meanwhile is done by doing the open one."""
    found = _of(store, task, occurrence)
    if found is not None and found.state is not CareState.MISSED:
        return found
    if current is None:
        raise Refused(_stopped(task))
    return current


def _of(store: Store, task: CareTask, occurrence: int) -> Occurrence | None:
    found = store.care.occurrence(occurrence) if occurrence else None
    return found if found is not None and found.task == task.id else None


def _just_done(store: Store, task: CareTask, now: datetime) -> Occurrence | None:
    if task.done_at is None or now - task.done_at >= _SAME:
        return None
    return next((one for one in store.care.history(task.id, limit=1) if one.state is CareState.DONE), None)


def _close(store: Store, task: CareTask, before: Occurrence, closed: Occurrence, now: datetime) -> Result:
    """Write how the open time ended, and open the next one in its place."""
    store.care.save_occurrence(closed, seen=before.version)
    after = steps.after(task, closed)
    store.care.save(after, seen=task.version)
    store.work.cancel(subject_of(task))
    following = steps.following(task, closed)
    if following is None:
        after = end(store, after, None, RHYTHM_OVER, now)
    else:
        opened(store, after, following, now)
    telling.redraw(store, after, closed)
    return Result(task=after, occurrence=closed)


def _stopped(task: CareTask) -> str:
    return f"“{task.title}” ({task.ref}) has stopped. Write `care add` to plan it again."
