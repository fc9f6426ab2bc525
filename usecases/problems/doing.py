"""What people may do with problems. Each function is one intention inside the turn's transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from domain import problem as steps
from domain.action import today_in
from domain.errors import Refused, Unknown
from domain.people import Person
from domain.problem import Problem
from usecases import status_cards
from usecases.access import incident_to_change
from usecases.ports import Store
from usecases.problems import people, telling
from usecases.problems.planning import plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it stands after a press. `notice` is a sentence where nothing was changed, and says why."""

    problem: Problem
    notice: str = ""


def problem_to_see(store: Store, problem_id: int) -> Problem:
    """Load one to look at. Raise Unknown when there is none."""
    found = store.problems.get(problem_id)
    if found is None:
        raise Unknown(f"There is no problem {problem_id}. Write `problems` to see what is open.")
    return found


def close(store: Store, actor: Person, problem_id: int, evidence: str, now: datetime) -> Result:
    """Say that it is solved, with what shows it. Again it changes nothing."""

    def step(problem: Problem) -> Problem | None:
        return steps.close(problem, evidence, by=actor.id, at=now)

    return _step(store, actor, problem_id, step, now=now, already="It is closed already.")


def reopen(store: Store, actor: Person, problem_id: int, now: datetime) -> Result:
    """Take back that it is solved. Again it changes nothing."""
    return _step(store, actor, problem_id, steps.reopen, now=now, already="It is open already.")


def move(store: Store, actor: Person, problem_id: int, due_on: date, now: datetime) -> Result:
    """Give it another day. Again it changes nothing."""

    def step(problem: Problem) -> Problem | None:
        return steps.move(problem, due_on, today_in(people.owner_of(store, problem).time_zone, now))

    return _step(store, actor, problem_id, step, now=now, already="It is due on that day already.")


def hand_over(store: Store, actor: Person, problem_id: int, owner: Person, now: datetime) -> Result:
    """Give it to somebody else, who hears of it. Again it changes nothing."""
    if not owner.active:
        raise Refused(f"{owner.name} is not in the organisation any more. Choose somebody else.")
    already = f"{owner.name} has it already."
    result = _step(store, actor, problem_id, lambda p: steps.hand_over(p, owner.id), now=now, already=already)
    if not result.notice and owner.id != actor.id:
        telling.show(store, result.problem, owner, why=f"plan{result.problem.plan}")
    return result


def link(store: Store, actor: Person, problem_id: int, incident_id: int) -> Result:
    """Say that an incident belongs to a problem. Any member may. Again it changes nothing."""
    incident = incident_to_change(store, actor, incident_id)
    problem = _locked(store, problem_id)
    if not store.problems.link(problem_id, incident_id):
        return Result(problem=problem, notice=f"{incident.ref} belongs to it already.")
    store.incidents.compared(incident_id)
    return _changed_incidents(store, problem, incident_id)


def unlink(store: Store, actor: Person, incident_id: int) -> Result:
    """Say that an incident belongs to none after all. Raise Refused where it does not."""
    incident = incident_to_change(store, actor, incident_id)
    found = store.problems.of_incident(incident_id)
    if found is None:
        raise Refused(f"{incident.ref} belongs to no problem.")
    problem = _locked(store, found.id)
    people.require_hand(store, problem, actor)
    store.problems.unlink(incident_id)
    return _changed_incidents(store, problem, incident_id)


def _changed_incidents(store: Store, problem: Problem, incident_id: int) -> Result:
    counted = steps.seen_again(problem)
    store.problems.save(counted, seen=problem.version)
    telling.redraw(store, counted)
    incident = store.incidents.get(incident_id)
    if incident is not None:
        status_cards.redraw(store, incident, because=f":problem{counted.id}v{counted.version}")
    return Result(problem=counted)


def _step(
    store: Store,
    actor: Person,
    problem_id: int,
    step: Callable[[Problem], Problem | None],
    *,
    now: datetime,
    already: str,
) -> Result:
    problem = _locked(store, problem_id)
    people.require_hand(store, problem, actor)
    changed = step(problem)
    if changed is None:
        return Result(problem=problem, notice=already)
    store.problems.save(changed, seen=problem.version)
    plan(store, changed, now)
    telling.redraw(store, changed)
    return Result(problem=changed)


def _locked(store: Store, problem_id: int) -> Problem:
    problem_to_see(store, problem_id)
    locked = store.problems.lock(problem_id)
    assert locked is not None  # noqa: S101 - problems are never deleted
    return locked
