"""A calendar as iCalendar text (RFC 5545)."""

from datetime import datetime, timedelta

from usecases.calendars import Calendar

REFRESH = timedelta(hours=1)
"""How often programs are asked to come again; ours: a new override is seen within the hour."""


def write_calendar(calendar: Calendar, now: datetime) -> bytes:
    """Write it, all times in UTC; `now` (UTC) is the moment the text was made."""
    import icalendar  # noqa: PLC0415 - 20 MB that only those pay for who subscribe

    book = icalendar.Calendar()
    book.add("prodid", "-//Incident//On call//EN")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", calendar.name)
    book.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    book.add("x-published-ttl", "PT1H")
    for shift in calendar.events:
        event = icalendar.Event()
        event.add("uid", f"{shift.key}@incident")
        event.add("dtstamp", now)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", shift.title)
        event.add("transp", "TRANSPARENT")
        book.add_component(event)
    return book.to_ical()
