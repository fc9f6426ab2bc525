"""When what happened in an incident: as its timeline tells, and as people have put it right."""

from collections.abc import Mapping
from datetime import datetime

from domain.errors import Refused
from domain.incident import Incident, Status
from domain.moment import SAID, Correction, Moment, checked
from domain.people import Person
from domain.phases import Moments
from domain.timeline import EntryKind, Source
from usecases import log, sides
from usecases.access import incident_to_change
from usecases.ports import Store

_READ = 500
"""Steps of one incident that are read; ours: a hundred reopenings."""


def moments_of(store: Store, incident: Incident) -> Moments:
    """Read them. Of a reopened incident the first acknowledgement counts and the last end of the impact."""
    steps = store.timeline.of_kinds(incident.id, (EntryKind.ACKNOWLEDGED, EntryKind.STATUS_CHANGED), limit=_READ)
    acknowledged = next((step.at for step in steps if step.kind is EntryKind.ACKNOWLEDGED), None)
    identified = next((step.at for step in steps if step.data.get("to") == Status.IDENTIFIED), None)
    noted = {
        Moment.ACKNOWLEDGED: acknowledged or incident.acknowledged_at,
        Moment.IDENTIFIED: identified,
        Moment.MITIGATED: incident.mitigated_at,
    }
    found = {**noted, **{moment: one.at for moment, one in counting(store, incident).items()}}
    return Moments(
        impact_at=found.get(Moment.IMPACT),
        detected_at=found.get(Moment.DETECTED),
        declared_at=incident.declared_at,
        acknowledged_at=found.get(Moment.ACKNOWLEDGED),
        assembled_at=both_sides_at(store, incident),
        identified_at=found.get(Moment.IDENTIFIED),
        mitigated_at=found.get(Moment.MITIGATED),
    )


def counting(store: Store, incident: Incident) -> Mapping[Moment, Correction]:
    """Read what people have put right. When the impact was over is asked anew each time an incident is reopened."""
    said = store.moments.counting(incident.id)
    return {
        moment: one for moment, one in said.items() if moment is not Moment.MITIGATED or one.cycle == incident.cycle
    }


def both_sides_at(store: Store, incident: Incident) -> datetime | None:
    """Tell when people of both sides had joined; None where one of them never did."""
    first = store.timeline.first_seen(incident.id)
    people = store.people.many([*first]).values()
    return sides.both_at(first.items(), sides.sides_of(store, people))


def correct(
    store: Store, actor: Person, incident_id: int, moment: Moment, at: datetime, *, reason: str, now: datetime
) -> str:
    """Say when something was; give a sentence. Any member may. Again it changes nothing; the timeline says who did."""
    incident = incident_to_change(store, actor, incident_id)
    text = checked(incident, moment, at, reason, now)
    before = counting(store, incident).get(moment)
    if before is not None and before.at == at:
        return f"{SAID[moment].capitalize()} of {incident.ref} is {_said(at)} already."
    store.moments.correct(
        Correction(
            incident_id=incident.id,
            cycle=incident.cycle,
            moment=moment,
            at=at,
            author=actor.id,
            reason=text,
            made_at=now,
        )
    )
    instead = f" instead of {_said(before.at)}" if before else ""
    because = f": {text}" if text else ""
    said = f"{actor.name} set {SAID[moment]} to {_said(at)}{instead}{because}."
    log.tell(store, incident, EntryKind.TIME_CORRECTED, said, now, actor=actor.id, source=Source.MESSAGE)
    return said


def mark(store: Store, actor: Person, incident_id: int, seq: int, *, key: bool) -> str:
    """Say that an entry of the timeline is a key moment, or that it is not; give a sentence. Any member may."""
    incident = incident_to_change(store, actor, incident_id)
    if not 1 <= seq <= incident.entry_seq:
        raise Refused(
            f"{incident.ref} has entries 1 to {incident.entry_seq}. Write `timeline {incident.ref}` to see them."
        )
    changed = store.moments.mark(incident.id, seq, key=key)
    state = "a key moment" if key else "no key moment"
    return f"Entry {seq} of {incident.ref} is {state}{'' if changed else ' already'}."


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
