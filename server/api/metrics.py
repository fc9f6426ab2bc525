"""Figures as JSON."""

from datetime import timedelta
from typing import Any

from domain.errors import Refused
from domain.incident import SEVERITIES
from domain.metrics import Share, Spread
from server.api.parameters import METRICS_FROM, METRICS_TEAM, METRICS_TO
from server.api.table import Asked
from server.times import rfc3339
from usecases.metrics import figures
from usecases.ports import Store

_DEFAULT, _LONGEST = timedelta(days=30), timedelta(days=400)


def shown(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer the figures of a window, of all or of a team."""
    until = asked[METRICS_TO] or asked.now(store)
    since = asked[METRICS_FROM] or until - _DEFAULT
    if not since < until <= since + _LONGEST:
        raise Refused(f"to must be later than from, and at most {_LONGEST.days} days.")
    named = asked[METRICS_TEAM]
    team = store.catalog.team(named) if named is not None else None
    if named is not None and team is None:
        raise Refused(f"team names no team of the organisation: there is no “{named[:40]}”.")
    found = figures(store, since, until, team)
    return {
        "from": rfc3339(since),
        "to": rfc3339(until),
        "team": team.id if team else None,
        "incidents": {
            "n": len(found.incidents),
            "open": found.still_open,
            "by_severity": {str(severity): found.of_severity(severity) for severity in SEVERITIES},
        },
        "time_to_detect": _spread(found.time_to_detect),
        "time_to_acknowledge": _spread(found.time_to_acknowledge),
        "time_to_mitigate": _spread(found.time_to_mitigate),
        "time_to_resolve": _spread(found.time_to_resolve),
        "both_sides_joined": _spread(found.work.both_sides),
        "reactive_work": {**_share(found.work.reactive), "hours": found.work.hours},
        "repeat_rate": _share(found.repeat_rate),
        "handoff_acceptance": _share(found.handoff_acceptance),
        "change_failure_rate": _share(found.change_failure_rate),
    }


def _spread(spread: Spread) -> dict[str, float | None]:
    return {"median": spread.median, "p90": spread.p90, "n": spread.n}


def _share(share: Share) -> dict[str, float | None]:
    return {"percent": share.percent, "n": share.n}
