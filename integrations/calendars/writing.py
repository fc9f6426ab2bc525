"""A calendar as iCalendar text (RFC 5545)."""

from datetime import datetime, timedelta

from usecases.calendars import Calendar

REFRESH = timedelta(hours=1)
"""How often programs are asked to come again; ours: a new override is seen within the hour."""


def write_calendar(calendar: Calendar, now: datetime) -> bytes:
    """Write it; `now` (UTC) is the moment the text was made. Only what comes again has times on a wall clock."""
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
        if shift.sequence:
            event.add("sequence", shift.sequence)
        if shift.cancelled:
            event.add("status", "CANCELLED")
        if shift.rule:
            event.add("rrule", icalendar.vRecur.from_ical(shift.rule))
        if shift.instead_of:
            event.add("recurrence-id", shift.instead_of)
        for moment in shift.left_out:
            event.add("exdate", moment)
        event.add("transp", "TRANSPARENT")
        book.add_component(event)
    book.add_missing_timezones()
    return book.to_ical()
