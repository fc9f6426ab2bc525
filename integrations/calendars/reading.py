"""An outside iCalendar feed as events. Real feeds are broken in many ways: what cannot be read is left out or refused."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from domain.zones import instant
from usecases.feeds import MAX_SHIFTS, FeedEvent

BEHIND, AHEAD = timedelta(days=14), timedelta(days=180)
"""How much of a feed is kept; ours: the past for "who was on call", half a year for planning."""
MOST_LETTERS = 500
"""Of a text that is looked at for a name; ours: invitations put their small print last."""
MOST_TEXTS = 20
"""Of an event, the best first; ours: a shift has a handful of attendees."""
TOO_MUCH = "It is too large or too complicated to be read."
_TIMES, _HOURS_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND"), 24
# RFC 5545, 3.3.6: days and weeks are those of the calendar, hours are elapsed time. The library knows only how long.
_ELAPSED = re.compile(rb"^DURATION(?=[^:\r\n]*:\+?PT)", re.IGNORECASE | re.MULTILINE)
_LENGTH, _END = "X-ONCALL-LENGTH", "X-ONCALL-END"
"""Where an event keeps what was written: the library puts an end of its own in their place."""


class CalendarError(ValueError):
    """The text is no calendar; `str()` is a sentence."""


def read_calendar(data: bytes, time_zone: str, now: datetime) -> Sequence[FeedEvent]:
    """Read the events around `now` (UTC), in order. Days and floating times are in `time_zone` (IANA).

    Takes as much time and memory as whoever wrote the feed likes: `apart.read_apart` puts an end to it. Raises
    CalendarError.
    """
    import icalendar  # noqa: PLC0415 - only those pay for it who use feeds
    import recurring_ical_events  # noqa: PLC0415

    try:
        book = icalendar.Calendar.from_ical(_ELAPSED.sub(rb"DURATION;X-ELAPSED=1", data))
        # The library gives up on the whole feed where one event has no beginning.
        book.subcomponents = [part for part in book.subcomponents if part.name != "VEVENT" or "DTSTART" in part]
        for event in book.walk("VEVENT"):
            _refuse_too_often(event)
            with suppress(
                AttributeError, OverflowError, ValueError
            ):  # a broken event: the library has its own way with it
                _keep_what_is_written(event)
        query = recurring_ical_events.of(book, skip_bad_series=True)
        found = list(islice(_occurrences(query, now), MAX_SHIFTS + 1))
    except CalendarError:
        raise
    except MemoryError:
        raise CalendarError(TOO_MUCH) from None
    except Exception as broken:  # the libraries raise whatever a broken feed leads them into
        raise CalendarError("It is no calendar that can be read.") from broken
    if len(found) > MAX_SHIFTS:
        raise CalendarError(f"It has more than {MAX_SHIFTS:,} events in half a year.")
    return sorted(_events(found, time_zone), key=lambda event: (event.starts_at, event.ends_at))


def _refuse_too_often(event: Any) -> None:
    """Refuse what would give thousands of shifts a day, or stand still for ever."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if not isinstance(rule, Mapping):
            continue  # a rule that could not be read
        often = "".join(rule.get("FREQ", ()))
        parts, most = (_TIMES[1:], 1) if often == "HOURLY" else (_TIMES, _HOURS_A_DAY)
        too_often = often in ("SECONDLY", "MINUTELY") or prod(len(rule.get(part, "1")) for part in parts) > most
        if too_often or min(rule.get("INTERVAL", (1,))) < 1:
            raise CalendarError("It repeats an event more often than every hour.")


def _keep_what_is_written(event: Any) -> None:
    """Note the length or end of an event where its own is more than a time on the wall after its beginning."""
    ends = event.get("DTEND")
    if ends is None:
        if "DURATION" in event and "RDATE" not in event:  # whose periods have lengths of their own
            event[_LENGTH] = event["DURATION"]
        return
    starts = event["DTSTART"]
    if not isinstance(starts.dt, datetime) or not isinstance(ends.dt, datetime):
        return
    if not any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        event[_END] = ends
    elif starts.dt.tzinfo and ends.dt.tzinfo:
        # Each time it ends at the same time on the wall where it begins, as calendar programs show it.
        event["DTEND"] = type(ends)(ends.dt.astimezone(starts.dt.tzinfo))


def _occurrences(query: Any, now: datetime) -> Iterator[Any]:
    """Give the events around `now`, one after the other as they are asked for."""
    for series in query.series:
        with suppress(*query.suppressed_errors):
            for occurrence in series.between(now - BEHIND, now + AHEAD):
                yield occurrence.as_component(keep_recurrence_attributes=False)


def _events(found: Sequence[Any], time_zone: str) -> Iterator[FeedEvent]:
    for event in found:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        try:
            starts, ends = _bounds(event, time_zone)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue  # one broken event does not take the others away
        if starts < ends:
            yield FeedEvent(starts, ends, tuple(islice(_said(event), MOST_TEXTS)))


def _bounds(event: Any, time_zone: str) -> tuple[datetime, datetime]:
    starts: date = event["DTSTART"].dt
    ends: date = event["DTEND"].dt
    if not isinstance(starts, datetime) or not isinstance(ends, datetime):
        return _midnight(starts, time_zone), _midnight(ends, time_zone)
    starts = _on_the_clock(starts, time_zone)
    if _LENGTH in event:
        return starts.astimezone(UTC), _after(starts, event[_LENGTH])
    written: datetime = event[_END].dt if _END in event else ends
    return starts.astimezone(UTC), _on_the_clock(written, time_zone).astimezone(UTC)


def _on_the_clock(time: datetime, time_zone: str) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=ZoneInfo(time_zone))


def _after(starts: datetime, length: Any) -> datetime:
    """Add days on the wall clock and hours as elapsed time; UTC."""
    elapsed = length.dt if "X-ELAPSED" in length.params else timedelta(seconds=length.dt.seconds)
    days = length.dt - elapsed
    return (starts + days if days else starts).astimezone(UTC) + elapsed


def _midnight(day: date, time_zone: str) -> datetime:
    wall = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall clock of the schedule
    return instant(wall, time_zone)


def _said(event: Any) -> Iterator[str]:
    """Give the texts that may name somebody: attendees first, then the title and the organiser."""
    attendees = event.get("ATTENDEE", [])
    for address in (attendees if isinstance(attendees, list) else [attendees])[: MOST_TEXTS - 3]:
        yield _text(address).lower().removeprefix("mailto:")
    for name in ("SUMMARY", "DESCRIPTION"):
        if event.get(name):
            yield _text(event[name])
    if event.get("ORGANIZER"):
        yield _text(event["ORGANIZER"]).lower().removeprefix("mailto:")


def _text(value: Any) -> str:
    return str(value[:MOST_LETTERS] if isinstance(value, str) else value)[:MOST_LETTERS]
