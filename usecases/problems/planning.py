"""Reminders of problems: planned with every change of owner, day and state."""

from datetime import datetime

from domain.problem import LEAD_HEARS_FROM, Problem, reminder_after
from usecases import letters
from usecases.ports import Store
from usecases.problems import people, telling
from usecases.work import DueWork, NewWork

REMIND = "problem.remind:1"


def plan(store: Store, problem: Problem, now: datetime) -> None:
    """Plan the next reminder, and only that."""
    store.work.cancel(_subject(problem))
    if not problem.is_open:
        return
    reader = people.reminded(store, problem) or people.owner_of(store, problem)
    following = reminder_after(problem, reader.time_zone, now)
    if following is not None:
        index, at = following
        store.work.add(
            NewWork(
                kind=REMIND,
                dedupe_key=f"problem:{problem.id}:{problem.plan}:{index}",
                due_at=at,
                subject=_subject(problem),
                payload={"problem": problem.id, "plan": problem.plan, "index": index},
            )
        )


def run_remind(store: Store, due: DueWork, now: datetime) -> None:
    """Remind whoever has it, and plan the next reminder; after an outage one reminder stands for all that were missed."""
    problem = store.problems.lock(int(due.payload["problem"]))
    if problem is None or not problem.is_open or problem.plan != int(due.payload["plan"]):
        return
    index, reader = int(due.payload["index"]), people.reminded(store, problem)
    if reader is not None:
        telling.show(store, problem, reader, why=f"plan{problem.plan}:{index}")
    owner = people.owner_of(store, problem)
    lead = people.lead_of(store, problem, owner)
    if index >= LEAD_HEARS_FROM and lead is not None and (reader is None or lead.id != reader.id):
        text = (
            f"“{problem.title}” ({problem.name.lower()} of {owner.name}) was due on {problem.due_on} and is not solved."
        )
        key = f"problem:{problem.id}:{problem.plan}:{index}:lead"
        letters.say_to_person(store, lead, text, key=key)
    plan(store, problem, now)


def _subject(problem: Problem) -> str:
    return f"problem:{problem.id}"
