"""How a change went: done, rolled back, cancelled, and the question to its author when nobody has said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.change import Change, ChangeState, step
from domain.incident import Incident
from domain.people import Person
from domain.timeline import EntryKind, Source
from usecases import log
from usecases.approvals import asking
from usecases.changes import telling
from usecases.changes.views import KIND, found
from usecases.ports import Store
from usecases.work import DueWork, NewWork

ASK = "change.outcome:1"
"""Kind of work: nobody has said how a planned change went."""
PATIENCE = timedelta(hours=1)
"""After its time, where it has no end; ours."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A change after somebody said how it went. `repeated`: it was so already."""

    change: Change
    repeated: bool


def say(store: Store, actor: Person, change_id: int, state: ChangeState, now: datetime, *, comment: str = "") -> Ended:
    """Say how a change went, or that it is not going to happen; every member may. Pressed again it changes nothing.

    Raise Unknown when there is none, Refused where it cannot be said any more.
    """
    if found(store.changes.get(change_id)).state is ChangeState.PROPOSED:
        # The question first, then the change: a vote locks them in this order too.
        asking.overtake(store, KIND, change_id, f"Change {change_id} was cancelled.", now)
    # Its incidents before it, as a press that links them does.
    numbers = store.changes.caused([change_id]).get(change_id, ())
    incidents = [store.incidents.lock(number) for number in sorted(numbers)]
    change = found(store.changes.lock(change_id))
    after = step(change, state, by=actor.id, at=now, comment=comment)
    if after is None:
        return Ended(change, repeated=True)
    write(store, after, seen=change.version)
    _tell(store, [one for one in incidents if one], after, actor, now)
    return Ended(after, repeated=False)


def write(store: Store, change: Change, *, seen: int) -> None:
    """Store a change after a step, show it wherever it stands, and ask how it went where that is still to come."""
    store.changes.save(change, seen=seen)
    store.work.cancel(_subject(change))
    if change.state is ChangeState.PLANNED:
        plan(store, change)
    telling.redraw(store, change)


def plan(store: Store, change: Change) -> None:
    """Plan to ask the author of a planned change how it went; a program is not asked."""
    if change.recorded_by is None:
        return
    store.work.add(
        NewWork(
            kind=ASK,
            dedupe_key=f"{_subject(change)}:outcome:{change.version}",
            due_at=change.ends_at or change.at + PATIENCE,
            subject=_subject(change),
            payload={"change": change.id},
        )
    )


def run_ask(store: Store, due: DueWork, now: datetime) -> None:
    """Ask, unless somebody has said it."""
    del now
    change = store.changes.get(int(due.payload["change"]))
    if change is None or change.state is not ChangeState.PLANNED or change.recorded_by is None:
        return
    author = store.people.many([change.recorded_by]).get(change.recorded_by)
    if author is not None and author.active:
        telling.ask_outcome(store, change, author)


def _subject(change: Change) -> str:
    return f"change:{change.id}"


def _tell(store: Store, incidents: Iterable[Incident], change: Change, actor: Person, now: datetime) -> None:
    """Tell the incidents it is behind: that the cause is gone is what their people wait for."""
    for incident in incidents:
        text = f"{change.name} “{change.title}”, which is linked as the cause, {change.said} ({actor.name})."
        log.tell(store, incident, EntryKind.CAUSE_CHANGED, text, now, actor=actor.id, source=Source.BUTTON)
