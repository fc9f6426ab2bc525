"""Handoffs and swaps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import StaleVersion
from domain.handoff import Handoff, HandoffState
from domain.swap import Swap, SwapState
from storage.database import Database
from tests.support.samples import NOW, person
from usecases.ports import Unavailable

HOUR = timedelta(hours=1)


@pytest.fixture
async def people(database: Database) -> list[int]:
    return await database.write(lambda store: [store.people.add(person(n, id=0)).id for n in (1, 2, 3)])


def handoff(outgoing: int, incoming: int, hours: float = 0, **more) -> Handoff:
    given = {"id": 0, "schedule": "primary", "boundary_at": NOW + hours * HOUR}
    return Handoff(**{**given, **more}, outgoing=outgoing, incoming=incoming)


async def add(database: Database, *handoffs: Handoff) -> list[Handoff]:
    return await database.write(lambda store: [store.handoffs.add(one) for one in handoffs])


async def test_what_is_added_is_read_back_equal(database: Database, people: list[int]):
    ada, grace, _ = people
    full = handoff(
        ada,
        grace,
        holds=False,
        state=HandoffState.DECLINED,
        notes="Watch the queue.\nIt is slow.",
        reason="I am on a plane.",
        offered_at=NOW - HOUR,
        accepted_at=NOW,
        decided_by=grace,
        version=4,
    )
    plain = handoff(grace, ada, 8)
    for one in (full, plain):
        (added,) = await add(database, one)
        assert added == replace(one, id=added.id)
        assert added.id > 0
        assert await database.read(lambda store, number=added.id: store.handoffs.get(number)) == added
    assert await database.read(lambda store: store.handoffs.get(99)) is None


async def test_the_same_shift_change_of_the_same_two_people_is_there_once(database: Database, people: list[int]):
    ada, grace, lin = people
    first, again, at_another, reversed_, elsewhere, third = await add(
        database,
        handoff(ada, grace),
        handoff(ada, grace, notes="again"),
        handoff(ada, grace, 1),
        handoff(grace, ada),
        handoff(ada, grace, schedule="secondary"),
        handoff(ada, lin),
    )
    assert again is None
    assert None not in (first, at_another, reversed_, elsewhere, third)
    assert (await database.read(lambda store: store.handoffs.get(first.id))).notes == ""


async def test_every_field_can_be_changed_and_versions_are_watched(database: Database, people: list[int]):
    ada, grace, lin = people
    (added,) = await add(database, handoff(ada, grace))
    changed = replace(
        added,
        schedule="other",
        outgoing=grace,
        incoming=lin,
        boundary_at=NOW + HOUR,
        holds=False,
        state=HandoffState.ACCEPTED,
        notes="n",
        reason="r",
        offered_at=NOW,
        accepted_at=NOW + HOUR,
        decided_by=lin,
        version=1,
    )
    await database.write(lambda store: store.handoffs.save(changed, seen=0))
    assert await database.read(lambda store: store.handoffs.get(added.id)) == changed

    def late(store):
        with pytest.raises(StaleVersion):
            store.handoffs.save(replace(added, version=1), seen=0)
        store.handoffs.save(replace(added, version=1), seen=0)

    with pytest.raises(Unavailable):
        await database.write(late)
    assert await database.read(lambda store: store.handoffs.get(added.id)) == changed


async def test_only_a_prepared_one_is_forgotten_and_may_then_be_planned_again(database: Database, people: list[int]):
    ada, grace, _ = people
    prepared, offered = await add(
        database, handoff(ada, grace), handoff(grace, ada, 8, state=HandoffState.OFFERED, offered_at=NOW)
    )
    await database.write(lambda store: [store.handoffs.remove(one.id) for one in (prepared, offered)])
    assert await database.read(lambda store: store.handoffs.get(prepared.id)) is None
    assert await database.read(lambda store: store.handoffs.get(offered.id)) == offered
    (again,) = await add(database, handoff(ada, grace))
    assert again.id > offered.id


async def test_a_number_never_comes_again(database: Database, people: list[int]):
    (last,) = await add(database, handoff(people[0], people[1]))
    await database.write(lambda store: store.handoffs.remove(last.id))
    (again,) = await add(database, handoff(people[0], people[1]))
    assert again.id > last.id


async def test_those_of_a_schedule_or_of_all_stand_with_the_latest_shift_change_first(
    database: Database, people: list[int]
):
    ada, grace, _ = people
    one, late, other, early = await add(
        database,
        handoff(ada, grace),
        handoff(ada, grace, 5),
        handoff(ada, grace, 3, schedule="secondary"),
        handoff(ada, grace, -5),
    )
    of_primary = await database.read(lambda store: store.handoffs.of_schedule("primary"))
    assert list(of_primary) == [late, one, early]
    assert list(await database.read(lambda store: store.handoffs.of_schedule("primary", limit=2))) == [late, one]
    assert list(await database.read(lambda store: store.handoffs.of_schedule(None))) == [late, other, one, early]
    assert list(await database.read(lambda store: store.handoffs.of_schedule(None, limit=1))) == [late]


async def test_open_ones_stand_with_the_earliest_shift_change_first(database: Database, people: list[int]):
    ada, grace, lin = people
    states = {state: n for n, state in enumerate(HandoffState)}
    made = await add(database, *(handoff(ada, grace, -n, state=state) for state, n in states.items()))
    (mine,) = await add(database, handoff(lin, ada, -50))
    (elsewhere,) = await add(database, handoff(grace, lin, -99, schedule="secondary"))
    prepared, offered = made[states[HandoffState.PREPARED]], made[states[HandoffState.OFFERED]]
    assert list(await database.read(lambda store: store.handoffs.open_of("primary"))) == [mine, offered, prepared]
    found = await database.read(lambda store: {who: list(store.handoffs.open_for(who)) for who in people})
    assert found == {ada: [mine, offered, prepared], grace: [elsewhere, offered, prepared], lin: [elsewhere, mine]}


async def test_around_a_moment_are_those_of_the_day_before_it(database: Database, people: list[int]):
    ada, grace, _ = people
    second = 1 / 3600
    _, before, at, _, _ = await add(
        database,
        handoff(ada, grace, -24),
        handoff(ada, grace, -24 + second),
        handoff(ada, grace, 0),
        handoff(ada, grace, second),
        handoff(ada, grace, -1, schedule="secondary"),
    )
    assert list(await database.read(lambda store: store.handoffs.around("primary", NOW))) == [at, before]


def swap(asker: int, other: int, **more) -> Swap:
    given = {
        "id": 0,
        "schedule": "primary",
        "gives_from": NOW,
        "gives_to": NOW + HOUR,
        "takes_from": NOW + 2 * HOUR,
        "takes_to": NOW + 3 * HOUR,
        "asked_at": NOW - HOUR,
    }
    return Swap(**{**given, **more}, asker=asker, other=other)


async def test_a_swap_is_read_back_equal_and_its_version_is_watched(database: Database, people: list[int]):
    ada, grace, _ = people
    asked = swap(ada, grace)
    added = await database.write(lambda store: store.swaps.add(asked))
    assert added == replace(asked, id=added.id)
    assert await database.read(lambda store: store.swaps.get(added.id)) == added
    done = replace(added, state=SwapState.ACCEPTED, decided_at=NOW, version=1)
    await database.write(lambda store: store.swaps.save(done, seen=0))
    assert await database.read(lambda store: store.swaps.get(added.id)) == done
    with pytest.raises(Unavailable):
        await database.write(lambda store: store.swaps.save(replace(added, state=SwapState.DECLINED), seen=0))
    assert await database.read(lambda store: store.swaps.get(added.id)) == done
    assert await database.read(lambda store: store.swaps.get(99)) is None


async def test_an_open_swap_is_found_by_what_it_asks(database: Database, people: list[int]):
    ada, grace, lin = people
    asked = swap(ada, grace)
    done = replace(asked, state=SwapState.DECLINED, decided_at=NOW, version=1)
    _, first, _ = await database.write(lambda store: [store.swaps.add(one) for one in (done, asked, asked)])
    later = replace(asked, asked_at=NOW)
    assert await database.read(lambda store: store.swaps.open_like(later)) == first
    for other in (
        swap(grace, ada),
        swap(ada, lin),
        swap(ada, grace, schedule="secondary"),
        swap(ada, grace, gives_from=NOW - HOUR),
        swap(ada, grace, gives_to=NOW + 2 * HOUR),
        swap(ada, grace, takes_from=NOW + HOUR),
        swap(ada, grace, takes_to=NOW + 4 * HOUR),
    ):
        assert await database.read(lambda store, other=other: store.swaps.open_like(other)) is None
