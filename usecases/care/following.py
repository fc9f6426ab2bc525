"""Planned care when the organisation has changed: teams and services that are gone, owners who have left."""

from dataclasses import replace
from datetime import datetime

from domain.care import CareTask
from domain.people import Person
from usecases.care import people, telling
from usecases.care.doing import end
from usecases.ports import Store


def look_again(store: Store, now: datetime) -> None:
    """Let all tasks follow a change of the organisation. `now` is UTC."""
    for task in store.care.running():
        locked = store.care.lock(task.id)
        if locked is not None and locked.is_running:
            followed(store, locked, now)


def followed(store: Store, task: CareTask, now: datetime) -> CareTask | None:
    """Let one locked task follow; None: it has stopped, and somebody was told why.

    It stops with its service. Without its team it goes to the team that owns its service, else on with its owner.
    Where the owner has left, the lead takes over.
    """
    if task.service is not None and store.catalog.service(task.service) is None:
        return _stopped(store, task, f"the service {task.service} is not in the organisation any more", now)
    moved = _with_its_team(store, task)
    left = _owner_who_left(store, moved)
    if people.owner_of(store, moved) is None:
        return _stopped(store, task, "nobody is left who could look after it", now)
    after = replace(moved, owner=None) if left is not None and people.lead_of(store, moved) is not None else moved
    if after == task:
        return task
    after = replace(after, version=task.version + 1)
    store.care.save(after, seen=task.version)
    occurrence = store.care.open_of(task.id)
    if occurrence is not None:
        telling.redraw(store, after, occurrence)
    if left is not None and after.owner is None:
        text = (
            f"{left.name} has left the organisation, so “{task.title}” ({task.ref}) is yours now. "
            f"Write `care assign {task.id} @person` to give it to somebody."
        )
        telling.say_lead(store, after, text, key=f"care:{task.id}:left:{left.id}:{after.version}")
    return after


def _with_its_team(store: Store, task: CareTask) -> CareTask:
    service = store.catalog.service(task.service) if task.service else None
    known = store.catalog.team(task.team) is not None
    if service is None or known:
        return task
    return replace(task, team=service.owner)


def _owner_who_left(store: Store, task: CareTask) -> Person | None:
    owner = store.people.many([task.owner]).get(task.owner) if task.owner is not None else None
    return owner if owner is not None and not owner.active else None


def _stopped(store: Store, task: CareTask, why: str, now: datetime) -> None:
    text = f"“{task.title}” ({task.ref}) has stopped: {why}. Write `care add` to plan it again."
    telling.say_lead(store, task, text, key=f"care:{task.id}:stopped")
    end(store, task, None, f"{why[0].upper()}{why[1:]}.", now)
