"""Action items: reminders until they are done."""

from usecases.actions import doing, timed
from usecases.work import Job

JOBS = (Job(doing.REMIND, timed.run_remind),)
