"""A window as people see it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import maintenance as steps
from domain.approval import Approval
from domain.maintenance import Maintenance
from domain.people import Person
from usecases.approvals import asking, deciders
from usecases.maintenance import approval as asked
from usecases.maintenance.clashes import Clash, clashes_of
from usecases.maintenance.found import may_change, services_of, signers, teams_of
from usecases.people import NOBODY
from usecases.ports import Store
from usecases.spans import Span

OCCURRENCES_SHOWN = 3
LISTED = 15
"""Windows in one list; ours: what fits a phone's screen twice."""
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceView:
    """A window with everything its card shows. `now` is when it was read, UTC."""

    window: Maintenance
    people: Mapping[int, Person]
    services: Sequence[str]
    """Names; the id where the catalogue has it no more."""
    teams: Sequence[str]
    approval: Approval | None
    asked: str
    """Who has to approve it, in words; empty where nobody has to."""
    times: Sequence[Span]
    """The next occurrences after the current one."""
    clashes: Sequence[Clash]
    signers: Collection[int]
    """Who may sign off what was done."""
    now: datetime

    def name(self, person: int | None) -> str:
        """Name somebody of this window."""
        return self.people.get(person, NOBODY).name if person is not None else NOBODY.name


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceList:
    """What runs now, in the next days, and later, each the earliest start first."""

    running: Sequence[Maintenance]
    soon: Sequence[Maintenance]
    later: Sequence[Maintenance]
    more: int
    """How many more are planned."""
    now: datetime


def maintenance_view(store: Store, window: Maintenance, now: datetime) -> MaintenanceView:
    """Put together what people see of a window; of one that is not stored yet too."""
    approval = asking.standing(store, asked.KIND, window.id) if window.id else None
    done = window.done
    named = {window.owner, window.scheduled_by, window.cancelled_by} | (
        {done.by, done.signed_off_by} if done else set[int | None]()
    )
    return MaintenanceView(
        window=window,
        people=store.people.many({person for person in named if person is not None}),
        services=_service_names(store, window),
        teams=[team.name for team in teams_of(store, window)],
        approval=approval,
        asked=" and ".join(deciders.named(store, group) for group in approval.groups)
        if approval and approval.is_open
        else "",
        times=() if window.is_over else steps.next_times(window, OCCURRENCES_SHOWN + 1)[1:],
        clashes=clashes_of(store, window, now),
        signers=signers(store, window, now) if done and done.signed_off_by is None else (),
        now=now,
    )


def may(store: Store, view: MaintenanceView, reader: Person) -> bool:
    """Tell whether a reader may change the window."""
    return may_change(store, reader, view.window)


def maintenance_list(store: Store, now: datetime) -> MaintenanceList:
    """List what runs and what is planned."""
    running = store.maintenance.running()[:LISTED]
    coming = store.maintenance.coming(limit=LISTED - len(running) if len(running) < LISTED else 0)
    return MaintenanceList(
        running=running,
        soon=[window for window in coming if window.starts_at < now + SOON],
        later=[window for window in coming if window.starts_at >= now + SOON],
        more=len(store.maintenance.running()) - len(running) + store.maintenance.count_coming() - len(coming),
        now=now,
    )


def _service_names(store: Store, window: Maintenance) -> Sequence[str]:
    known = {service.id: service.name for service in services_of(store, window)}
    return [known.get(service, service) for service in window.services]
