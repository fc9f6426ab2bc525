"""Escalations: the next step, and looks whether anything happens."""

from usecases import escalations
from usecases.work import Job

JOBS = (
    Job(escalations.STEP, escalations.run_step),
    Job(escalations.QUIET, escalations.run_quiet),
    Job(escalations.ASKED, escalations.run_asked),
    Job(escalations.RELEASE, escalations.run_release),
    Job(escalations.WAITING, escalations.run_waiting),
)
