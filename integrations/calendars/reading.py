"""An outside iCalendar feed as events. Real feeds are broken in many ways: what cannot be read is left out or refused."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.zones import instant
from usecases.feeds import MAX_SHIFTS, FeedEvent

BEHIND, AHEAD = timedelta(days=14), timedelta(days=180)
"""How much of a feed is kept; ours: the past for "who was on call", half a year for planning."""
_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """The text is no calendar; `str()` is a sentence."""


def read_calendar(data: bytes, time_zone: str, now: datetime) -> Sequence[FeedEvent]:
    """Read the events around `now` (UTC), in order. Days and floating times are in `time_zone` (IANA).

    Takes CPU time in proportion to the feed: call it on a thread. Raises CalendarError.
    """
    import icalendar  # noqa: PLC0415 - only those pay for it who use feeds
    import recurring_ical_events  # noqa: PLC0415

    try:
        book = icalendar.Calendar.from_ical(data)
        # The library gives up on the whole feed where one event has no beginning.
        book.subcomponents = [part for part in book.subcomponents if part.name != "VEVENT" or "DTSTART" in part]
        found = recurring_ical_events.of(book, skip_bad_series=True).between(now - BEHIND, now + AHEAD)
    except Exception as broken:  # the libraries raise whatever a broken feed leads them into
        raise CalendarError(f"It is no calendar that can be read ({type(broken).__name__}).") from broken
    if len(found) > MAX_SHIFTS:
        raise CalendarError(f"It has {len(found):,} events in half a year; {MAX_SHIFTS:,} is the most.")
    return sorted(_events(found, time_zone), key=lambda event: (event.starts_at, event.ends_at))


def _events(found: Sequence[Any], time_zone: str) -> Iterator[FeedEvent]:
    for event in found:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        try:
            starts, ends = _bounds(event, time_zone)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue  # one broken event does not take the others away
        if starts < ends:
            yield FeedEvent(starts, ends, tuple(_said(event)))


def _bounds(event: Any, time_zone: str) -> tuple[datetime, datetime]:
    starts: date = event["DTSTART"].dt
    ends: date = event["DTEND"].dt
    if not isinstance(starts, datetime) or not isinstance(ends, datetime):
        return _midnight(starts, time_zone), _midnight(ends, time_zone)
    length = ends.astimezone(UTC) - starts.astimezone(UTC) if starts.tzinfo and ends.tzinfo else ends - starts
    if starts.tzinfo is None:
        return instant(starts, time_zone), instant(starts + length, time_zone)
    if starts.tzinfo is not UTC and length % _DAY == timedelta(0):
        # Whole days are days of the calendar: a week that begins at 09:00 ends at 09:00, also when the clocks change.
        wall = (starts.replace(tzinfo=None) + length).replace(tzinfo=starts.tzinfo, fold=0)
        return starts.astimezone(UTC), wall.astimezone(UTC)
    return starts.astimezone(UTC), ends.astimezone(UTC)


def _midnight(day: date, time_zone: str) -> datetime:
    wall = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall clock of the schedule
    return instant(wall, time_zone)


def _said(event: Any) -> Iterator[str]:
    """Give the texts that may name somebody: attendees first, then the title and the organiser."""
    attendees = event.get("ATTENDEE", [])
    for address in attendees if isinstance(attendees, list) else [attendees]:
        yield str(address).lower().removeprefix("mailto:")
    for name in ("SUMMARY", "DESCRIPTION"):
        if event.get(name):
            yield str(event[name])
    if event.get("ORGANIZER"):
        yield str(event["ORGANIZER"]).lower().removeprefix("mailto:")
