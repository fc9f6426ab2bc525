"""iCalendar in both directions: shifts for people's calendar programs, and outside feeds as a schedule's source."""
