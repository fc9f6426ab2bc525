"""Drills: a harmless page to whoever is on call, and how long it took."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.conversation import Place
from domain.errors import Refused, Repeated
from domain.paging import Drill, DrillState, Page, PageReason, PageResult, Way
from domain.people import Person
from usecases import ledger, letters
from usecases.oncall_names import schedule_named
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.targets import nobody_on, on_call
from usecases.wording import length
from usecases.work import DueWork, NewWork

LATE = "drill.late:1"
"""The work that ends a drill nobody has answered."""
PATIENCE = timedelta(minutes=15)
"""So long a drill waits for its answer; ours: a real page would have gone to somebody else by then."""
_PRECISE = 10  # seconds; ours: below that tenths matter


def start(store: Store, actor: Person, schedule_id: str, place: Place, key: str, now: datetime) -> str:  # noqa: PLR0917 - the whole request
    """Page whoever is on call on a schedule without an incident, and say who; the result is told in `place`.

    `key` names the request: the same one again starts nothing new. Raise Unknown for a schedule that does not exist,
    Refused where nobody is on call or the person cannot be paged.
    """
    schedule = schedule_named(store, schedule_id)
    before = store.work.planned(_subject(key))
    if before:
        return _said(schedule.id, str(before[0].payload["name"]))
    person = on_call(store, schedule, now)
    if person is None:
        raise Refused(
            f"There is nobody to page: {nobody_on(schedule, now)}. "
            f"Write `override {schedule.id} @person from now to +8h` to put somebody on call."
        )
    drill = store.drills.add(Drill(id=0, schedule=schedule.id, asked_by=actor.id, place=place, started_at=now))
    _page(store, drill, person)
    late = NewWork(
        kind=LATE,
        dedupe_key=f"drill:{key}",
        due_at=now + PATIENCE,
        subject=_subject(key),
        payload={"drill": drill.id, "name": person.name},
    )
    if not store.work.add(late):
        raise Repeated
    return _said(schedule.id, person.name)


def _subject(key: str) -> str:
    return f"drill:{key}"


def _said(schedule: str, name: str) -> str:
    return f"Drill on {schedule}: I paged {name}. The result comes here."


def _page(store: Store, drill: Drill, person: Person) -> None:
    page = store.pages.add(
        Page(
            id=0,
            reason=PageReason.DRILL,
            way=Way.TEAMS,
            due_at=drill.started_at,
            person_id=person.id,
            drill_id=drill.id,
            target=f"schedule:{drill.schedule}",
        )
    )
    key = ledger.page_key(page.id)
    if not letters.to_person(store, person, ledger.PAGE, key=key, message_class=MessageClass.PAGE, page=page.id):
        raise Refused(
            f"{person.name} is on call on {drill.schedule} and has no Teams account in the organisation file: "
            f"add aad_object_id there."
        )


def answer(store: Store, actor: Person, page: Page, now: datetime) -> str:
    """Answer the page of a drill; only whoever was paged can. Say what came of it."""
    if actor.id != page.person_id:
        raise Refused("This drill pages somebody else: only they can answer it.")
    answered(store, page, now)
    return "Thank you: the drill is over."


def answered(store: Store, page: Page, now: datetime) -> None:
    """Write down that a drill's page was answered, and tell the result once; nothing when it was answered before."""
    drill = store.drills.lock(page.drill_id) if page.drill_id is not None else None
    mine = store.pages.lock(page.id)
    if drill is None or mine is None or mine.acknowledged_at is not None:
        return
    store.pages.save(replace(mine, acknowledged_at=now))
    if drill.state is DrillState.RUNNING:
        took = _seconds(now - drill.started_at)
        _end(
            store,
            drill,
            DrillState.ANSWERED,
            f"{_name(store, mine)} acknowledged after {took}{_arrival(drill, mine)}.",
            now,
        )
    ledger.redraw(store, mine.id)


def refused(store: Store, page: Page, now: datetime) -> None:
    """End a drill whose page was refused for good."""
    drill = store.drills.lock(page.drill_id) if page.drill_id is not None else None
    if drill is not None and drill.state is DrillState.RUNNING:
        text = f"the page to {_name(store, page)} was refused: {page.detail.rstrip('.')}."
        _end(store, drill, DrillState.UNANSWERED, text, now)


def run_late(store: Store, due: DueWork, now: datetime) -> None:
    """End a drill that nobody has answered in time."""
    drill = store.drills.lock(int(due.payload["drill"]))
    if drill is None or drill.state is not DrillState.RUNNING:
        return
    for page in store.pages.of_drill(drill.id):
        arrival = _arrival(drill, page) or "; the page has not arrived"
        text = f"{_name(store, page)} has not acknowledged within {length(PATIENCE)}{arrival}."
        _end(store, drill, DrillState.UNANSWERED, text, now)
        if page.result is PageResult.PENDING:
            waiting = store.pages.lock(page.id)
            if waiting is not None and waiting.result is PageResult.PENDING:
                store.pages.save(replace(waiting, result=PageResult.NOT_NEEDED))
        ledger.redraw(store, page.id)


def _end(store: Store, drill: Drill, state: DrillState, text: str, now: datetime) -> None:
    store.drills.save(replace(drill, state=state, ended_at=now))
    letters.say_in_place(store, drill.place, f"Drill on {drill.schedule}: {text}", key=f"drill:{drill.id}:result")


def _arrival(drill: Drill, page: Page) -> str:
    if page.sent_at is None:
        return ""
    return f"; the page arrived after {_seconds(page.sent_at - drill.started_at)}"


def _seconds(took: timedelta) -> str:
    """Write how long something took: tenths of a second while they matter."""
    seconds = max(took.total_seconds(), 0)
    return f"{seconds:.1f} s" if seconds < _PRECISE else length(took)


def _name(store: Store, page: Page) -> str:
    person = ledger.person_of(store, page.person_id)
    return person.name if person else "Somebody"
