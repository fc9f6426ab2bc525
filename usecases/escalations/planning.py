"""Rows of running escalations, and the due work that carries them on. Everything here runs under the incident's lock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.escalation import Step
from domain.incident import Incident
from domain.people import Person
from domain.running_escalation import LIVE, Escalation, EscalationState
from domain.timeline import EntryKind, TimelineEntry
from usecases.ledger import SECOND, subject_of
from usecases.ports import Store
from usecases.work import DueWork, NewWork

STEP = "escalation.step:1"
QUIET = "escalation.quiet:1"
ASKED = "escalation.asked:1"
WAITING = "escalation.waiting:1"
"""The kinds of due work: the next step, a look whether anything happens, a look whether somebody who was asked for has
answered, and the word that nobody is paged before working hours."""
UNTIL_ANSWERED = (STEP, ASKED, WAITING, SECOND)
"""Kinds that an acknowledgement makes pointless."""
ASKING = (*LIVE, EscalationState.EXHAUSTED)
"""States in which an acknowledgement is missing."""
_PAGE = 100  # timeline entries read at once


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is carried out, UTC: when it was due, from when the next moment is counted, and what time it is."""

    due_at: datetime
    base: datetime
    now: datetime


def of_cycle(store: Store, incident: Incident) -> Sequence[Escalation]:
    """List the escalations of an incident since it was opened for the last time, oldest first."""
    return [e for e in store.escalations.of_incident(incident.id) if e.cycle == incident.cycle]


def saved(store: Store, escalation: Escalation, **changes: Any) -> Escalation:
    """Store an escalation with changes; work that was planned for how it was before does nothing from now on."""
    after = replace(escalation, version=escalation.version + 1, **changes)
    store.escalations.save(after, seen=escalation.version)
    return after


def plan(store: Store, incident_id: int) -> None:
    """Plan the next step of each live escalation of an incident, and nothing else."""
    store.work.cancel(subject_of(incident_id), kinds=(STEP,))
    for escalation in store.escalations.of_incident(incident_id):
        plan_next(store, escalation)


def plan_next(store: Store, escalation: Escalation) -> None:
    """Plan the next step of one escalation as it stands. Older plans of it find that they are not meant any more."""
    if escalation.state in LIVE and escalation.next_at is not None:
        store.work.add(
            NewWork(
                kind=STEP,
                dedupe_key=f"esc:{escalation.id}:{escalation.position}:{escalation.version}",
                due_at=escalation.next_at,
                subject=subject_of(escalation.incident_id),
                payload={"escalation": escalation.id, "version": escalation.version},
            )
        )


def claimed(store: Store, due: DueWork) -> tuple[Incident, Escalation] | None:
    """Lock what a piece of work is about; None when things have moved on since it was planned."""
    found = store.escalations.get(int(due.payload["escalation"]))
    incident = store.incidents.lock(found.incident_id) if found else None
    # Read again under the lock: whoever held it may have stopped it.
    escalation = store.escalations.get(found.id) if found else None
    if incident is None or escalation is None or escalation.version != due.payload["version"]:
        return None
    return (incident, escalation) if incident.is_open and escalation.cycle == incident.cycle else None


# -- who has acknowledged ---------------------------------------------------------------------------------------------


def acknowledgers(store: Store, incident: Incident, since: datetime) -> Sequence[int]:
    """List the people who have acknowledged this cycle of an incident at a moment or after it, the first one first."""
    found: list[TimelineEntry] = []
    for entry in backwards(store, incident):
        if entry.kind is EntryKind.REOPENED or entry.at < since:
            break
        found += [entry] if entry.kind is EntryKind.ACKNOWLEDGED else []
    return list(dict.fromkeys(entry.actor for entry in reversed(found)))


def answered(store: Store, incident: Incident, escalation: Escalation) -> Sequence[int]:
    """List the people whose acknowledgement counts while more are wanted: they are not paged again."""
    return acknowledgers(store, incident, escalation.started_at) if most_wanted(escalation) > 1 else ()


def count(store: Store, incident: Incident, escalation: Escalation, many: int) -> tuple[int, int] | None:
    """Tell how many of so many people have acknowledged; None where one is enough."""
    return (min(len(acknowledgers(store, incident, escalation.started_at)), many), many) if many > 1 else None


def so_far(store: Store, incident: Incident, escalation: Escalation) -> tuple[int, int] | None:
    """Tell how many have acknowledged of those the steps wanted, for when all of them are through."""
    return count(store, incident, escalation, most_wanted(escalation))


def most_wanted(escalation: Escalation) -> int:
    """Tell how many different people the step wants that wants most."""
    return max(step.acknowledgements for step in escalation.policy.steps)


def backwards(store: Store, incident: Incident) -> Iterator[TimelineEntry]:
    """Read a timeline from its end."""
    before: int | None = incident.entry_seq + 1
    while before is not None and before > 1:
        entries = store.timeline.page(incident.id, before=before, limit=_PAGE)
        yield from reversed(entries)
        before = entries[0].seq if entries else None


def step_paged(escalation: Escalation) -> Step:
    """Give the step that was paged last, before the first one that one; for the last resort the last step."""
    found = escalation.step_at(max(escalation.position - 1, 0))
    return found[0] if found else replace(escalation.policy.steps[-1], acknowledgements=1)


def wanted(escalation: Escalation) -> int:
    """Tell how many different people have to acknowledge: what the step says that is waited for."""
    return step_paged(escalation).acknowledgements if escalation.state is EscalationState.RUNNING else 1


def names_of(store: Store, ids: Sequence[int]) -> Sequence[Person]:
    """Read people in this order."""
    people = store.people.many(ids)
    return [people[person_id] for person_id in ids if person_id in people]
