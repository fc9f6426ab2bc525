"""Pages that nobody has reacted to."""

from usecases import ledger, paging
from usecases.work import Job

JOBS = (Job(ledger.SECOND, paging.run_second),)
