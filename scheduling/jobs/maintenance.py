"""What happens around maintenance windows."""

from usecases import maintenance
from usecases.work import Job

JOBS = (
    Job(maintenance.REMIND, maintenance.run_remind),
    Job(maintenance.START, maintenance.run_start),
    Job(maintenance.END, maintenance.run_end),
)
