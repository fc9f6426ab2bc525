"""Changes, the incidents they are behind, and where they stand."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.change import MAY_MATTER, Change, ChangeState, Risk
from domain.conversation import ConversationKind, Place
from domain.errors import StaleVersion
from storage.change import NEAR, listing
from storage.database import Database
from tests.support.samples import NOW, ago, change, incident, person
from usecases.change_ports import Cause, ChangeCard, ChangeFilter, Near, Request

HOUR = timedelta(hours=1)
S = ChangeState


@pytest.fixture
async def ada(database: Database) -> int:
    return await database.write(lambda store: store.people.add(person(1, id=0)).id)


async def add(database: Database, *changes: Change) -> list[Change]:
    return await database.write(lambda store: [store.changes.add(replace(one, id=0)) for one in changes])


async def declared(database: Database, by: int, count: int = 1) -> list[int]:
    made = incident(0, declared_by=by, services=("checkout",))
    return await database.write(lambda store: [store.incidents.add(made).id for _ in range(count)])


async def test_what_is_added_is_read_back_equal(database: Database, ada: int):
    full = change(
        title="Überraschung <at>x</at>",
        risk=Risk.HIGH,
        state=S.FAILED,
        recorded_by=ada,
        author="Zoë",
        ends_at=NOW + HOUR,
        rollback="helm rollback\ncheckout",
        links=("https://ci.example.org/7", "http://wiki.example.org/ä"),
        comment="hat nicht geklappt 🙅",
        ended_by=ada,
        ended_at=NOW,
        version=4,
    )
    for one in (full, change()):
        (added,) = await add(database, one)
        assert added == replace(one, id=added.id)
        assert await database.read(lambda store, number=added.id: store.changes.get(number)) == added
        assert await database.write(lambda store, number=added.id: store.changes.lock(number)) == added
    assert await database.read(lambda store: store.changes.get(99)) is None


async def test_a_change_names_the_version_it_has_read(database: Database):
    (one,) = await add(database, change())
    after = replace(one, state=S.ROLLED_BACK, version=1)
    await database.write(lambda store: store.changes.save(after, seen=0))
    assert await database.read(lambda store: store.changes.get(one.id)) == after

    def late(store: Any) -> None:
        with pytest.raises(StaleVersion):
            store.changes.save(replace(after, version=9), seen=0)

    await database.write(late)


async def test_a_key_records_once_for_each_caller_and_outlives_the_process(database_url: str):
    request = Request(caller="deploys", key="k1", digest="d1")
    for n in range(2):
        database = Database.open(database_url)
        made = await database.write(lambda store: store.changes.add(change(0), request))
        assert (made is None) == bool(n)
        found = await database.read(lambda store: store.changes.by_request("deploys", "k1"))
        assert found == (change(1), "d1")
        await database.close()
    database = Database.open(database_url)
    other = await database.write(lambda store: store.changes.add(change(0), replace(request, caller="other")))
    assert other is not None
    assert await database.read(lambda store: store.changes.by_request("other", "k2")) is None
    assert len(await add(database, change(), change())) == 2  # without a key nothing is the same
    await database.close()


async def test_two_replicas_at_the_same_moment_record_one(database: Database, other_database: Database):
    request = Request(caller="deploys", key="k", digest="d")

    async def post(where: Database) -> Change | None:
        return await where.write(lambda store: store.changes.add(change(0), request))

    made = await asyncio.gather(*(post((database, other_database)[n % 2]) for n in range(8)))
    assert len([one for one in made if one]) == 1
    assert len(await database.read(lambda store: store.changes.list(ChangeFilter()))) == 1


async def test_they_are_listed_the_latest_first_in_pages(database: Database):
    early, twin, late, search = await add(
        database,
        change(at=ago(hours=5)),
        change(at=ago(hours=5)),
        change(at=ago(hours=1), state=S.CANCELLED),
        change(at=NOW + HOUR, service="search", state=S.PLANNED),
    )

    async def listed(**wanted: Any) -> list[int]:
        return [c.id for c in await database.read(lambda store: store.changes.list(ChangeFilter(**wanted)))]

    assert await listed() == [search.id, late.id, twin.id, early.id]
    assert await listed(limit=1) == [search.id]
    assert await listed(services=("checkout",)) == [late.id, twin.id, early.id]
    assert await listed(services=("checkout", "search"), states=MAY_MATTER) == [search.id, twin.id, early.id]
    assert await listed(since=ago(hours=5), until=ago(hours=1)) == [late.id, twin.id, early.id]
    assert await listed(since=ago(hours=4), until=NOW) == [late.id]
    assert await listed(before=(late.at, late.id)) == [twin.id, early.id]
    assert await listed(before=(twin.at, twin.id)) == [early.id]
    assert await listed(before=(early.at, early.id)) == []


async def test_what_stands_beside_an_incident_is_counted_whole_and_named_in_part(database: Database, ada: int):
    (number,) = await declared(database, ada)
    made = await add(
        database,
        *(change(at=ago(minutes=n)) for n in range(6)),
        change(service="search"),
        change(state=S.CANCELLED, at=ago(minutes=2)),
    )

    async def read(*services: str) -> Near:
        window = {"since": ago(minutes=5), "until": ago(minutes=1), "most": 3}
        return await database.read(lambda store: store.changes.near(number, services, **window))

    near = await read("checkout")
    assert ([c.id for c in near.newest], near.total, near.cause) == ([2, 3, 4], 5, None)
    cause = Cause(incident_id=number, change_id=made[4].id, linked_by=ada, linked_at=NOW)
    await database.write(lambda store: store.changes.blame(cause))
    near = await read("checkout")
    assert (near.total, near.cause) == (5, made[4])
    near = await read("nothing", "else")
    assert (near.newest, near.total, near.cause) == ((), 0, made[4])


async def test_an_incident_has_one_cause_and_a_change_causes_several(database: Database, ada: int):
    numbers = await declared(database, ada, 3)
    one, two = await add(database, change(), change())

    def link(store: Any) -> None:
        for number, which in zip(numbers, (one, one, two), strict=True):
            store.changes.blame(Cause(incident_id=number, change_id=which.id, linked_by=ada, linked_at=NOW))
        store.changes.clear(numbers[0])
        store.changes.clear(99)

    await database.write(link)

    def look(store: Any) -> Any:
        return [store.changes.cause_of(n) for n in numbers], store.changes.caused([one.id, two.id, 99])

    assert await database.read(look) == ([None, one.id, two.id], {one.id: [numbers[1]], two.id: [numbers[2]]})
    assert await database.read(lambda store: store.changes.caused([])) == {}


async def test_the_failure_rate_counts_what_happened_and_what_went_wrong(database: Database, ada: int):
    (number,) = await declared(database, ada)
    made = await add(
        database,
        change(at=ago(hours=9)),  # before the window
        change(at=ago(hours=8)),  # the first moment of it
        change(at=ago(hours=7), state=S.ROLLED_BACK),
        change(at=ago(hours=6), state=S.FAILED),
        change(at=ago(hours=5)),  # linked below
        change(at=ago(hours=4), state=S.CANCELLED),
        change(at=ago(hours=3), state=S.PLANNED),  # nobody has said that it happened
        change(at=ago(hours=2), service="search"),
        change(at=NOW),  # the moment after it
    )
    cause = Cause(incident_id=number, change_id=made[4].id, linked_by=ada, linked_at=NOW)
    await database.write(lambda store: store.changes.blame(cause))

    async def outcome(services: Any) -> tuple[int, int]:
        return await database.read(lambda store: store.changes.outcome(ago(hours=8), NOW, services))

    assert await outcome(None) == (3, 5)
    assert await outcome(["checkout"]) == (3, 4)
    assert await outcome(["search"]) == (0, 1)
    assert await outcome(["nothing"]) == (0, 0)


async def test_where_it_stands_is_remembered_in_order(database: Database, ada: int):
    one, two = await add(database, change(), change())
    channel = Place(
        tenant_id="t",
        service_url="https://s/",
        conversation_id="19:a@thread.tacv2;messageid=1",
        kind=ConversationKind.CHANNEL,
        team_id="team",
    )
    cards = [
        ChangeCard(change_id=one.id, place=channel, reader=None, activity_id="1"),
        ChangeCard(change_id=one.id, place=channel, reader=ada, activity_id="2"),
    ]
    await database.write(lambda store: [store.changes.stands(card) for card in cards])
    assert await database.read(lambda store: store.changes.cards(one.id)) == cards
    assert await database.read(lambda store: store.changes.cards(two.id)) == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (NEAR, "service"),
        (listing(ChangeFilter(services=("a",), since=ago(days=1), before=(NOW, 7))), "service"),
        (listing(ChangeFilter(before=(NOW, 7))), "at"),
    ],
)
async def test_the_lists_people_wait_for_are_read_by_an_index(sqlite_url: str, query: Any, index: str):
    database = Database.open(sqlite_url)

    def explain(store: Any) -> str:
        from sqlalchemy import text

        values: Any = {"incident": 1, "services": ["a", "b"], "since": NOW, "until": NOW, "most": 3}
        compiled = query.params(values).compile(store.connection, compile_kwargs={"literal_binds": True})
        return "\n".join(str(row) for row in store.connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))

    found = await database.read(explain)
    await database.close()
    assert f"SEARCH change USING INDEX ix_change_{index} (" in found, found
    assert "SCAN change\n" not in found
