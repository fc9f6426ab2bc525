"""Digests on Monday morning."""

from usecases import digests
from usecases.work import Job

JOBS = (Job(digests.POST, digests.run_post),)
