"""What people may do with action items. Each function is one intention inside the turn's transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from domain import action as steps
from domain.action import Action, ActionKind
from domain.errors import Refused, Unknown
from domain.people import Person
from domain.timeline import EntryKind, Source
from usecases import log
from usecases.access import incident_to_change
from usecases.actions import people, telling
from usecases.ports import Store
from usecases.work import NewWork

REMIND = "action.remind:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """What somebody wants to be done; checked by `add`."""

    title: str
    kind: ActionKind
    owner: Person
    due_on: date
    incident: int | None = None
    factor: str = ""
    repair: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it stands after a press. `notice` is a sentence where nothing was changed, and says why."""

    action: Action
    notice: str = ""


def action_to_see(store: Store, action_id: int) -> Action:
    """Load one to look at. Raise Unknown when there is none."""
    found = store.actions.get(action_id)
    if found is None:
        raise Unknown(f"There is no action {action_id}. Write `actions` to see what is open.")
    return found


def add(store: Store, actor: Person, new: NewAction, now: datetime, *, source: Source = Source.MESSAGE) -> Action:
    """Write one down. Any member may. It stands on the incident's timeline, and its owner hears of it."""
    if not new.owner.active:
        raise Refused(f"{new.owner.name} is not in the organisation any more. Choose somebody else.")
    incident = incident_to_change(store, actor, new.incident) if new.incident is not None else None
    action = store.actions.add(
        Action(
            id=0,
            title=steps.checked_title(new.title),
            kind=new.kind,
            owner=new.owner.id,
            due_on=steps.checked_due(new.due_on, steps.today_in(new.owner.time_zone, now)),
            incident=incident.id if incident else None,
            factor=steps.checked_words(new.factor, ""),
            repair=new.repair,
            made_by=actor.id,
            made_at=now,
        )
    )
    if incident is not None:
        told = (
            f"{actor.name} wrote down {action.name.lower()} “{action.title}” for {new.owner.name}, due {action.due_on}."
        )
        data = {"action": action.id, "owner": new.owner.id}
        log.tell(store, incident, EntryKind.ACTION_ADDED, told, now, data=data, actor=actor.id, source=source)
    plan(store, action, now)
    _hears(store, action, actor, "new")
    return action


def finish(store: Store, actor: Person, action_id: int, words: str, now: datetime) -> Result:
    """Say that it is done. Again it changes nothing."""
    already = "It is done already."
    return _step(
        store, actor, action_id, lambda a: steps.finish(a, words, by=actor.id, at=now), now=now, already=already
    )


def drop(store: Store, actor: Person, action_id: int, reason: str, now: datetime) -> Result:
    """Decide against it, with a reason. Again it changes nothing."""
    already = "It is dropped already."
    return _step(
        store, actor, action_id, lambda a: steps.drop(a, reason, by=actor.id, at=now), now=now, already=already
    )


def reopen(store: Store, actor: Person, action_id: int, now: datetime) -> Result:
    """Take back that it is done or dropped. Again it changes nothing."""
    return _step(store, actor, action_id, steps.reopen, now=now, already="It is open already.")


def move(store: Store, actor: Person, action_id: int, due_on: date, now: datetime) -> Result:
    """Give it another due day. Again it changes nothing."""

    def step(action: Action) -> Action | None:
        return steps.move(action, due_on, steps.today_in(people.owner_of(store, action).time_zone, now))

    return _step(store, actor, action_id, step, now=now, already="It is due on that day already.")


def hand_over(store: Store, actor: Person, action_id: int, owner: Person, now: datetime) -> Result:
    """Give it to somebody else, who hears of it. Again it changes nothing."""
    if not owner.active:
        raise Refused(f"{owner.name} is not in the organisation any more. Choose somebody else.")
    already = f"{owner.name} has it already."
    result = _step(store, actor, action_id, lambda a: steps.hand_over(a, owner.id), now=now, already=already)
    if not result.notice:
        _hears(store, result.action, actor, f"plan{result.action.plan}")
    return result


def plan(store: Store, action: Action, now: datetime) -> None:
    """Plan the next reminder, and only that."""
    store.work.cancel(subject_of(action))
    if not action.is_open:
        return
    reader = people.reminded(store, action) or people.owner_of(store, action)
    following = steps.reminder_after(action, reader.time_zone, now)
    if following is not None:
        index, at = following
        store.work.add(
            NewWork(
                kind=REMIND,
                dedupe_key=f"action:{action.id}:{action.plan}:{index}",
                due_at=at,
                subject=subject_of(action),
                payload={"action": action.id, "plan": action.plan, "index": index},
            )
        )


def subject_of(action: Action) -> str:
    """Name the subject of its work."""
    return f"action:{action.id}"


def _step(
    store: Store, actor: Person, action_id: int, step: Callable[[Action], Action | None], *, now: datetime, already: str
) -> Result:
    action = store.actions.lock(action_id) or action_to_see(store, action_id)
    people.require_hand(store, action, actor)
    after = step(action)
    if after is None:
        return Result(action=action, notice=already)
    store.actions.save(after, seen=action.version)
    if after.plan != action.plan:
        plan(store, after, now)
    telling.redraw(store, after)
    return Result(action=after)


def _hears(store: Store, action: Action, actor: Person, why: str) -> None:
    reader = people.reminded(store, action)
    if reader is not None and reader.id != actor.id:
        telling.show(store, action, reader, why=why)
