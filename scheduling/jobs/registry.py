"""All jobs. A new one is a module beside this file with a tuple JOBS; a kind that is taken twice fails at start."""

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from pkgutil import iter_modules

from scheduling import jobs
from usecases.work import Job

_KIND = re.compile(r"[a-z_]+(\.[a-z_]+)*:[1-9][0-9]*")


def all_jobs() -> Sequence[Job]:
    """Collect the jobs of all modules here, by module name."""
    names = sorted(module.name for module in iter_modules(jobs.__path__) if module.name != "registry")
    return unique(job for name in names for job in import_module(f"{jobs.__name__}.{name}").JOBS)


def unique(found: Iterable[Job]) -> Sequence[Job]:
    """Return jobs whose kinds are well formed and their own. Raise ValueError with a sentence otherwise."""
    known: dict[str, Job] = {}
    for job in found:
        if not _KIND.fullmatch(job.kind):
            raise ValueError(f"“{job.kind}” is no kind of work: write a name and a version, such as escalation.step:1")
        if job.kind in known:
            raise ValueError(f"“{job.kind}” is registered twice")
        known[job.kind] = job
    return tuple(known.values())
