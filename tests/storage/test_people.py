import asyncio
from dataclasses import replace

from domain.people import BOT_ID
from storage.database import Database
from tests.support.samples import identity, object_id, person
from usecases.people import recognise


async def test_what_is_added_and_saved_is_read_back_equal(database: Database):
    whole = person(1, "Zoë Ångström", id=0, handle="Zoë", email="zoe@example.org", admin=True, time_zone="Asia/Kolkata")
    added = await database.write(lambda store: store.people.add(whole))
    assert added == replace(whole, id=added.id)
    assert await database.read(lambda store: store.people.many([added.id])) == {added.id: added}
    changed = replace(added, name="Zoë", object_id=None, tenant_id=None, channel_user_id=None, email=None, active=False)
    await database.write(lambda store: store.people.save(changed))
    assert await database.read(lambda store: store.people.many([added.id, 77])) == {added.id: changed}


async def test_the_bot_has_a_row_of_its_own_and_is_nobody(database: Database):
    def look(store):
        bot = store.people.many([BOT_ID])[BOT_ID]
        assert (bot.name, bot.listed, bot.active, bot.admin, bot.time_zone) == (
            "Incident bot",
            False,
            False,
            False,
            "UTC",
        )
        found = store.people.by_handle(bot.handle), *store.people.by_name(bot.name), *store.people.active()
        assert found == (None,)
        assert store.people.everybody() == []
        assert list(store.people.handles()) == []

    await database.read(look)


async def test_a_person_may_be_called_as_the_bot_is(database: Database):
    namesake = person(1, "Incident bot", id=0, handle="incident-bot")
    added = await database.write(lambda store: store.people.add(namesake))
    assert added.id > BOT_ID
    assert await database.read(lambda store: store.people.by_handle("Incident-Bot")) == added
    assert list(await database.read(lambda store: store.people.by_name("incident bot"))) == [added]


async def test_case_does_not_matter_where_people_type(database: Database):
    zoe = await database.write(
        lambda store: store.people.add(person(1, "Zoë  STRASSE", id=0, handle="Zoë", object_id="AB-CD"))
    )

    def found(store):
        people = store.people
        return [people.by_handle("zOË"), people.by_object_id("aB-cd"), *people.by_name("zoë straße")]

    assert await database.read(found) == [replace(zoe, object_id="ab-cd")] * 3
    assert await database.read(lambda store: store.people.handles()) == {"zoë"}


async def test_an_apostrophe_is_found_however_a_phone_writes_it(database: Database):
    names = ["Siobhán O'Brien", "José Núñez-O’Brien"]

    def work(store):
        for number, name in enumerate(names, 1):
            store.people.add(person(number, name, id=0))
        typed = ["siobhán o’brien", "Siobhán OʼBrien", "Siobhán O'Brien", "José Núñez-O'Brien", "José Núñez-O‘Brien"]
        return [[p.name for p in store.people.by_name(name)] for name in typed]

    assert await database.write(work) == [names[:1]] * 3 + [names[1:]] * 2


async def test_by_name_finds_active_people_only(database: Database):
    def work(store):
        for number, active in ((1, True), (2, False), (3, True)):
            store.people.add(person(number, "Same Name", id=0, active=active))
        return [p.handle for p in store.people.by_name("same name")], [p.handle for p in store.people.active()]

    assert await database.write(work) == (["person-1", "person-3"], ["person-1", "person-3"])


async def test_the_newest_owner_of_a_channel_user_id_is_meant(database: Database):
    def work(store):
        store.people.add(person(1, id=0, channel_user_id="29:x"))
        return store.people.add(person(2, id=0, channel_user_id="29:x")), store.people.by_channel_user_id("29:x")

    newest, found = await database.write(work)
    assert found == newest


async def test_two_strangers_with_one_name_come_in_at_the_same_moment(database: Database, other_database: Database):
    """Both want the same handle; whoever is second is run again and takes the next one."""
    strangers = [identity(number, "Ada Lovelace") for number in range(1, 6)]
    found = await asyncio.gather(
        *(
            (database, other_database)[number % 2].write(lambda store, who=who: recognise(store, who).person)
            for number, who in enumerate(strangers)
        )
    )
    assert len({p.id for p in found}) == len({p.handle for p in found}) == 5
    assert {p.object_id for p in found} == {object_id(number) for number in range(1, 6)}
