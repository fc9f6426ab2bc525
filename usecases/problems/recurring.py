"""Trouble that comes again: the third time opens a problem, each further time belongs to it, and closing asks for a word."""

from collections.abc import Sequence
from datetime import datetime

from domain import problem as steps
from domain.action import today_in
from domain.errors import Refused
from domain.incident import Incident
from domain.problem import DUE_AFTER, Problem
from domain.similarity import PROBLEM_FROM
from usecases.ports import Store
from usecases.problems import people, telling
from usecases.problems.planning import plan


def seen(store: Store, incident: Incident, earlier: Sequence[Incident], now: datetime) -> Problem | None:
    """Take a new incident to the problem of its kind; `earlier` are those of the same kind in the last 90 days, oldest first.

    A problem that was closed is open again: what showed that it was solved did not hold. None: there is no problem yet.
    """
    if not earlier:
        return None
    # The oldest one of a kind is the lock of its kind: two that are found at once open one problem.
    store.incidents.lock(earlier[0].id)
    linked = store.problems.of_incidents([one.id for one in earlier])
    if linked:
        return _again(store, incident, max(linked.values()), now)
    if len(earlier) + 1 < PROBLEM_FROM:
        return None
    service = next(name for name in incident.services if any(name in one.services for one in earlier))
    owner = people.first_owner(store, service, incident)
    problem = store.problems.add(
        Problem(
            id=0,
            title=incident.title,
            service=service,
            owner=owner.id,
            due_on=today_in(owner.time_zone, now) + DUE_AFTER,
            made_at=now,
        ),
        [*(one.id for one in earlier), incident.id],
    )
    for one in earlier:
        store.incidents.compared(one.id)
    plan(store, problem, now)
    _hears(store, problem, "opened")
    return problem


def gate(store: Store, incident: Incident, summary: str) -> None:
    """Raise Refused where one more incident of an open problem would be closed without a word on it."""
    asked = incident.compared and incident.is_open and not summary.strip()
    problem = store.problems.of_incident(incident.id) if asked else None
    if problem is not None and problem.is_open:
        count = len(store.problems.incidents(problem.id))
        raise Refused(
            f"{incident.ref} is one of {count} incidents of {problem.name.lower()} “{problem.title}”. "
            f"Say in a few words what was done about it this time, as in `resolve {incident.ref} Restarted the workers`."
        )


def _again(store: Store, incident: Incident, number: int, now: datetime) -> Problem | None:
    problem = store.problems.lock(number)
    if problem is None or not store.problems.link(number, incident.id):
        return problem
    again = steps.reopen(problem)
    if again is not None:
        owner = people.owner_of(store, problem)
        due_on = today_in(owner.time_zone, now) + DUE_AFTER
        again = steps.move(again, due_on, today_in(owner.time_zone, now)) or again
        store.problems.save(again, seen=problem.version)
        plan(store, again, now)
        _hears(store, again, f"again{again.plan}")
        telling.redraw(store, again)
        return again
    counted = steps.seen_again(problem)
    store.problems.save(counted, seen=problem.version)
    telling.redraw(store, counted)
    return counted


def _hears(store: Store, problem: Problem, why: str) -> None:
    reader = people.reminded(store, problem)
    if reader is not None:
        telling.show(store, problem, reader, why=why)
