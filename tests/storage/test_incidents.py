from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import StaleVersion
from domain.incident import Role, Status
from storage.database import Database
from tests.support.samples import NOW, incident, person, place, thread
from usecases.ports import IncidentFilter, PostedCard, Unavailable


async def people(database: Database, many: int = 3) -> list[int]:
    return await database.write(lambda store: [store.people.add(person(n + 1, id=0)).id for n in range(many)])


def fresh(by: int, **more):
    return incident(id=0, declared_by=by, roles={}, acknowledged_by=None, acknowledged_at=None, **more)


async def test_what_is_added_is_read_back_equal(database: Database):
    ada, grace, lin = await people(database)
    whole = incident(
        id=0,
        declared_by=ada,
        services=("checkout", "a:b", "payments"),
        roles={Role.COMMANDER: grace, Role.SCRIBE: lin},
        acknowledged_by=grace,
        acknowledged_at=NOW,
        mitigated_at=NOW,
        resolved_at=NOW,
        status=Status.RESOLVED,
        summary="Rolled back.",
        cycle=2,
        paged=True,
        updated_at=NOW,
        remind_every=timedelta(minutes=45),
        remind_off=True,
    )
    added = await database.write(lambda store: store.incidents.add(whole))
    assert added == replace(whole, id=added.id)
    assert added.id > 0
    assert await database.read(lambda store: store.incidents.get(added.id)) == added
    assert await database.write(lambda store: store.incidents.lock(added.id)) == added
    assert await database.read(lambda store: store.incidents.many([added.id, 999])) == {added.id: added}


async def test_nobody_is_found_by_a_number_that_does_not_exist(database: Database):
    assert await database.read(lambda store: store.incidents.get(7)) is None
    assert await database.write(lambda store: store.incidents.lock(7)) is None
    assert await database.read(lambda store: store.incidents.many([])) == {}


async def test_a_save_changes_services_and_roles_and_nothing_of_others(database: Database):
    ada, grace, lin = await people(database)
    one, other = await database.write(
        lambda store: [
            store.incidents.add(replace(fresh(ada, services=("checkout",)), roles={Role.SCRIBE: ada})) for _ in "12"
        ]
    )
    changed = replace(
        one, services=("search", "checkout"), roles={Role.COMMANDER: lin, Role.SCRIBE: grace}, version=one.version + 1
    )
    await database.write(lambda store: store.incidents.save(changed, seen=one.version))
    assert await database.read(lambda store: store.incidents.get(one.id)) == changed
    assert await database.read(lambda store: store.incidents.get(other.id)) == other
    bare = replace(changed, services=(), roles={}, version=changed.version + 1)
    await database.write(lambda store: store.incidents.save(bare, seen=changed.version))
    assert await database.read(lambda store: store.incidents.get(one.id)) == bare


async def test_what_is_said_about_reminders_can_be_changed_and_taken_back(database: Database):
    (ada,) = await people(database, 1)
    bare = await database.write(lambda store: store.incidents.add(fresh(ada)))
    assert (bare.paged, bare.updated_at, bare.remind_every, bare.remind_off) == (False, None, None, False)
    told = replace(bare, paged=True, updated_at=NOW, remind_every=timedelta(minutes=5), remind_off=True, version=9)
    await database.write(lambda store: store.incidents.save(told, seen=bare.version))
    assert await database.read(lambda store: store.incidents.get(bare.id)) == told
    again = replace(bare, version=10)
    await database.write(lambda store: store.incidents.save(again, seen=9))
    assert await database.read(lambda store: store.incidents.get(bare.id)) == again


async def test_a_save_over_a_newer_version_is_refused_and_changes_nothing(database: Database):
    (ada,) = await people(database, 1)
    one = await database.write(lambda store: store.incidents.add(fresh(ada)))
    newer = replace(one, title="newer", version=one.version + 1)
    await database.write(lambda store: store.incidents.save(newer, seen=one.version))
    late = replace(one, title="late", version=one.version + 1)
    tries = []

    def work(store):
        tries.append(1)
        store.key_value.set("seen", "me")
        with pytest.raises(StaleVersion):
            store.incidents.save(late, seen=one.version)
        store.incidents.save(late, seen=one.version)

    with pytest.raises(Unavailable):
        await database.write(work)
    assert len(tries) == 5
    assert await database.read(lambda store: store.incidents.get(one.id)) == newer
    assert await database.read(lambda store: store.key_value.get("seen")) is None


async def test_lists_newest_first_and_pages_by_number(database: Database):
    (ada,) = await people(database, 1)
    made = await database.write(lambda store: [store.incidents.add(fresh(ada)).id for _ in range(7)])
    first = await database.read(lambda store: store.incidents.list(IncidentFilter(limit=3)))
    assert [i.id for i in first] == made[:-4:-1]
    rest = await database.read(lambda store: store.incidents.list(IncidentFilter(limit=9, before=first[-1].id)))
    assert [i.id for i in rest] == made[3::-1]


async def test_every_filter_and_all_of_them_together(database: Database):
    ada, grace, lin = await people(database)

    def work(store):
        return [
            store.incidents.add(made).id
            for made in (
                fresh(ada, services=("checkout",)),
                fresh(ada, services=("checkout", "search"), status=Status.RESOLVED),
                replace(fresh(ada, status=Status.MONITORING), roles={Role.COMMANDER: grace}),
                replace(fresh(ada), acknowledged_by=grace, acknowledged_at=NOW),
                fresh(grace, services=("search",)),
                fresh(lin, services=("checkout",), status=Status.MONITORING),
            )
        ]

    numbers = await database.write(work)

    async def found(**wanted):
        listed = await database.read(lambda store: store.incidents.list(IncidentFilter(**wanted)))
        return [numbers.index(i.id) for i in listed]

    assert await found(open_only=True) == [5, 4, 3, 2, 0]
    assert await found(statuses=("monitoring",)) == [5, 2]
    assert await found(statuses=("monitoring", "resolved")) == [5, 2, 1]
    assert await found(service="checkout") == [5, 1, 0]
    assert await found(service="checkout", open_only=True) == [5, 0]
    assert await found(person_id=grace) == [4, 3, 2]
    assert await found(person_id=lin, open_only=True, service="checkout", statuses=("monitoring",)) == [5]
    assert await found(person_id=lin, before=numbers[5]) == []


async def test_which_incidents_stand_in_a_place(database: Database):
    (ada,) = await people(database, 1)
    channel, other = place(), thread("1700")

    def work(store):
        made = [store.incidents.add(fresh(ada)).id for _ in range(3)]
        for number, where in ((made[0], channel), (made[1], other), (made[1], other), (made[2], channel)):
            store.cards.add(PostedCard(id=0, incident_id=number, place=where))
        return made

    first, second, third = await database.write(work)

    async def standing(conversation: str, *, whole_channel: bool):
        return await database.read(lambda store: store.incidents.standing_in(conversation, whole_channel=whole_channel))

    assert list(await standing(channel.conversation_id, whole_channel=False)) == [third, first]
    assert list(await standing(other.conversation_id, whole_channel=False)) == [second]
    assert list(await standing(channel.base_id, whole_channel=True)) == [third, second, first]
    assert list(await standing("19:nobody", whole_channel=True)) == []
