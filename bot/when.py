"""Moments as people type them into commands, on the wall clock of whoever writes."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.grammar import unquoted
from domain.durations import MAX_DURATION, parse_duration
from domain.errors import Refused
from domain.zones import instant, parse_moment
from usecases.wording import city_of

EXAMPLES = "2026-12-05 22:00, tomorrow 09:00, now or +2h"
_LATER = re.compile(r"(?:\+|in )\s*(\d{1,4})\s*(m|min|mins|minutes?|h|hours?|d|days?|w|weeks?)", re.ASCII)
_DAY = re.compile(r"([a-z]+)(?:,? at|,)? (\d{1,2}:\d{2}(?::\d{2})?)", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?", re.ASCII)
_LAST_CLOCK = re.compile(r"(?:^|[T ])(\d{1,2}):(\d{2})(?::\d{2})?$", re.ASCII | re.IGNORECASE)
_SHORT_HOUR = re.compile(r"(?<=[T ])(\d:\d{2})", re.ASCII)
_PART = re.compile(
    r"(\d{1,9})? ?(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d)(?:,? |$|(?=\d))", re.IGNORECASE
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_MINUTES = re.compile(r"\d{1,5}", re.ASCII)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_when(text: str, zone: str, now: datetime, *, after: datetime | None = None) -> datetime:
    """Read a moment in a time zone as UTC: a date with a time, with or without offset, or words for a near one.

    "+2h" counts from `after` where that is given, and a time alone ("23:00") is then the first one after it. A time
    the clocks leave out moves forward by the gap, one that comes twice is the first. Raise Refused with a sentence.
    """
    wanted = _bare(text)
    word, since = wanted.lower(), (after or now)
    if word == "now":
        return now
    if found := _LATER.fullmatch(word):
        return _later(since, int(found[1]), found[2][0], zone, wanted)
    if (found := _DAY.fullmatch(word)) and (day := _day(found[1], since, now, zone)) is not None:
        return _on(day, found[2], zone, since if found[1] not in ("today", "tomorrow") else None, wanted)
    if _CLOCK.fullmatch(word):
        if after is None:
            raise Refused(f"“{wanted}” does not say on which day: write today {wanted} or tomorrow {wanted}.")
        return _on(after.astimezone(ZoneInfo(zone)), word, zone, after, wanted, step=1)
    return _written(wanted, zone)


def counts_from_start(text: str) -> bool:
    """Tell whether an end is counted from its beginning: "+2h", "23:00", "sunday 08:00"."""
    word = _bare(text).lower()
    day = _DAY.fullmatch(word)
    return bool(_LATER.fullmatch(word) or _CLOCK.fullmatch(word) or (day and day[1] not in ("today", "tomorrow")))


def left_out(text: str, meant: datetime, zone: str) -> str:
    """Say that the clocks leave out the time somebody wrote, and what it counts as; empty where they do not."""
    found, local = _LAST_CLOCK.search(_bare(text)), meant.astimezone(ZoneInfo(zone))
    if found is None or (int(found[1]), int(found[2])) == (local.hour, local.minute):
        return ""
    return (
        f"{found[0].strip(' Tt')} does not exist on {local:%a %Y-%m-%d} in {city_of(zone)}, "
        f"because the clocks go forward: it counts as {local:%H:%M}."
    )


def read_length(text: str) -> timedelta:
    """Read a length as people write it, "15m", "1 h 30 min", "hour", or "PT15M". Raise Refused for anything else."""
    spelled = " ".join(unquoted(text).split())
    seconds, end = 0, 0
    while end < len(spelled) and (part := _PART.match(spelled, end)):
        if part[1] is None and part[0].strip() != spelled:
            break
        seconds += int(part[1] or 1) * _SECONDS[part[2][0].lower()]
        end = part.end()
    if spelled and end == len(spelled) and 0 < seconds <= MAX_DURATION.total_seconds():
        return timedelta(seconds=seconds)
    try:
        return parse_duration(spelled)
    except ValueError as fault:
        if spelled[:1].upper() == "P" and spelled[1:2].isalnum():
            raise Refused(str(fault)) from fault
        raise Refused(f"“{spelled[:40]}” is no length of time: write it like 15m, 90 min, 1h or PT15M.") from fault


def read_promise(text: str, zone: str, now: datetime) -> datetime | None:
    """Read when something comes next: a length from now ("30m", "30"), a time ("16:30"), a moment; None for nothing.

    Raise Refused with a sentence.
    """
    wanted = _bare(text)
    if wanted.lower() in ("", "-", "none", "no"):
        return None
    if _MINUTES.fullmatch(wanted):
        return now + timedelta(minutes=int(wanted))
    try:
        return now + read_length(wanted.lower().removeprefix("in ").removeprefix("+"))
    except Refused:
        pass
    try:
        return read_when(wanted, zone, now, after=now)
    except Refused:
        raise Refused(
            f"“{wanted[:40]}” does not say when the next update comes: write it like 30m, 2h or 16:30."
        ) from None


def _bare(text: str) -> str:
    return " ".join(text.strip().strip("\"'“”„‟‘’.,;").split())


def _later(since: datetime, count: int, unit: str, zone: str, wanted: str) -> datetime:
    """Hours and minutes are elapsed time, days and weeks keep the hour on the wall clock."""
    try:
        if unit in "mh":
            return since + timedelta(**{"minutes" if unit == "m" else "hours": count})
        local = since.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return instant(local + timedelta(days=count * (7 if unit == "w" else 1)), zone)
    except OverflowError:
        raise _unreadable(wanted) from None


def _day(word: str, since: datetime, now: datetime, zone: str) -> datetime | None:
    """Name the day a word means, on that zone's wall clock: of weekdays the first one from `since` on."""
    if word in ("today", "tomorrow"):
        return now.astimezone(ZoneInfo(zone)) + timedelta(days=word == "tomorrow")
    number = next((n for n, name in enumerate(_WEEKDAYS) if len(word) > 2 and name.startswith(word)), None)  # noqa: PLR2004 - mon, tue, …
    if number is None:
        return None
    local = since.astimezone(ZoneInfo(zone))
    return local + timedelta(days=(number - local.weekday()) % 7)


def _on(day: datetime, clock: str, zone: str, after: datetime | None, wanted: str, *, step: int = 7) -> datetime:
    """Give that time of the day; where it is not later than `after`, the next such day's."""
    date = day.date()
    found = _written(f"{date} {clock}", zone, wanted)
    if after is None or found > after:
        return found
    return _written(f"{date + timedelta(days=step)} {clock}", zone, wanted)


def _written(text: str, zone: str, wanted: str | None = None) -> datetime:
    try:
        return parse_moment(_SHORT_HOUR.sub(r"0\1", text.upper()), zone).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise (Refused(str(fault)) if "out of range" in str(fault) else _unreadable(wanted or text)) from None


def _unreadable(text: str) -> Refused:
    return Refused(f"“{text[:40]}” is no date and time I can read. Write it like {EXAMPLES}.")
