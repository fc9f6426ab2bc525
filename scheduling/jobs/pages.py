"""Pages that nobody has reacted to."""

from usecases import paging
from usecases.work import Job

JOBS = (Job(paging.SECOND, paging.run_second),)
