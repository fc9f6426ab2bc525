"""Problem records as JSON."""

from datetime import datetime
from typing import Any

from domain.incident import ref_of
from domain.problem import Problem
from server.api.parameters import AFTER, LIMIT, PROBLEM_STATE, write_cursor
from server.api.table import Asked
from server.times import rfc3339
from usecases import problems
from usecases.ports import Store
from usecases.problem_ports import ProblemFilter

_ALL = 2**31 - 1


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer problems, the newest first."""
    state, limit, now = asked[PROBLEM_STATE], asked[LIMIT], asked.now(store)
    states = (state,) if state is not None else ()
    found = store.problems.list(ProblemFilter(states=states, before=asked[AFTER] or _ALL, limit=limit + 1))
    shown = found[:limit]
    return {
        "items": [_problem(store, problem, now) for problem in shown],
        "next": write_cursor(shown[-1].id if len(found) > len(shown) else None),
    }


def _problem(store: Store, problem: Problem, now: datetime) -> dict[str, Any]:
    view = problems.problem_view(store, problem, now)
    return {
        "id": problem.id,
        "title": problem.title,
        "service": problem.service,
        "owner": view.owner.handle,
        "due_on": problem.due_on.isoformat(),
        "incidents": [ref_of(incident.id) for incident in sorted(view.incidents, key=lambda one: one.id)],
        "state": str(problem.state),
        "evidence": problem.evidence,
        "work_seconds": round(view.cost.work.total_seconds()),
        "impact_seconds": round(view.cost.impact.total_seconds()),
        "made_at": rfc3339(problem.made_at),
        "closed_at": None if problem.closed_at is None else rfc3339(problem.closed_at),
    }
