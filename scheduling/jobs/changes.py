"""Questions about changes."""

from usecases.changes import outcomes
from usecases.work import Job

JOBS = (Job(outcomes.ASK, outcomes.run_ask),)
