"""Approvals, their votes, and where they stand."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.approval import Approval, ApprovalState, Decider, DeciderKind, Decision, Group, Vote, expire, vote
from domain.conversation import ConversationKind, Place
from domain.errors import StaleVersion
from storage.database import Database
from tests.support.samples import NOW, person
from usecases.approval_ports import ApprovalCard

HOUR = timedelta(hours=1)


@pytest.fixture
async def people(database: Database) -> list[int]:
    return await database.write(lambda store: [store.people.add(person(n, id=0)).id for n in range(1, 11)])


def approval(by: int, **more: Any) -> Approval:
    given = {
        "id": 0,
        "subject_kind": "maintenance",
        "subject_id": 7,
        "digest": "d1",
        "requested_at": NOW,
        "expires_at": NOW + HOUR,
        "groups": (Group(deciders=(Decider(DeciderKind.TEAM, "payments"),)),),
    }
    return Approval(**{**given, **more}, requested_by=by)


async def add(database: Database, *approvals: Approval) -> list[Approval]:
    return await database.write(lambda store: [store.approvals.add(one) for one in approvals])


async def test_what_is_added_is_read_back_equal(database: Database, people: list[int]):
    ada, grace, lin = people[:3]
    sides = (
        Group(deciders=(Decider(DeciderKind.SIDE, "engineering"), Decider(DeciderKind.PERSON, "zoë")), needed=2),
        Group(deciders=(Decider(DeciderKind.SIDE, "operations"),), needed=0),
    )
    said = Vote(person=grace, decision=Decision.APPROVE, at=NOW, groups=(0, 1))
    no = Vote(person=lin, decision=Decision.REJECT, at=NOW + HOUR, comment="Nicht am Freitag – „nie“ 🙅", groups=(1,))
    full = approval(
        ada,
        groups=sides,
        votes=(said, no),
        state=ApprovalState.REJECTED,
        decided_at=NOW + HOUR,
        decided_by=lin,
        reason="x",
        version=4,
    )
    for one in (full, approval(grace)):
        (added,) = await add(database, one)
        assert added == replace(one, id=added.id)
        assert await database.read(lambda store, number=added.id: store.approvals.get(number)) == added
        assert await database.write(lambda store, number=added.id: store.approvals.lock(number)) == added
    assert await database.read(lambda store: store.approvals.get(99)) is None
    assert await database.write(lambda store: store.approvals.lock(99)) is None


async def test_a_change_names_the_version_it_has_read(database: Database, people: list[int]):
    (one,) = await add(database, approval(people[0]))
    over = expire(one, NOW + HOUR)
    assert over is not None
    await database.write(lambda store: store.approvals.save(over, seen=0))
    assert await database.read(lambda store: store.approvals.get(one.id)) == over

    def late(store: Any) -> None:
        with pytest.raises(StaleVersion):
            store.approvals.save(replace(over, version=9), seen=0)

    await database.write(late)


async def test_they_are_listed_the_newest_first_by_subject_and_state(database: Database, people: list[int]):
    ada = people[0]
    first, other, second, done = await add(
        database,
        approval(ada),
        approval(ada, subject_id=8),
        approval(ada),
        approval(ada, state=ApprovalState.APPROVED, subject_kind="change"),
    )

    def look(store: Any) -> list[Any]:
        approvals = store.approvals
        return [
            approvals.of_subject("maintenance", 7),
            approvals.of_subject("maintenance", 7, limit=1),
            approvals.of_subject("change", 9),
            approvals.latest(),
            approvals.latest(state=ApprovalState.PENDING),
            approvals.latest(state=ApprovalState.APPROVED),
            approvals.latest(before=second.id),
            approvals.latest(state=ApprovalState.PENDING, before=second.id, limit=1),
        ]

    assert await database.read(look) == [
        [second, first],
        [second],
        [],
        [done, second, other, first],
        [second, other, first],
        [done],
        [other, first],
        [other],
    ]


async def test_where_it_stands_is_remembered_in_order(database: Database, people: list[int]):
    (one, two) = await add(database, approval(people[0]), approval(people[0]))
    channel = Place(
        tenant_id="t",
        service_url="https://s/",
        conversation_id="19:a@thread.tacv2;messageid=1",
        kind=ConversationKind.CHANNEL,
        team_id="team",
    )
    chat = replace(channel, conversation_id="a:1", kind=ConversationKind.PERSONAL, team_id=None, person_object_id="ab")
    cards = [
        ApprovalCard(approval_id=one.id, place=channel, reader=None, activity_id="1"),
        ApprovalCard(approval_id=one.id, place=chat, reader=people[1], activity_id="2"),
    ]

    def stand(store: Any) -> None:
        for card in cards:
            store.approvals.stands(card)

    await database.write(stand)
    assert await database.read(lambda store: store.approvals.cards(one.id)) == cards
    assert await database.read(lambda store: store.approvals.cards(two.id)) == []


async def test_nine_people_at_the_same_moment_make_one_outcome_and_lose_no_vote(
    database: Database, other_database: Database, people: list[int]
):
    ada, *others = people
    (one,) = await add(database, approval(ada, groups=(Group(deciders=(), needed=9),)))

    async def press(where: Database, who: int) -> ApprovalState:
        def decide(store: Any) -> ApprovalState:
            found = store.approvals.lock(one.id)
            after = vote(found, who, Decision.APPROVE, comment="", eligible=[others], at=NOW)
            assert after is not None
            store.approvals.save(after, seen=found.version)
            return after.state

        return await where.write(decide)

    states = await asyncio.gather(*(press((database, other_database)[n % 2], who) for n, who in enumerate(others)))
    assert sorted(states) == [ApprovalState.APPROVED] + [ApprovalState.PENDING] * 8
    after = await database.read(lambda store: store.approvals.get(one.id))
    assert after is not None
    assert (after.version, {v.person for v in after.votes}) == (9, set(others))
