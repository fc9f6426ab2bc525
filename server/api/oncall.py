"""Who is on call, and the shifts of a schedule, as JSON."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.errors import Refused, Unknown
from domain.oncall import Schedule
from domain.shifts import Shift, ShiftSource, shift_at
from server.api.parameters import AT, FROM, ON_CALL_SCHEDULE, ON_CALL_SERVICE, ON_CALL_TEAM, SCHEDULE, TO
from server.api.table import Asked
from server.times import rfc3339
from usecases.oncall import schedules_of_service
from usecases.oncall_names import schedule_named
from usecases.ports import Store
from usecases.shift_windows import shifts_in

WINDOW = timedelta(days=14)
LONGEST_WINDOW = timedelta(days=400)
"""Of one answer; ours: a year and the month after it."""


def on_call(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer who is on call at a moment, schedule by schedule."""
    at = asked[AT] or asked.now(store)
    return {"items": [_item(shift_at(schedule, at)) for schedule in _schedules(store, asked)]}


def shifts(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer the final shifts of a schedule, cut to a window."""
    schedule = schedule_named(store, asked[SCHEDULE])
    starts_at = asked[FROM] or asked.now(store)
    ends_at = asked[TO] or starts_at + WINDOW
    if starts_at >= ends_at:
        raise Refused("from must be earlier than to.")
    if ends_at - starts_at > LONGEST_WINDOW:
        raise Refused(f"from and to are more than {LONGEST_WINDOW.days} days apart; ask for a shorter window.")
    return {"items": [_item(shift) for shift in shifts_in(schedule, starts_at, ends_at)]}


def _schedules(store: Store, asked: Asked) -> Sequence[Schedule]:
    schedule, service, team = asked[ON_CALL_SCHEDULE], asked[ON_CALL_SERVICE], asked[ON_CALL_TEAM]
    if sum(given is not None for given in (schedule, service, team)) > 1:
        raise Refused("Give at most one of schedule, service and team.")
    if schedule is not None:
        return [schedule_named(store, schedule)]
    if service is not None:
        found = store.catalog.service(service)
        if found is None:
            raise Unknown(f"There is no service “{service[:40]}”.")
        return schedules_of_service(store, found)
    if team is not None:
        if store.catalog.team(team) is None:
            raise Unknown(f"There is no team “{team[:40]}”.")
        return store.schedules.of_team(team)
    return store.schedules.all()


def _item(shift: Shift) -> dict[str, Any]:
    return {
        "schedule": shift.schedule,
        "person": shift.person,
        "starts_at": _moment(shift.starts_at),
        "ends_at": _moment(shift.ends_at),
        "source": None if shift.source is ShiftSource.NOBODY else str(shift.source),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
