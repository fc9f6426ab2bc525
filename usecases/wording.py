"""Moments, lengths of time and rows of names, as sentences say them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Refused

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def utc_clock(at: datetime | None, now: datetime) -> str:
    """Write a moment for a sentence: the time alone on the same day, else with the date."""
    if at is None:
        raise Refused("That moment is not known.")
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def exact(at: datetime, zone: str | None) -> str:
    """Write a moment that is read days later: "Sat 2026-12-05 22:00 Kolkata (16:30 UTC)"; without a zone in UTC alone."""
    utc = at.astimezone(UTC)
    if zone in (None, "", "UTC"):
        return f"{_said(utc)} UTC"
    local = at.astimezone(ZoneInfo(str(zone)))
    beside = _clock(utc) if utc.date() == local.date() else _said(utc)
    return f"{_said(local)} {city_of(str(zone))} ({beside} UTC)"


def to_the_minute(at: datetime, zone: str | None) -> str:
    """Write a moment whose seconds nobody means, such as when something was said or ends half an hour later."""
    return exact(at.replace(second=0, microsecond=0), zone)


def between(starts_at: datetime, ends_at: datetime, zone: str | None) -> str:
    """Write a time from one moment to another; a day both have in common is named once."""
    first, last = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    if zone in (None, "", "UTC"):
        return f"{_range(first, last)} UTC"
    begins, ends = (at.astimezone(ZoneInfo(str(zone))) for at in (starts_at, ends_at))
    said = f"{_range(begins, ends)} {city_of(str(zone))}"
    if not begins.utcoffset() and not ends.utcoffset():
        return f"{said} (the same in UTC)"
    same_days = (first.date(), last.date()) == (begins.date(), ends.date())
    return f"{said} ({f'{_clock(first)} – {_clock(last)}' if same_days else _range(first, last)} UTC)"


def city_of(zone: str) -> str:
    """Name a time zone as people do."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def listed(names: Sequence[str], *, most: int | None = None) -> str:
    """Write names in a row: "Ada, Grace and Lin"; beyond `most` the rest is a number: "Ada, Grace and 4 more"."""
    more = len(names) - most if most is not None else 0
    parts = [*names[:most], f"{more} more"] if more > 0 else [*names]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""


def few(count: tuple[int, int] | None) -> str:
    """Say how few have answered, of how many that are wanted: "Nobody", "Only 1 of 2 people"."""
    return f"Only {count[0]} of {count[1]} people" if count and count[0] else "Nobody"


def few_have(count: tuple[int, int] | None) -> str:
    """Say the same with its verb: "Nobody has", "Only 1 of 2 people have"."""
    return f"{few(count)} {'have' if count and count[0] else 'has'}"


def length(long: timedelta) -> str:
    """Write how long something takes, in its two largest units: "2 h", "1 h 30 min", "45 s"."""
    rest = max(round(long.total_seconds()), 0)
    for place, (size, unit) in enumerate(_UNITS):
        if rest >= size:
            smaller = _UNITS[place + 1 : place + 2]
            parts = [f"{rest // size} {unit}"] + [f"{n} {u}" for s, u in smaller if (n := rest % size // s)]
            return " ".join(parts)
    return "0 s"


def _range(first: datetime, last: datetime) -> str:
    return f"{_said(first)} – {_clock(last)}" if first.date() == last.date() else f"{_said(first)} – {_said(last)}"


def _said(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d} {_clock(moment)}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
