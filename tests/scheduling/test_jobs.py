import pytest

from scheduling.jobs.registry import all_jobs, unique
from usecases.work import Job


def nothing(store, due, now) -> None:
    """Do it."""


def test_the_jobs_of_all_modules_are_found_and_their_kinds_are_their_own():
    kinds = [job.kind for job in all_jobs()]
    assert kinds
    assert len(kinds) == len(set(kinds))


def test_a_kind_that_is_taken_twice_is_refused():
    with pytest.raises(ValueError, match=r"“a\.b:1” is registered twice"):
        unique([Job("a.b:1", nothing), Job("a.b:2", nothing), Job("a.b:1", nothing)])


@pytest.mark.parametrize("kind", ["", "step", "step:", "step:0", "step:01", "Step:1", "a b:1", "a.:1", "step:1 "])
def test_a_kind_is_a_name_and_a_version(kind: str):
    with pytest.raises(ValueError, match="no kind of work"):
        unique([Job(kind, nothing)])
