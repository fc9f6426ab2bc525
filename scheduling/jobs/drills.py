"""Drills that nobody has answered."""

from usecases import drills
from usecases.work import Job

JOBS = (Job(drills.LATE, drills.run_late),)
