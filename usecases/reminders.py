"""Reminders on incidents: an update is due, nobody is in command, the time to resolve runs out.

What is to be said is worked out from the incident when the moment comes: a row of work that comes late, twice or
without need says nothing wrong. Of each kind one row waits at a time; it plans the one after it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from domain import incident as steps
from domain.errors import Refused
from domain.incident import Changed, Incident, Role
from domain.people import Person
from usecases import letters, status_cards
from usecases.deadlines import last_update, resolve_target, update_due, update_interval, usual_interval
from usecases.incident_change import Change
from usecases.ports import Store
from usecases.updates.reach import audiences_of
from usecases.wording import length, utc_clock
from usecases.work import PUNCTUAL, DueWork, NewWork

UPDATE = "reminder.update:1"
ROLE = "reminder.role:1"
BUDGET = "reminder.budget:1"
KINDS = (UPDATE, ROLE, BUDGET)

LONGEST_LEAD = timedelta(minutes=5)
"""So long before an update is late it is asked for; ours: time to write one, and not yet forgotten again."""
LEAD_SHARE = 6
"""Of a short interval it is this part: of a quarter of an hour 2.5 minutes."""
ROLE_PATIENCE = timedelta(minutes=10)
"""A major incident may be without a commander for so long; as others do, once instead of again and again."""
MAJOR = 2
"""Incidents of this severity and worse need a commander."""
BUDGETED = 3
"""Incidents of this severity and worse are told how the time to resolve runs out."""
_USED = {50: "half", 75: "three quarters", 100: "all"}
"""Percent of the time to resolve at which it is said how much is used; ours: two warnings, then the fact."""
_ROLE = "role"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Wanted = timedelta | Literal["on", "off"]
"""What somebody asks for: updates at an interval of their own, or reminders on and off."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is to be said, UTC; `name` tells it from the others of its kind."""

    name: str
    at: datetime


def follow(store: Store, change: Change) -> None:
    """Plan, move or cancel reminders, as a change of the incident asks for."""
    before, after = change.before, change.after
    if not after.is_open:
        if before is not None and before.is_open:
            store.work.cancel(_subject(after), kinds=KINDS)
        return
    stale = [kind for kind, about in _HANGS_ON.items() if _differs(before, after, about)]
    if stale and before is not None:
        store.work.cancel(_subject(after), kinds=stale)
    for kind in stale:
        _plan(store, after, kind, change.now)


def choose(store: Store, incident: Incident, wanted: Wanted, actor: Person) -> Changed | None:
    """Make the step somebody asks for; None when it is so already. Raise Refused where it would change nothing."""
    if isinstance(wanted, timedelta):
        text = f"{actor.name} asked for an update every {length(wanted)}."
        return steps.remind_every(incident, wanted, text)
    if incident.is_open and wanted == "on" and usual_interval(store, incident) is None:
        raise Refused(
            f"Severity {incident.severity} has no reminders to update: say how often, "
            f"as in `remind {incident.ref} every 1h`."
        )
    return steps.switch_reminders(
        incident, off=wanted == "off", text=f"{actor.name} switched the reminders to update {wanted}."
    )


def told(store: Store, incident: Incident, now: datetime) -> str:
    """Say how people are reminded of updates, in one sentence."""
    interval, by = update_interval(store, incident), update_due(store, incident)
    if not incident.is_open or by is None:
        return f"Nobody is reminded to update {incident.ref}."
    every = f" every {length(interval)}" if interval is not None else ""
    when = f"the next one by {utc_clock(by, now)}" if now < by else f"overdue since {utc_clock(by, now)}"
    return f"{incident.ref} wants an update{every}, {when}."


# -- when the moment has come -----------------------------------------------------------------------------------------


def run_update(store: Store, due: DueWork, now: datetime) -> None:
    """Ask for an update before it is late, and once more when it is; then nobody is asked until there was one."""
    incident = _incident(store, due)
    if incident is None:
        return
    moments = _updates(store, incident)
    reached = _reached(moments, now)
    if reached is not None:
        is_late = reached is moments[-1]
        by = utc_clock(moments[-1].at, now)
        wants = (
            f"The update of {incident.ref} is overdue since {by}"
            if is_late
            else f"{incident.ref} wants an update by {by}"
        )
        whom = (Role.COMMANDER, Role.COMMUNICATIONS) if is_late else (Role.COMMUNICATIONS, Role.COMMANDER)
        word = "update" if audiences_of(store, incident) else "note"
        text = f"{wants}: write `{word} {incident.ref} …` or change the status."
        _say(store, incident, reached, text, _holder(store, incident, whom))
        if is_late:
            _redraw(store, incident)
    _plan(store, incident, UPDATE, now)


def run_role(store: Store, due: DueWork, now: datetime) -> None:
    """Say that a major incident has no commander."""
    incident = _incident(store, due)
    if incident is None or not _needs_commander(incident):
        return
    text = (
        f"{incident.ref} has no commander: press `Take command` on its card, "
        f"or write `assign {incident.ref} commander @person`."
    )
    _say(store, incident, Moment(_ROLE, now), text)


def run_budget(store: Store, due: DueWork, now: datetime) -> None:
    """Say how much of the time to resolve is used; after an outage only what is true by then."""
    incident = _incident(store, due)
    if incident is None or not _has_budget(incident):
        return
    marks = _marks(store, incident)
    reached = _reached(marks, now)
    if reached is not None:
        _say(store, incident, reached, _used(store, incident, reached, now))
        if reached is marks[-1]:
            _redraw(store, incident)
    _plan(store, incident, BUDGET, now)


# -- moments ----------------------------------------------------------------------------------------------------------


def _moments(store: Store, incident: Incident, kind: str, now: datetime) -> Sequence[Moment]:
    """List when something of a kind is to be said about an open incident, soonest first."""
    if kind == UPDATE:
        return _updates(store, incident)
    if kind == BUDGET:
        return _marks(store, incident) if _has_budget(incident) else ()
    return (Moment(_ROLE, now + ROLE_PATIENCE),) if _needs_commander(incident) else ()


def _updates(store: Store, incident: Incident) -> Sequence[Moment]:
    by = update_due(store, incident)
    if by is None:
        return ()
    told_at = last_update(incident)
    interval = by - told_at
    name = f"update:{_ms(told_at)}:{interval // timedelta(milliseconds=1)}"
    first = by - min(LONGEST_LEAD, interval / LEAD_SHARE)
    return Moment(f"{name}:first", first), Moment(f"{name}:late", by)


def _marks(store: Store, incident: Incident) -> Sequence[Moment]:
    target = resolve_target(store)
    return [Moment(f"budget:{percent}", incident.declared_at + target * percent / 100) for percent in _USED]


def _reached(moments: Sequence[Moment], at: datetime) -> Moment | None:
    """Of several that have come meanwhile the last one tells all."""
    return next((moment for moment in reversed(moments) if moment.at <= at), None)


def _plan(store: Store, incident: Incident, kind: str, now: datetime) -> None:
    """Plan the next thing to say of a kind. What should have been said before now is not said any more."""
    coming = next((moment for moment in _moments(store, incident, kind, now) if moment.at > now), None)
    if coming is not None:
        store.work.add(
            NewWork(
                kind=kind,
                dedupe_key=f"{_key(incident, coming)}:{_ms(coming.at)}",  # with the time: settings may change
                due_at=coming.at,
                subject=_subject(incident),
                payload={"incident": incident.id},
            )
        )


# -- what they hang on ------------------------------------------------------------------------------------------------


def _asked_for(incident: Incident) -> object:
    return (
        incident.severity,
        incident.updated_at,
        incident.promised_at,
        incident.remind_every,
        incident.remind_off,
    )


def _needs_commander(incident: Incident) -> bool:
    return incident.severity <= MAJOR and Role.COMMANDER not in incident.roles


def _has_budget(incident: Incident) -> bool:
    return incident.severity <= BUDGETED


_HANGS_ON: Mapping[str, Callable[[Incident], object]] = {
    UPDATE: _asked_for,
    ROLE: _needs_commander,
    BUDGET: _has_budget,
}


def _differs(before: Incident | None, after: Incident, about: Callable[[Incident], object]) -> bool:
    return before is None or before.cycle != after.cycle or about(before) != about(after)


# -- saying it --------------------------------------------------------------------------------------------------------


def _incident(store: Store, due: DueWork) -> Incident | None:
    """Lock the incident; None when there is nothing to remind of any more."""
    incident = store.incidents.lock(int(due.payload["incident"]))
    return incident if incident is not None and incident.is_open else None


def _holder(store: Store, incident: Incident, roles: Sequence[Role]) -> Person | None:
    """Find who has the first of these seats that is taken."""
    ids = [incident.roles[role] for role in roles if role in incident.roles]
    return store.people.many(ids[:1]).get(ids[0]) if ids else None


def _used(store: Store, incident: Incident, mark: Moment, at: datetime) -> str:
    target = resolve_target(store)
    end = incident.declared_at + target
    is_late = at - mark.at > PUNCTUAL
    if at >= end:
        since = f" since {utc_clock(end, at)}" if is_late else ""
        return f"{incident.ref}: the {length(target)} target to resolve it is used up{since}."
    part = _USED[int(mark.name.rpartition(":")[2])]
    more = "more than " if is_late else ""
    return f"{incident.ref}: {more}{part} of the {length(target)} target is used, {length(end - at)} left."


def _say(store: Store, incident: Incident, moment: Moment, text: str, whom: Person | None = None) -> None:
    """Say it once, where the incident is talked about."""
    home = status_cards.home_of(store, incident.id)
    if home is not None:
        letters.say_in_place(store, home, text, key=_key(incident, moment), mention=whom, incident_id=incident.id)


def _redraw(store: Store, incident: Incident) -> None:
    """Let the cards show that a deadline has passed: a card is drawn once for each version."""
    passed = replace(incident, version=incident.version + 1)
    store.incidents.save(passed, seen=incident.version)
    status_cards.redraw(store, passed)


def _key(incident: Incident, moment: Moment) -> str:
    return f"rem:{incident.id}:{incident.cycle}:{moment.name}"


def _subject(incident: Incident) -> str:
    return f"incident:{incident.id}"


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
