"""Planned care in numbers: what is planned and what was kept, for a team and a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.care import CareState, CareTask, Occurrence
from domain.catalog import Team
from usecases.ports import Store

_YEAR = timedelta(weeks=52)
"""Over which the hours of a week are an average; ours: care that comes once a year counts too."""
_LATELY = timedelta(weeks=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of the times that were due within some time."""

    planned: int
    """All of them; not those of tasks that had stopped by then."""
    done: int
    in_time: int
    """Of those done, those that were done before or when they were due."""
    missed: int
    skipped: int
    hours_planned: float
    """Of all that were planned."""
    hours_spent: float
    """Of those done; where nobody has said how long it took, the planned hours stand for it."""

    @property
    def waiting(self) -> int:
        """How many can still be done."""
        return self.planned - self.done - self.missed - self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a team has planned for a week, may spend, and has spent."""

    planned: float
    """Hours a week, as an average of the coming 52 weeks."""
    quota: float | None
    """Hours a week; None where nobody has said."""
    kept: float
    """Hours a week, as an average of the last 4 weeks."""
    n: int
    """How many times were done in them."""


def kept_against_planned(store: Store, team: str, since: datetime, until: datetime) -> Kept:
    """Count the times of a team's tasks that were due in [since, until), UTC; of what was dropped nothing counts."""
    found = [
        (task, one) for task, one in store.care.due_between(team, since, until) if one.state is not CareState.DROPPED
    ]
    done = [(task, one) for task, one in found if one.state is CareState.DONE]
    return Kept(
        planned=len(found),
        done=len(done),
        in_time=sum(one.closed_at is not None and one.closed_at <= one.due_at for _, one in done),
        missed=sum(one.state is CareState.MISSED for _, one in found),
        skipped=sum(one.state is CareState.SKIPPED for _, one in found),
        hours_planned=sum(task.hours for task, _ in found),
        hours_spent=sum(_spent(task, one) for task, one in done),
    )


def quota_of(store: Store, team: Team, now: datetime) -> Quota:
    """Compare what a team has planned with its quota, and with what it has done lately."""
    kept = kept_against_planned(store, team.id, now - _LATELY, now)
    running = [task for task in store.care.running() if task.team == team.id and task.hours]
    return Quota(
        planned=sum(task.hours * len(task.rhythm.between(now, now + _YEAR)) for task in running) / 52,
        quota=team.care_hours_per_week,
        kept=kept.hours_spent / 4,
        n=kept.done,
    )


def _spent(task: CareTask, occurrence: Occurrence) -> float:
    return task.hours if occurrence.proof.hours is None else occurrence.proof.hours
