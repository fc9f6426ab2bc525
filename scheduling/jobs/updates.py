"""The last update of an incident."""

from usecases.updates import ending, final
from usecases.work import Job

JOBS = (Job(ending.FINAL, final.run_final),)
