"""Outside calendars as they come: recurring, all day, floating, across clock changes, and broken."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from integrations.calendars.reading import CalendarError, read_calendar
from usecases.feeds import FeedEvent

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def book(*events: str) -> bytes:
    """Make a calendar of event bodies."""
    bodies = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20260101T000000Z\r\n{e}\r\nEND:VEVENT\r\n" for n, e in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{bodies}END:VCALENDAR\r\n".encode()


def read(*events: str, zone: str = "America/New_York", now: datetime = NOW) -> list[FeedEvent]:
    return list(read_calendar(book(*events), zone, now))


def test_an_event_in_utc_is_taken_as_it_is() -> None:
    [event] = read("DTSTART:20261101T090000Z\r\nDTEND:20261101T170000Z\r\nSUMMARY:Ada")
    assert event == FeedEvent(utc(2026, 11, 1, 9), utc(2026, 11, 1, 17), ("Ada",))


def test_days_without_a_time_are_days_of_the_schedule_also_when_the_clocks_change() -> None:
    [event] = read("DTSTART;VALUE=DATE:20261031\r\nDTEND;VALUE=DATE:20261102\r\nSUMMARY:Ada")
    assert (event.starts_at, event.ends_at) == (utc(2026, 10, 31, 4), utc(2026, 11, 2, 5))


def test_floating_times_are_the_schedules_wall_clock() -> None:
    [event] = read("DTSTART:20261103T090000\r\nDTEND:20261103T170000\r\nSUMMARY:Ada", zone="Asia/Kolkata")
    assert (event.starts_at, event.ends_at) == (utc(2026, 11, 3, 3, 30), utc(2026, 11, 3, 11, 30))


def test_weekly_shifts_leave_no_hole_and_no_overlap_when_the_clocks_change() -> None:
    people = ("Ada", "Grace")
    events = [
        f"DTSTART;TZID=America/New_York:2026{day}T090000\r\nDTEND;TZID=America/New_York:2026{end}T090000\r\n"
        f"RRULE:FREQ=WEEKLY;INTERVAL=2\r\nSUMMARY:{name}"
        for name, day, end in zip(people, ("1005", "1012"), ("1012", "1019"), strict=True)
    ]
    for now in (NOW, utc(2027, 3, 1)):
        found = read(*events, now=now)
        assert len(found) > 20
        for one, other in pairwise(found):
            assert one.ends_at == other.starts_at
            assert one.said != other.said


def test_attendees_name_somebody_before_the_title_does() -> None:
    [event] = read(
        "DTSTART:20261101T090000Z\r\nDTEND:20261101T170000Z\r\nSUMMARY:Primary\r\nDESCRIPTION:Call Ada\r\n"
        "ORGANIZER:mailto:boss@example.org\r\nATTENDEE;CN=Ada:MAILTO:Ada@Example.org\r\nATTENDEE:mailto:b@example.org"
    )
    assert event.said == ("ada@example.org", "b@example.org", "Primary", "Call Ada", "boss@example.org")


def test_cancelled_events_and_single_dates_that_were_left_out_do_not_count() -> None:
    daily = "DTSTART:20261101T090000Z\r\nDTEND:20261101T170000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Ada\r\n"
    assert len(read(daily + "EXDATE:20261102T090000Z")) == 2
    assert read(daily + "STATUS:CANCELLED") == []


@pytest.mark.parametrize(
    "broken",
    [
        "DTSTART:20261101T090000Z\r\nDTEND:20261101T080000Z\r\nSUMMARY:ends before it begins",
        "DTSTART:20261101T090000Z\r\nSUMMARY:takes no time",
        "SUMMARY:has no time at all",
        "DTSTART:someday\r\nSUMMARY:has no date",
        "DTSTART:20261101T090000Z\r\nDTEND:20261101T100000Z\r\nRRULE:FREQ=SOMETIMES\r\nSUMMARY:has no rule",
    ],
)
def test_a_broken_event_does_not_take_the_others_away(broken: str) -> None:
    good = "DTSTART:20261103T090000Z\r\nDTEND:20261103T170000Z\r\nSUMMARY:Ada"
    assert ("Ada",) in [event.said for event in read(broken, good)]


@pytest.mark.parametrize(
    "data", [b"", b"<html>Sign in</html>", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"]
)
def test_what_is_no_calendar_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(CalendarError, match=r"no calendar that can be read"):
        read_calendar(data, "UTC", NOW)


def test_a_feed_that_never_ends_is_refused() -> None:
    with pytest.raises(CalendarError, match="is the most"):
        read("DTSTART:20261001T000000Z\r\nDTEND:20261001T000100Z\r\nRRULE:FREQ=MINUTELY;INTERVAL=5\r\nSUMMARY:Ada")


def test_only_what_is_near_is_kept() -> None:
    old, soon, late = (NOW + timedelta(days=d) for d in (-60, 3, 400))
    texts = [
        f"DTSTART:{t:%Y%m%dT%H%M%SZ}\r\nDTEND:{t + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\nSUMMARY:Ada"
        for t in (old, soon, late)
    ]
    assert [event.starts_at for event in read(*texts)] == [soon.replace(microsecond=0)]
