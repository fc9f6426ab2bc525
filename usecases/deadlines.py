"""By when an incident wants an update, and by when it should be resolved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Incident
from usecases.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """What the clocks of an open incident say, UTC."""

    resolve_by: datetime
    """The organisation's target, counted from the declaration."""
    update_by: datetime | None
    """When the next update is late; None: nobody is reminded of updates, and none is promised."""
    is_promised: bool = False
    """Whether stakeholders were told that it comes then."""


def deadlines_of(store: Store, incident: Incident) -> Deadlines | None:
    """Tell the deadlines of an open incident; None when it is resolved. Reads nothing but cached settings.

    A reopened incident is still counted from its declaration: that is when the trouble began for those who have it,
    and it is what the time to resolve is counted from afterwards.
    """
    if not incident.is_open:
        return None
    promise = promise_of(incident)
    return Deadlines(
        resolve_by=incident.declared_at + resolve_target(store),
        update_by=promise or update_due(store, incident),
        is_promised=promise is not None,
    )


def resolve_target(store: Store) -> timedelta:
    """Tell how long an incident should take at most, from its declaration."""
    return timedelta(hours=store.organisations.settings().targets.resolve_hours)


def update_interval(store: Store, incident: Incident) -> timedelta | None:
    """Tell how often people want to hear how it goes; None where nobody is reminded of it."""
    return None if incident.remind_off else usual_interval(store, incident)


def update_due(store: Store, incident: Incident) -> datetime | None:
    """Tell by when people are reminded to give an update: as stakeholders were promised, else after the interval."""
    interval = usual_interval(store, incident)
    if incident.remind_off:
        return None
    return promise_of(incident) or (None if interval is None else last_update(incident) + interval)


def promise_of(incident: Incident) -> datetime | None:
    """Tell when stakeholders were promised the next update, unless there was news after that moment."""
    promised = incident.promised_at
    return promised if promised is not None and promised > last_update(incident) else None


def usual_interval(store: Store, incident: Incident) -> timedelta | None:
    """Tell how often updates are wanted while the reminders are on: as somebody chose, else as the severity says."""
    return incident.remind_every or store.organisations.settings().update_reminder.get(incident.severity)


def last_update(incident: Incident) -> datetime:
    """Tell when people were last told how it goes, UTC."""
    return incident.updated_at or incident.declared_at
