"""Reminders on incidents."""

from usecases import reminders
from usecases.work import Job

JOBS = (
    Job(reminders.UPDATE, reminders.run_update),
    Job(reminders.ROLE, reminders.run_role),
    Job(reminders.BUDGET, reminders.run_budget),
)
