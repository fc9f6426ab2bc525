"""Moments on cards that are read days later: always with weekday, date and zone, and with UTC beside."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.cards import kit

_DAY = "%a %Y-%m-%d"


def exact(at: datetime, zone: str | None) -> str:
    """Write a moment: "Sat 2026-12-05 22:00 Kolkata (16:30 UTC)"; without a zone in UTC alone."""
    utc = at.astimezone(UTC)
    if zone in (None, "", "UTC"):
        return f"{_said(utc)} UTC"
    local = at.astimezone(ZoneInfo(str(zone)))
    beside = _clock(utc) if utc.date() == local.date() else _said(utc)
    return f"{_said(local)} {kit.city_of(str(zone))} ({beside} UTC)"


def between(starts_at: datetime, ends_at: datetime, zone: str | None) -> str:
    """Write a time from one moment to another; a day both have in common is named once."""
    first, last = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    if zone in (None, "", "UTC"):
        return f"{_range(first, last)} UTC"
    begins, ends = (at.astimezone(ZoneInfo(str(zone))) for at in (starts_at, ends_at))
    said = f"{_range(begins, ends)} {kit.city_of(str(zone))}"
    if not begins.utcoffset() and not ends.utcoffset():
        return f"{said} (the same in UTC)"
    same_days = (first.date(), last.date()) == (begins.date(), ends.date())
    return f"{said} ({f'{_clock(first)} – {_clock(last)}' if same_days else _range(first, last)} UTC)"


def _range(first: datetime, last: datetime) -> str:
    return f"{_said(first)} – {_clock(last)}" if first.date() == last.date() else f"{_said(first)} – {_said(last)}"


def _said(moment: datetime) -> str:
    return f"{moment.strftime(_DAY)} {_clock(moment)}"


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
