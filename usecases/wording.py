"""Moments and lengths of time in sentences that are written before anybody knows who will read them: in UTC."""

from datetime import datetime, timedelta

from domain.errors import Refused

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def utc_clock(at: datetime | None, now: datetime) -> str:
    """Write a moment for a sentence: the time alone on the same day, else with the date."""
    if at is None:
        raise Refused("That moment is not known.")
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def length(long: timedelta) -> str:
    """Write how long something takes, in its two largest units: "2 h", "1 h 30 min", "45 s"."""
    rest = max(round(long.total_seconds()), 0)
    for place, (size, unit) in enumerate(_UNITS):
        if rest >= size:
            smaller = _UNITS[place + 1 : place + 2]
            parts = [f"{rest // size} {unit}"] + [f"{n} {u}" for s, u in smaller if (n := rest % size // s)]
            return " ".join(parts)
    return "0 s"
