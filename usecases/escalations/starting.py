"""Beginning escalations: which policies an incident wants, and whether anybody may be paged for it now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.catalog import Service
from domain.escalation import EscalationPolicy
from domain.incident import Incident
from domain.running_escalation import Escalation, EscalationState
from domain.shifts import next_opening
from domain.timeline import EntryKind
from usecases import log, settling
from usecases.escalations.planning import WAITING, claimed, of_cycle, plan, saved
from usecases.ledger import subject_of
from usecases.ports import Store
from usecases.targets import hours_of, services_of
from usecases.work import DueWork, NewWork

PATIENT = 4
"""Incidents of this severity wake nobody (contract section 8)."""


def begin(store: Store, incident: Incident, now: datetime, *, at_once: bool = False) -> Sequence[Escalation]:
    """Begin an escalation for each policy that the incident wants and that has not run in this cycle; return them.

    `at_once` pages outside of working hours too. The first step is work that is due now: whoever makes the change
    that begins it writes the incident himself.
    """
    wanted = policies_of(store, incident)
    if not wanted:
        return ()
    had = {escalation.policy.id for escalation in of_cycle(store, incident)}
    begun = [
        begin_policy(store, incident, policy, now, opening(store, incident, service, now, at_once=at_once))
        for policy, service in wanted.values()
        if policy.id not in had
    ]
    if begun:
        plan(store, incident.id)
    return begun


def begin_policy(
    store: Store, incident: Incident, policy: EscalationPolicy, now: datetime, next_at: datetime
) -> Escalation:
    """Take a snapshot of a policy and begin with it; nothing is planned yet."""
    waits = next_at > now
    escalation = store.escalations.add(
        Escalation(
            id=0,
            incident_id=incident.id,
            cycle=incident.cycle,
            policy=policy,
            started_at=now,
            state=EscalationState.WAITING if waits else EscalationState.RUNNING,
            next_at=next_at,
        )
    )
    if waits:
        _plan_word(store, escalation, now)
    return escalation


def put_off(store: Store, before: Incident, incident: Incident, now: datetime) -> None:
    """Let what runs for an incident that was lowered to severity 4 begin anew when its owners come to work.

    From the first step: whoever was paged at night may not be the one who is on call then. Nothing changes where they
    are at work now.
    """
    waiting: list[int] = []
    for escalation in of_cycle(store, incident):
        next_at = opening(store, incident, service_of(store, before, escalation), now)
        if escalation.state is EscalationState.RUNNING and next_at > now:
            waiting.append(wait(store, escalation, next_at, now))
    if waiting:
        settling.drop(store, incident, escalations=waiting)
        plan(store, incident.id)


def resumes_at(store: Store, incident: Incident, escalation: Escalation, at: datetime) -> datetime | None:
    """Tell when a running escalation of severity 4 begins anew whose owners do not work at `at`; None: it goes on.

    What somebody has paged by hand outside of these hours goes on: they wanted it.
    """
    if incident.severity < PATIENT:
        return None
    service = service_of(store, incident, escalation)
    due = [page.due_at for page in store.pages.of_incident(incident.id) if page.escalation_id == escalation.id]
    last = max(due, default=None)
    next_at = opening(store, incident, service, at)
    return next_at if next_at > at and last is not None and opening(store, incident, service, last) <= last else None


def put_off_at_closing(store: Store, incident: Incident, escalation: Escalation, now: datetime) -> bool:
    """Let a running escalation of severity 4 rest until its owners come back to work; tell whether that is due."""
    next_at = resumes_at(store, incident, escalation, now)
    if next_at is None:
        return False
    wait(store, escalation, next_at, now)
    settling.redraw_all(store, incident)  # they tell who is paged next, and when
    plan(store, incident.id)
    return True


def service_of(store: Store, incident: Incident, escalation: Escalation) -> Service | None:
    """Find the service whose policy runs; where none names it any more, the incident's first one."""
    found, services = policies_of(store, incident).get(escalation.policy.id), services_of(store, incident)
    return found[1] if found else services[0] if services else None


def wait(store: Store, escalation: Escalation, next_at: datetime, now: datetime) -> int:
    """Let an escalation wait for its first step; return its id."""
    after = saved(store, escalation, state=EscalationState.WAITING, position=0, next_at=next_at)
    _plan_word(store, after, now)
    return after.id


def _plan_word(store: Store, escalation: Escalation, now: datetime) -> None:
    """Let it be said at once that nobody is paged before working hours."""
    store.work.add(
        NewWork(
            kind=WAITING,
            dedupe_key=f"waits:{escalation.id}:{escalation.version}",
            due_at=now,
            subject=subject_of(escalation.incident_id),
            payload={"escalation": escalation.id, "version": escalation.version},
        )
    )


def policies_of(store: Store, incident: Incident) -> Mapping[str, tuple[EscalationPolicy, Service]]:
    """Find the policies of an incident's services for its severity, each with the first service that names it."""
    found: dict[str, tuple[EscalationPolicy, Service]] = {}
    for service in services_of(store, incident):
        name = service.policy_for(incident.severity)
        policy = store.schedules.policy(name) if name is not None else None
        if policy is not None:
            found.setdefault(policy.id, (policy, service))
    return found


def opening(
    store: Store, incident: Incident, service: Service | None, at: datetime, *, at_once: bool = False
) -> datetime:
    """Tell when people may be paged for an incident, from `at` on: now, or in its owners' working hours."""
    if at_once or incident.severity < PATIENT:
        return at
    team = store.catalog.team(service.owner) if service else None
    return next_opening(hours_of(team), team.time_zone if team else "UTC", at)


def run_waiting(store: Store, due: DueWork, now: datetime) -> None:
    """Say on the timeline and on the card that nobody is paged yet, and until when."""
    found = claimed(store, due)
    if found is None or found[1].state is not EscalationState.WAITING or found[1].next_at is None:
        return
    incident, escalation = found
    text = (
        f"Severity {incident.severity} waits for working hours: "
        f"{escalation.policy.id} begins at {escalation.next_at:%Y-%m-%d %H:%M} UTC."
    )
    log.tell(
        store, replace(incident, paged=True), EntryKind.STEP_SKIPPED, text, now, data={"escalation": escalation.id}
    )
