"""Writing on timelines: the one place where an entry gets its number, its time and its actor."""

from collections.abc import Mapping
from datetime import datetime

from domain import incident as steps
from domain.incident import Changed, Incident
from domain.people import BOT_ID
from domain.timeline import EntryKind, Source, TimelineEntry
from usecases import status_cards
from usecases.ports import Store


def append(
    store: Store, changed: Changed, now: datetime, *, actor: int, source: Source, activity: str | None = None
) -> TimelineEntry:
    """Add the entry of a step whose incident is stored already. Raise Repeated for an activity that wrote before."""
    entry = TimelineEntry(
        incident_id=changed.incident.id,
        seq=changed.incident.entry_seq,
        at=now,
        kind=changed.entry.kind,
        actor=actor,
        text=changed.entry.text,
        data=changed.entry.data,
        source=source,
        source_activity=activity,
    )
    store.timeline.append(entry)
    return entry


def tell(
    store: Store,
    incident: Incident,
    kind: EntryKind,
    text: str,
    now: datetime,
    *,
    data: Mapping[str, str | int | None] | None = None,
    actor: int = BOT_ID,
    source: Source = Source.TIMER,
    activity: str | None = None,
) -> Incident:
    """Write a sentence of ours on the timeline of a locked incident, and redraw its cards; return it as it is now."""
    changed = steps.told(incident, kind, text, data or {})
    store.incidents.save(changed.incident, seen=incident.version)
    append(store, changed, now, actor=actor, source=source, activity=activity)
    status_cards.redraw(store, changed.incident)
    return changed.incident
