"""The change behind an incident: linked by a person, at most one, and never for ever."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.change import MAY_MATTER, Change
from domain.errors import Refused
from domain.incident import Incident
from domain.people import Person
from domain.timeline import EntryKind
from usecases import log
from usecases.access import incident_to_change
from usecases.change_ports import Cause
from usecases.changes import telling
from usecases.changes.views import found
from usecases.incidents import Trail
from usecases.ports import Store


@dataclass(frozen=True, slots=True)
class _Press:
    """Who pressed about which change, where and when."""

    actor: Person
    change: Change
    trail: Trail
    now: datetime


def link(store: Store, actor: Person, incident_id: int, change_id: int, *, trail: Trail, now: datetime) -> str:
    """Say that a change is behind an incident; give a sentence on what holds now. Pressed again it changes nothing.

    Raise Refused where another change is linked already, or this one never happened.
    """
    incident = incident_to_change(store, actor, incident_id)
    change = found(store.changes.lock(change_id))
    standing = store.changes.cause_of(incident.id)
    if standing == change.id:
        return f"{change.name} is linked as the cause of {incident.ref} already."
    if standing is not None:
        raise Refused(f"Change {standing} is linked as the cause of {incident.ref}. Unlink it first.")
    if change.state not in MAY_MATTER:
        raise Refused(f"{change.name} {change.said}, so it cannot be the cause of {incident.ref}.")
    store.changes.blame(Cause(incident_id=incident.id, change_id=change.id, linked_by=actor.id, linked_at=now))
    text = f"{actor.name} linked {_told(change)} as the cause."
    _write(store, incident, EntryKind.CAUSE_LINKED, text, _Press(actor, change, trail, now))
    return f"{change.name} is linked as the cause of {incident.ref}."


def unlink(store: Store, actor: Person, incident_id: int, change_id: int, *, trail: Trail, now: datetime) -> str:
    """Take a link back; give a sentence on what holds now. Pressed again it changes nothing."""
    incident = incident_to_change(store, actor, incident_id)
    change = found(store.changes.lock(change_id))
    if store.changes.cause_of(incident.id) != change.id:
        return f"{change.name} is not linked to {incident.ref}."
    store.changes.clear(incident.id)
    text = f"{actor.name} took back that {_told(change)} is the cause."
    _write(store, incident, EntryKind.CAUSE_UNLINKED, text, _Press(actor, change, trail, now))
    return f"{change.name} is not linked to {incident.ref} any more."


def _told(change: Change) -> str:
    return f"change {change.id} “{change.title}”"


def _write(store: Store, incident: Incident, kind: EntryKind, text: str, by: _Press) -> None:
    """Put it on the timeline, and show it on the cards of both."""
    data = {"change": by.change.id}
    source, activity = by.trail.source, by.trail.activity
    log.tell(store, incident, kind, text, by.now, data=data, actor=by.actor.id, source=source, activity=activity)
    touched = replace(by.change, version=by.change.version + 1)
    store.changes.save(touched, seen=by.change.version)
    telling.redraw(store, touched)
