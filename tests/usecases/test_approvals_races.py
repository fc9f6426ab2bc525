"""Nine people who decide at the same moment on two processes: one outcome, no vote lost, and nobody has to come again."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from domain.approval import Approval, ApprovalState, Decider, DeciderKind, Decision, Group
from domain.catalog import Service, Side, Team
from domain.change import Change, ChangeState, Risk
from domain.errors import Refused
from domain.organisation import ListedPerson, Organisation
from domain.people import Person
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.samples import NOW, object_id
from usecases.approvals import asking, deciding
from usecases.approvals.asking import Question
from usecases.changes import approving, outcomes
from usecases.work import DueWork

Ending = Callable[[SqlStore, Approval, Person], None]
OPS = tuple(f"ops{n}" for n in range(9))
PEOPLE = ("rita", *OPS)
ORGANISATION = Organisation(
    people=tuple(
        ListedPerson(handle=handle, name=handle.capitalize(), aad_object_id=object_id(n + 1))
        for n, handle in enumerate(PEOPLE)
    ),
    teams=(
        Team(id="dev", name="Development", side=Side.ENGINEERING, members=("rita",)),
        Team(id="ops", name="Operations", side=Side.OPERATIONS, members=OPS),
    ),
    services=(Service(id="checkout", name="Checkout", owner="dev", operations="ops"),),
    schedules=(),
    escalation_policies=(),
)


def asked(store: SqlStore, needed: int) -> Approval:
    """Let Rita ask whether a change may happen."""
    rita = store.people.by_handle("rita")
    assert rita
    change = store.changes.add(
        Change(
            id=0,
            title="Upgrade the database",
            service="checkout",
            risk=Risk.MEDIUM,
            at=NOW + timedelta(days=1),
            state=ChangeState.PROPOSED,
            recorded_at=NOW,
            source="teams",
            recorded_by=rita.id,
        )
    )
    assert change
    content = approving.content(store, change.id)
    assert content
    groups = (Group(deciders=(Decider(DeciderKind.TEAM, "ops"),), needed=needed),)
    question = Question(kind="change", subject_id=change.id, content=content, groups=groups, expires_at=change.at)
    return asking.ask(store, rita, question, NOW)


async def staged(database: Database, *needed: int) -> tuple[Sequence[Approval], dict[str, Person]]:
    """Fill a database with questions."""
    await database.write(lambda store: store.organisations.replace(ORGANISATION))
    approvals = [await database.write(lambda store, n=n: asked(store, n)) for n in needed]
    people = await database.read(lambda store: {person.handle: person for person in store.people.active()})
    return approvals, people


def pressed(store: SqlStore, who: Person, approval_id: int, decision: Decision) -> str:
    """Press as somebody; give who was counted, or why not."""
    try:
        deciding.decide(store, who, approval_id, decision, comment="because", now=NOW)
    except Refused as refused:
        return str(refused)
    return "counted"


async def test_nine_people_and_two_processes_make_one_outcome_of_each_at_the_first_try(
    database: Database, other_database: Database
) -> None:
    approvals, people = await staged(database, 1, 5, 5, 9, 5)
    runs: Counter[int] = Counter()

    async def press(n: int, handle: str, approval: Approval) -> tuple[int, str, str]:
        against = n == 4 and approval.id % 2 == 0

        def work(store: SqlStore) -> str:
            runs[approval.id] += 1
            return pressed(store, people[handle], approval.id, Decision.REJECT if against else Decision.APPROVE)

        return approval.id, handle, await (database, other_database)[n % 2].write(work)

    answers = await asyncio.gather(*(press(n, handle, a) for a in approvals for n, handle in enumerate(OPS)))
    for before in approvals:
        after = await database.read(lambda store, n=before.id: store.approvals.get(n))
        change = await database.read(lambda store, n=before.subject_id: store.changes.get(n))
        assert after
        assert change
        assert after.state in (ApprovalState.APPROVED, ApprovalState.REJECTED)
        assert (change.state is ChangeState.PLANNED) == (after.state is ApprovalState.APPROVED)
        counted = sorted(people[handle].id for n, handle, said in answers if n == before.id and said == "counted")
        assert sorted(vote.person for vote in after.votes) == counted
        decided_by = next(person.name for person in people.values() if person.id == after.decided_by)
        late = {said for n, _, said in answers if n == before.id and said != "counted"}
        assert late <= {f"It is too late. {decided_by} {after.state} it at 14:18 UTC."}
        # The row's lock lets them wait for each other; without it they would collide, and have to begin again.
        assert runs[before.id] == len(OPS)


def withdraw(store: SqlStore, approval: Approval, rita: Person) -> None:
    deciding.withdraw(store, rita, approval.id, NOW)


def cancel(store: SqlStore, approval: Approval, rita: Person) -> None:
    outcomes.say(store, rita, approval.subject_id, ChangeState.CANCELLED, NOW)


def expire(store: SqlStore, approval: Approval, _: Person) -> None:
    work = DueWork(id=0, kind=asking.EXPIRE, due_at=NOW, fence=1, subject=None, payload={"approval": approval.id})
    deciding.run_expire(store, work, NOW)


@pytest.mark.parametrize(
    ("other", "over"),
    [(withdraw, ApprovalState.WITHDRAWN), (cancel, ApprovalState.WITHDRAWN), (expire, ApprovalState.EXPIRED)],
)
async def test_what_ends_it_otherwise_at_the_same_moment_comes_before_or_after_the_vote(
    database: Database, other_database: Database, other: Ending, over: ApprovalState
) -> None:
    approvals, people = await staged(database, *[1] * 6)
    runs: Counter[int] = Counter()

    def end(store: SqlStore, approval: Approval) -> str:
        runs[approval.id] += 1
        try:
            other(store, approval, people["rita"])
        except Refused as refused:
            return str(refused)
        return "ended"

    def vote(store: SqlStore, approval: Approval) -> str:
        runs[approval.id] += 1
        return pressed(store, people["ops1"], approval.id, Decision.APPROVE)

    for n, before in enumerate(approvals):
        both = [
            database.write(lambda store, a=before: end(store, a)),
            other_database.write(lambda store, a=before: vote(store, a)),
        ]
        said = await asyncio.gather(*(both if n % 2 else both[::-1]))
        after = await database.read(lambda store, a=before: store.approvals.get(a.id))
        change = await database.read(lambda store, a=before: store.changes.get(a.subject_id))
        assert after
        assert change
        if after.state is ApprovalState.APPROVED:
            assert "counted" in said
            assert change.state is (ChangeState.CANCELLED if other is cancel else ChangeState.PLANNED)
        else:
            assert after.state is over
            assert "counted" not in said
            assert change.state is ChangeState.CANCELLED
        assert await database.read(lambda store, a=before: store.work.planned(asking.subject_of(a))) == []
        assert runs[before.id] == 2, "a deadlock, or a collision"
