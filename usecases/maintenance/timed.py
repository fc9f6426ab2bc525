"""What happens around a window by itself: people are reminded, it begins, and it overruns."""

from datetime import datetime, timedelta

from domain import maintenance as steps
from domain.maintenance import REMINDED_BEFORE, Maintenance, MaintenanceState
from usecases import letters
from usecases.maintenance import holding, telling, words
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.work import DueWork


def run_remind(store: Store, due: DueWork, now: datetime) -> None:
    """Remind everybody concerned, unless the bot was down so long that the next reminder is due as well."""
    window = _planned(store, due)
    if window is None or window.state is not MaintenanceState.PLANNED:
        return
    before = window.starts_at - due.due_at
    following = next((shorter for shorter in REMINDED_BEFORE if shorter < before), timedelta(0))
    if now < window.starts_at - following:
        what = f"remind:{round(before.total_seconds())}"
        telling.note(store, window, what, lambda zone: words.reminder(window, zone, now), only_planned=True)


def run_start(store: Store, due: DueWork, now: datetime) -> None:
    """Let it begin."""
    window = _planned(store, due)
    if window is not None:
        _begin(store, window, now)


def run_end(store: Store, due: DueWork, now: datetime) -> None:
    """Say that it has overrun: nobody has said that it is done."""
    window = _planned(store, due)
    if window is None:
        return
    window = _begin(store, window, now) or window  # the start may still wait for another try
    over = steps.overrun(window, now)
    if over is None:
        return
    store.maintenance.save(over, seen=window.version)
    owner = store.people.many([over.owner])[over.owner]
    telling.note(store, over, "overrun", lambda zone: words.overrun(over, zone), mention=owner, but=owner)
    telling.show(store, over, owner, "overrun")
    telling.redraw(store, over)


def _begin(store: Store, window: Maintenance, now: datetime) -> Maintenance | None:
    running = steps.begin(window)
    if running is None:
        return None
    store.maintenance.save(running, seen=window.version)
    holding.started(store, running, now)
    owner = store.people.many([running.owner])[running.owner]
    telling.note(store, running, "start", lambda zone: words.begun(running, zone), mention=owner, but=owner)
    text = f"{words.begun(running, owner.time_zone)} When it is finished, write: maintenance done {running.id}"
    key = f"maintenance:{running.id}:v{running.version}:start:to:{owner.id}"
    letters.to_person(store, owner, letters.SENTENCE, key=key, message_class=MessageClass.CARD, text=text)
    telling.redraw(store, running)
    return running


def _planned(store: Store, due: DueWork) -> Maintenance | None:
    """Load the window of a piece of work, unless it was planned anew since."""
    window = store.maintenance.lock(int(due.payload["maintenance"]))
    return window if window is not None and window.plan == due.payload["plan"] else None
