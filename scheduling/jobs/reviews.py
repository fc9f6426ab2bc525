"""Reviews: reminders until they are signed off."""

from usecases.reviews import opening, timed
from usecases.work import Job

JOBS = (Job(opening.REMIND, timed.run_remind),)
