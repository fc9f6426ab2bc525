"""Planned care: reminders, neglect, and the next time."""

from usecases.care import planning, timed
from usecases.work import Job

JOBS = (
    Job(planning.REMIND, timed.run_remind),
    Job(planning.DUE, timed.run_due),
    Job(planning.OVERDUE, timed.run_overdue),
    Job(planning.NEXT, timed.run_next),
)
