"""Similar incidents are looked for, and problems are reminded of until they are solved."""

from usecases import similar
from usecases.problems import planning
from usecases.similar import looking
from usecases.work import Job

JOBS = (Job(looking.LOOK, similar.run_look), Job(planning.REMIND, planning.run_remind))
