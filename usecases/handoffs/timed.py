"""What happens around a shift change by itself: it is offered, reminded of, expires, and is over."""

from datetime import datetime

from domain import handoff as steps
from domain.handoff import SCHEDULE_CHANGED, Handoff
from domain.handoff import HandoffState as State
from domain.oncall import Schedule
from domain.people import Person
from domain.shifts import shift_at
from usecases.handoffs import telling, words
from usecases.handoffs.planning import EXPIRE, REMIND, close_later, happens, replan, subject, take_back
from usecases.ports import Store
from usecases.work import DueWork


def run_offer(store: Store, due: DueWork, now: datetime) -> None:
    """Ask both people, and plan the handoff after this one."""
    handoff = _of(store, due)
    if handoff is None or handoff.state is not State.PREPARED:
        return
    schedule = store.schedules.lock(handoff.schedule)
    if schedule is None or not happens(store, schedule, handoff):
        # Nobody has planned anew since. This very work is not cancelled: it is being done.
        store.work.cancel(subject(handoff), kinds=(REMIND, EXPIRE))
        take_back(store, handoff, SCHEDULE_CHANGED, now)
    else:
        offered = steps.offer(handoff, now)
        if offered is not None:
            store.handoffs.save(offered, seen=handoff.version)
            telling.ask(store, offered)
    replan(store, handoff.schedule, now)


def run_remind(store: Store, due: DueWork, now: datetime) -> None:
    """Remind the incoming person, unless they were asked only just now because the bot was down."""
    del now
    handoff = _of(store, due)
    if handoff is None or handoff.state is not State.OFFERED or handoff.offered_at is None:
        return
    if handoff.offered_at < due.due_at:
        telling.remind(store, handoff, f"{subject(handoff)}:{handoff.version}:remind:{due.due_at.isoformat()}")


def run_expire(store: Store, due: DueWork, now: datetime) -> None:
    """Let the schedule decide, and tell the lead that nobody has taken over."""
    handoff = _of(store, due)
    if handoff is None:
        return
    schedule = store.schedules.get(handoff.schedule)
    if handoff.state is State.DECLINED:
        _still_declined(store, schedule, handoff, now)
        return
    expired = steps.expire(handoff)
    if expired is None:
        return
    store.handoffs.save(expired, seen=handoff.version)
    on_call = _on_call(store, schedule, now)
    outgoing, incoming = telling.people_of(store, expired)

    def sentence(reader: Person | None) -> str:
        return words.unanswered(expired, incoming, outgoing, on_call, reader)

    for person in (outgoing, incoming):
        telling.say(store, person, sentence(person), key=f"{subject(expired)}:{expired.version}:expired:{person.id}")
    telling.say_lead(store, schedule, expired, "expired", sentence)
    telling.redraw(store, expired)
    close_later(store, schedule, expired, now)


def run_close(store: Store, due: DueWork, now: datetime) -> None:
    """Take the button off the card of one that nobody accepted: its shift is over."""
    handoff = _of(store, due)
    if handoff is not None and handoff.is_late:
        telling.redraw(store, handoff, because=f":{now.isoformat()}")


def _still_declined(store: Store, schedule: Schedule | None, handoff: Handoff, now: datetime) -> None:
    """Say that whoever declined is on call all the same; silent where somebody else has been put in."""
    if schedule is None:
        return
    on_call = _on_call(store, schedule, now)
    outgoing, incoming = telling.people_of(store, handoff)
    if on_call is not None and on_call.id != incoming.id:
        return
    for person in (outgoing, incoming):
        text = words.unanswered(handoff, incoming, outgoing, on_call, person)
        telling.say(store, person, text, key=f"{subject(handoff)}:{handoff.version}:declined-over:{person.id}")
    telling.say_lead(
        store,
        schedule,
        handoff,
        "declined-over",
        lambda reader: words.unanswered(handoff, incoming, outgoing, on_call, reader),
    )
    telling.redraw(store, handoff, because=":over")


def _on_call(store: Store, schedule: Schedule | None, at: datetime) -> Person | None:
    handle = shift_at(schedule, at).person if schedule else None
    return store.people.by_handle(handle) if handle else None


def _of(store: Store, due: DueWork) -> Handoff | None:
    return store.handoffs.get(int(due.payload["handoff"]))
