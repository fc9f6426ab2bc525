"""Planned maintenance holds pages back: in the open, as long as it runs, and not a moment longer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.catalog import Service
from domain.incident import Incident
from domain.maintenance import Maintenance
from domain.paging import PageResult, Way
from domain.people import BOT_ID
from domain.running_escalation import Escalation, EscalationState
from domain.timeline import EntryKind
from usecases import ledger, log
from usecases.escalations.planning import plan, plan_next, saved
from usecases.escalations.starting import opening, service_of, wait
from usecases.ports import Store
from usecases.targets import Audience, services_of
from usecases.wording import listed
from usecases.work import DueWork, NewWork

RELEASE = "escalation.release:1"
"""The work that lets paging go on when a window has ended; its payload names the window."""
HOLDABLE = 3
"""Severities from this on wait for the end of a window (contract section 8); worse ones page at once."""
LOOK_AGAIN = timedelta(minutes=15)
"""How often a held escalation looks whether it is still held; ours: the end of the window tells it at once, this is for
a window that went away without a word."""


def windows_over(
    store: Store, incident: Incident, escalation: Escalation, *, lock: bool = False
) -> Sequence[Maintenance]:
    """List the running windows that hold an escalation back; nothing where it pages.

    It is held where all services it stands for are in maintenance: what else is broken has to be seen. What a person has
    paged in the window goes on, they wanted it. `lock` keeps the windows from ending until this transaction does.
    """
    if incident.severity < HOLDABLE and incident.declared_by != BOT_ID:
        return ()
    mine = {service.id for service in _services(store, incident, escalation)}
    windows = store.maintenance.running_on(mine, lock=lock) if mine else ()
    if not mine or not mine <= {service for window in windows for service in window.services}:
        return ()
    since = min(window.starts_at for window in windows)
    paged = (p for p in store.pages.of_incident(incident.id) if p.escalation_id == escalation.id and p.due_at >= since)
    return () if any(page.result is not PageResult.HELD for page in paged) else windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Would:
    """What would be done if nothing held it back."""

    name: str
    """Of the step, such as "Step 1 of checkout"."""
    audience: Audience
    asked: ledger.Asked


def hold_back(store: Store, incident: Incident, escalation: Escalation, would: Would, now: datetime) -> bool:
    """Hold a step back while maintenance runs, and say so on the card and in the ledger; tell whether that is so."""
    windows = windows_over(store, incident, escalation, lock=True)
    if not windows:
        return False
    next_at = max(min(window.ends_at for window in windows), now + LOOK_AGAIN)
    after = saved(store, escalation, state=EscalationState.HELD, next_at=next_at)
    if escalation.state is not EscalationState.HELD:
        _write_down(store, incident, would)
        text = f"{would.name} would have {would.audience.told}. It is held back by {named(windows)}."
        data = {"escalation": escalation.id, "maintenance": windows[0].id}
        log.tell(store, replace(incident, paged=True), EntryKind.HELD, text, now, data=data)
    plan_next(store, after)
    return True


def named(windows: Sequence[Maintenance]) -> str:
    """Name windows in a sentence: "maintenance 7 “Database upgrade”"."""
    return listed([f"maintenance {window.id} “{window.title}”" for window in windows], most=2)


def _write_down(store: Store, incident: Incident, would: Would) -> None:
    """Write into the ledger whom it would have paged."""
    for found in would.audience.people:
        page = ledger.row(incident, would.asked, Way.TEAMS, found.target)
        store.pages.add(replace(page, person_id=found.person.id, result=PageResult.HELD))
    for posted in would.audience.channels:
        page = ledger.row(incident, would.asked, Way.CHANNEL, posted.target)
        store.pages.add(replace(page, team_id=posted.team.id, result=PageResult.HELD))


def plan_release(store: Store, window: Maintenance, now: datetime) -> None:
    """Let paging go on, in a transaction of its own: this one has locked the window, and must not wait for incidents."""
    key = f"release:{window.id}:{window.version}"
    store.work.add(NewWork(kind=RELEASE, dedupe_key=key, due_at=now, payload={"maintenance": window.id}))


def run_release(store: Store, due: DueWork, now: datetime) -> None:
    """Go on with everything that no window holds back any more."""
    window = int(due.payload["maintenance"])
    for found in store.escalations.held():
        incident = store.incidents.lock(found.incident_id)
        escalation = store.escalations.get(found.id)
        if incident is None or escalation is None or escalation.state is not EscalationState.HELD:
            continue
        if incident.is_open and escalation.cycle == incident.cycle and not windows_over(store, incident, escalation):
            _go_on(store, incident, escalation, window, now)


def _go_on(store: Store, incident: Incident, escalation: Escalation, window: int, now: datetime) -> None:
    text = f"Maintenance {window} is over: paging by {escalation.policy.id} goes on."
    log.tell(store, incident, EntryKind.HELD, text, now, data={"escalation": escalation.id, "maintenance": window})
    at = opening(store, incident, service_of(store, incident, escalation), now)
    if at > now:
        wait(store, escalation, at, now)
    else:
        saved(store, escalation, state=EscalationState.RUNNING, next_at=now)
    plan(store, incident.id)


def _services(store: Store, incident: Incident, escalation: Escalation) -> Sequence[Service]:
    """List the services of an incident whose policy this is; all of them where none names it."""
    services = services_of(store, incident)
    return [s for s in services if s.policy_for(incident.severity) == escalation.policy.id] or services
