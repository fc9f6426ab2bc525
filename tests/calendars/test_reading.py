"""Outside calendars as they come: recurring, all day, floating, across clock changes, and broken."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from recurring_ical_events import Occurrence

from integrations.calendars.reading import CalendarError, read_calendar
from usecases.feeds import MAX_SHIFTS, FeedEvent

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


@pytest.mark.parametrize(
    ("starts", "end", "read_as"),
    [
        ("20270327T090000", "DTEND;TZID=Europe/London:20270328T100000", utc(2027, 3, 28, 9)),
        ("20270327T090000", "DTEND;TZID=Europe/London:20270328T090000", utc(2027, 3, 28, 8)),
        ("20270327T090000", "DTEND:20270328T090000Z", utc(2027, 3, 28, 9)),
        ("20270327T090000", "DTEND;TZID=Europe/Berlin:20270328T090000", utc(2027, 3, 28, 7)),
        ("20271030T090000", "DTEND:20271031T010000Z", utc(2027, 10, 31, 1)),
        ("20270327T090000", "DURATION:P1D", utc(2027, 3, 28, 8)),
        ("20270327T090000", "DURATION:PT24H", utc(2027, 3, 28, 9)),
        ("20270327T090000", "DURATION:P1W", utc(2027, 4, 3, 8)),
        ("20270327T200000", "DURATION:PT12H", utc(2027, 3, 28, 8)),
        ("20270327T200000", "DURATION:P1DT2H", utc(2027, 3, 28, 21)),
    ],
)
def test_an_end_is_where_it_is_written_when_the_clocks_change(starts: str, end: str, read_as: datetime) -> None:
    [event] = read(f"DTSTART;TZID=Europe/London:{starts}\r\n{end}\r\nSUMMARY:Ada", now=utc(2027, int(starts[4:6]), 20))
    assert event.ends_at == read_as


@pytest.mark.parametrize(
    ("end", "read_as"),
    [
        ("DTEND;TZID=Europe/London:20270301T060000", utc(2027, 3, 28, 5)),
        ("DTEND:20270301T060000Z", utc(2027, 3, 28, 5)),
        ("DURATION:P1D", utc(2027, 3, 28, 21)),
        ("DURATION:PT8H", utc(2027, 3, 28, 6)),
        ("DURATION:PT24H", utc(2027, 3, 28, 22)),
    ],
)
def test_an_end_that_repeats_keeps_its_time_on_the_wall_and_a_length_of_hours_its_hours(
    end: str, read_as: datetime
) -> None:
    nights = f"DTSTART;TZID=Europe/London:20270228T220000\r\n{end}\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Ada"
    [event] = [one for one in read(nights, now=utc(2027, 3, 20)) if one.starts_at == utc(2027, 3, 27, 22)]
    assert event.ends_at == read_as


def test_a_floating_length_of_hours_is_elapsed_time() -> None:
    [event] = read(
        "DTSTART:20270327T200000\r\nDURATION:PT12H\r\nSUMMARY:Ada", zone="Europe/London", now=utc(2027, 3, 20)
    )
    assert (event.starts_at, event.ends_at) == (utc(2027, 3, 27, 20), utc(2027, 3, 28, 8))


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
        "DTSTART:someday\r\nDTEND:20261101T100000Z\r\nSUMMARY:has an end only",
        "DTSTART:20261101T090000Z\r\nDTEND:someday\r\nSUMMARY:has no end",
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


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=7",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40",
        "FREQ=HOURLY;BYMINUTE=0,30",
        "FREQ=DAILY\r\nRRULE:FREQ=SECONDLY",
    ],
)
def test_what_repeats_more_often_than_shifts_do_is_refused(rule: str) -> None:
    with pytest.raises(CalendarError, match="more often than every hour"):
        read(f"DTSTART:20261001T000000Z\r\nDTEND:20261001T000100Z\r\nRRULE:{rule}\r\nSUMMARY:Ada")


def test_shifts_of_a_day_and_a_half_and_several_a_day_are_read() -> None:
    hours = "DTSTART:20261001T000000Z\r\nDTEND:20261001T120000Z\r\nRRULE:FREQ=HOURLY;INTERVAL=36\r\nSUMMARY:Ada"
    assert {later.starts_at - one.starts_at for one, later in pairwise(read(hours))} == {timedelta(hours=36)}
    several = read(hours.replace("HOURLY;INTERVAL=36", "DAILY;BYHOUR=0,6,12,18"))
    assert {later.starts_at - one.starts_at for one, later in pairwise(several)} == {timedelta(hours=6)}


def test_no_more_is_unfolded_than_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    make = Occurrence.as_component
    monkeypatch.setattr(Occurrence, "as_component", lambda *given, **how: made.append(given) or make(*given, **how))
    hourly = "DTSTART:20261001T000000Z\r\nDTEND:20261001T010000Z\r\nRRULE:FREQ=HOURLY\r\nSUMMARY:Ada"
    with pytest.raises(CalendarError, match="more than 5,000 events in half a year"):
        read(*[hourly] * 10)
    assert len(made) == MAX_SHIFTS + 1


def test_of_long_texts_and_many_attendees_the_beginning_is_looked_at() -> None:
    many = "\r\n".join(["ATTENDEE:mailto:x@example.org"] * 1000)
    text = f"DTSTART:20261101T090000Z\r\nDTEND:20261101T170000Z\r\nSUMMARY:Ada {'x' * 9000}\r\n{many}"
    [event] = read(text)
    assert "Ada" in event.said[-1]
    assert (len(event.said), max(map(len, event.said))) == (18, 500)


def test_only_what_is_near_is_kept() -> None:
    old, soon, late = (NOW + timedelta(days=d) for d in (-60, 3, 400))
    texts = [
        f"DTSTART:{t:%Y%m%dT%H%M%SZ}\r\nDTEND:{t + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\nSUMMARY:Ada"
        for t in (old, soon, late)
    ]
    assert [event.starts_at for event in read(*texts)] == [soon.replace(microsecond=0)]
