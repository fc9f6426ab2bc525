"""What happens to a question that nobody answers."""

from usecases.approvals import asking, deciding
from usecases.work import Job

JOBS = (
    Job(asking.REMIND, deciding.run_remind),
    Job(asking.ESCALATE, deciding.run_escalate),
    Job(asking.EXPIRE, deciding.run_expire),
)
