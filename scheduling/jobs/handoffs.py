"""What happens around shift changes."""

from usecases import handoffs
from usecases.work import Job

JOBS = (
    Job(handoffs.OFFER, handoffs.run_offer),
    Job(handoffs.REMIND, handoffs.run_remind),
    Job(handoffs.EXPIRE, handoffs.run_expire),
    Job(handoffs.CLOSE, handoffs.run_close),
)
