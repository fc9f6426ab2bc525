"""What a change of an incident means for its escalations: they begin, stop, or begin again."""

from collections.abc import Collection, Sequence

from domain import incident as steps
from domain.incident import Changed, Incident
from domain.people import Person
from domain.running_escalation import LIVE, Escalation, EscalationState
from domain.timeline import EntryKind
from usecases import settling
from usecases.escalations import quiet
from usecases.escalations.planning import (
    ASKING,
    QUIET,
    UNTIL_ANSWERED,
    acknowledgers,
    count,
    names_of,
    of_cycle,
    plan,
    saved,
    step_paged,
    wanted,
)
from usecases.escalations.starting import begin, put_off
from usecases.incident_change import Change
from usecases.ledger import subject_of
from usecases.ports import Store

PUT_OFF = (EscalationState.WAITING, EscalationState.HELD)
_COUNTED = (EscalationState.RUNNING, EscalationState.ACKNOWLEDGED)


def follow(store: Store, change: Change) -> None:
    """Begin, stop or begin again, as a change of the incident asks for. The incident is locked and stored."""
    match change.kind:
        case EntryKind.DECLARED | EntryKind.REOPENED:
            begin(store, change.after, change.now)
        case EntryKind.ACKNOWLEDGED:
            _acknowledged(store, change)
        case EntryKind.RESOLVED:
            _resolved(store, change)
        case EntryKind.SEVERITY_CHANGED:
            _severity_changed(store, change)
        case _:
            pass


def join(store: Store, incident: Incident, person: Person) -> Changed | None:
    """Acknowledge an incident that somebody has already: None where nobody waits for another answer.

    It counts while a step wants several people, while an escalation has been set going again since, and for somebody
    who was paged after the acknowledgement, by name or although theirs counts already.
    """
    if not incident.is_open or incident.acknowledged_at is None:
        return None
    running = [e for e in of_cycle(store, incident) if e.state in ASKING]
    counts = any(person.id not in acknowledgers(store, incident, e.started_at) for e in running)
    if not counts and not _was_asked_for(store, incident, person, [None, *(e.id for e in running)]):
        return None
    return steps.told(incident, EntryKind.ACKNOWLEDGED, "", {})


def _was_asked_for(store: Store, incident: Incident, person: Person, askers: Collection[int | None]) -> bool:
    """Whether somebody has a page from after the acknowledgement; `askers` are escalations, None: people."""
    since = incident.acknowledged_at
    return since is not None and any(
        page.person_id == person.id and page.escalation_id in askers and page.is_waiting and page.due_at > since
        for page in settling.of_cycle(store, incident)
    )


def count_of(store: Store, incident: Incident) -> tuple[int, int] | None:
    """Tell how many of how many people have acknowledged; None where one is enough."""
    counted = [e for e in of_cycle(store, incident) if e.state in _COUNTED and step_paged(e).acknowledgements > 1]
    if not counted:
        return None
    several = max(counted, key=lambda e: step_paged(e).acknowledgements)
    return count(store, incident, several, step_paged(several).acknowledgements)


# -- inside -----------------------------------------------------------------------------------------------------------


def _acknowledged(store: Store, change: Change) -> None:
    incident, now = change.after, change.now
    settling.answered(store, incident, change.actor, now)
    asking = [e for e in of_cycle(store, incident) if e.state in ASKING]
    is_first = change.before is None or change.before.acknowledged_at is None
    if not asking and not is_first:  # somebody who was asked for by name: nobody else was waited for
        settling.redraw_all(store, incident)
        return
    enough = [e for e in asking if len(acknowledgers(store, incident, e.started_at)) >= wanted(e)]
    for escalation in enough:
        quiet.plan(store, incident, _stop(store, escalation, EscalationState.ACKNOWLEDGED), now)
    if any(e.state in LIVE for e in asking if e not in enough):
        _go_on(store, incident, enough)
        return
    store.work.cancel(subject_of(incident.id), kinds=UNTIL_ANSWERED)
    settling.drop(store, incident)
    settling.redraw_all(store, incident)
    since = min((e.started_at for e in enough), default=now)
    by = names_of(store, acknowledgers(store, incident, since)) or [change.actor]
    settling.tell_others(store, incident, settling.Done(by, "acknowledged", now))


def _go_on(store: Store, incident: Incident, stopped: Sequence[Escalation]) -> None:
    """Let a step wait for more people; what was stopped pages nobody any more."""
    settling.drop(store, incident, escalations={e.id for e in stopped})
    plan(store, incident.id)
    settling.redraw_all(store, incident)


def _resolved(store: Store, change: Change) -> None:
    incident = change.after
    for escalation in of_cycle(store, incident):
        if escalation.state in ASKING:
            _stop(store, escalation, EscalationState.STOPPED)
    store.work.cancel(subject_of(incident.id), kinds=(*UNTIL_ANSWERED, QUIET))
    settling.drop(store, incident)
    settling.redraw_all(store, incident)
    settling.tell_others(store, incident, settling.Done([change.actor], "resolved", change.now))


def _severity_changed(store: Store, change: Change) -> None:
    incident, before = change.after, change.before
    if before is not None and incident.severity > before.severity:
        put_off(store, before, incident, change.now)
    if before is not None and incident.severity < before.severity:
        waiting = [e for e in of_cycle(store, incident) if e.state in PUT_OFF]
        for escalation in waiting:
            saved(store, escalation, state=EscalationState.RUNNING, next_at=change.now)
        begun = begin(store, incident, change.now)
        if waiting and not begun:
            plan(store, incident.id)
    if incident.paged:
        settling.redraw_all(store, incident)


def _stop(store: Store, escalation: Escalation, state: EscalationState) -> Escalation:
    return saved(store, escalation, state=state, next_at=None)
