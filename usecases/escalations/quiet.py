"""Acknowledged, and then nothing: after a while the escalation begins again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.paging import PageReason
from domain.people import BOT_ID, Person
from domain.running_escalation import Escalation, EscalationState
from domain.timeline import EntryKind, Source
from usecases import ledger, log
from usecases.escalations.planning import QUIET, Moment, backwards, claimed, names_of, plan_next, saved
from usecases.escalations.starting import opening
from usecases.ledger import subject_of
from usecases.ports import Store
from usecases.targets import Audience, Found, services_of
from usecases.wording import length
from usecases.work import DueWork, NewWork, base


def plan(store: Store, incident: Incident, escalation: Escalation, since: datetime) -> None:
    """Plan a look whether anything was written since a moment (UTC), where the policy wants that."""
    timeout = escalation.policy.ack_timeout
    if timeout is None:
        return
    due_at = _look_at(store, incident, since + timeout)
    store.work.add(
        NewWork(
            kind=QUIET,
            dedupe_key=f"quiet:{escalation.id}:{escalation.version}:{due_at.isoformat()}",
            due_at=due_at,
            subject=subject_of(incident.id),
            payload={"escalation": escalation.id, "version": escalation.version},
        )
    )


def _look_at(store: Store, incident: Incident, at: datetime) -> datetime:
    """Tell when a look that is due at a moment may page people."""
    services = services_of(store, incident)
    return opening(store, incident, services[0] if services else None, at)


def run_quiet(store: Store, due: DueWork, now: datetime) -> None:
    """Begin again when nobody has written anything since the acknowledgement; look again later when somebody has.

    Each policy looks for itself: another one of the incident may have begun again before.
    """
    found = claimed(store, due)
    if found is None:
        return
    incident, escalation = found
    timeout = escalation.policy.ack_timeout
    if escalation.state is not EscalationState.ACKNOWLEDGED or timeout is None:
        return
    last = _last_sign(store, incident) or escalation.started_at
    # The severity may be another than it was when this look was planned.
    if _look_at(store, incident, last + timeout) > due.due_at:
        plan(store, incident, escalation, last)
        return
    _begin_again(store, incident, escalation, timeout, Moment(due.due_at, base(due, now), now))


def _last_sign(store: Store, incident: Incident) -> datetime | None:
    """Tell when a person has last done something about an incident."""
    entries = backwards(store, incident)
    return next((e.at for e in entries if e.actor != BOT_ID and e.source is not Source.TIMER), None)


def _begin_again(store: Store, incident: Incident, escalation: Escalation, timeout: timedelta, moment: Moment) -> None:
    # Nobody, where another policy has begun again: whoever had it was paged then.
    whom = names_of(store, [incident.acknowledged_by] if incident.acknowledged_by is not None else [])
    text = _told(escalation, timeout, incident, whom)
    # Nobody has it now: its card offers to acknowledge again, and whoever does stops this anew.
    free = replace(incident, acknowledged_by=None, acknowledged_at=None, paged=True)
    incident = log.tell(store, free, EntryKind.UNANSWERED, text, moment.now, data={"escalation": escalation.id})
    asked = ledger.Asked(
        reason=PageReason.QUIET,
        due_at=moment.due_at,
        wait=escalation.policy.steps[0].wait,
        escalation_id=escalation.id,
    )
    here = tuple(Found(person, "") for person in whom if person.active)
    ledger.page_all(store, incident, Audience(people=here), asked)
    again = saved(
        store,
        escalation,
        state=EscalationState.RUNNING,
        position=0,
        next_at=moment.base,
        started_at=moment.now,
    )
    plan_next(store, again)


def _told(escalation: Escalation, timeout: timedelta, incident: Incident, whom: Sequence[Person]) -> str:
    begins = f"{escalation.policy.id} begins again at step 1."
    if incident.acknowledged_at is None:
        return f"No sign of work for {length(timeout)}: {begins}"
    name = whom[0].name if whom else "somebody"
    paged = f"{name} is paged again, and " if any(person.active for person in whom) else ""
    return f"No sign of work in the {length(timeout)} after {name} acknowledged: {paged}{begins}"
