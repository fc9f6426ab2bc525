"""Who is speaking, and who is meant."""

import asyncio
from dataclasses import replace

import pytest

from domain.errors import Refused, Unknown
from domain.organisation import Organisation
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.samples import LIN, identity, object_id, person
from tests.usecases.conftest import Desk
from usecases import people
from usecases.people import Recognised


async def recognise(desk: Desk, number: int, name: str | None = None, **more: object) -> Recognised:
    return await desk.db.write(lambda s: people.recognise(s, identity(number, name, **more)))


async def everybody(desk: Desk) -> int:
    return len(await desk.see(lambda s: s.people.handles()))


# -- recognising --------------------------------------------------------------------------------------------------


async def test_a_listed_person_is_known_and_keeps_the_name_of_the_file(desk: Desk) -> None:
    found = await recognise(desk, 1, "Lovelace, Ada (EXT)", channel_user_id="29:new", time_zone="Asia/Tokyo")
    assert not found.is_new
    assert (found.person.id, found.person.name, found.person.time_zone) == (
        desk.ada.id,
        "Ada Lovelace",
        "Europe/London",
    )
    stored = await desk.see(lambda s: s.people.by_object_id(object_id(1).upper()))
    assert stored == found.person
    assert found.person.channel_user_id == "29:new"
    assert await everybody(desk) == 3


async def test_a_stranger_is_taken_in_once(desk: Desk) -> None:
    first = await recognise(desk, 77, "Zoë Ångström")
    again = await recognise(desk, 77, "Zoë Ångström")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.person == again.person
    assert (first.person.handle, first.person.listed, first.person.active) == ("zoe-angstrom", False, True)
    assert first.person.time_zone == "Europe/Berlin"
    assert await everybody(desk) == 4


async def test_a_stranger_who_writes_twice_at_once_is_one_person(desk: Desk) -> None:
    found = await asyncio.gather(*(recognise(desk, 77, "Zoë") for _ in range(8)))
    assert len({f.person.id for f in found}) == 1
    assert [f.is_new for f in found].count(True) == 1


async def test_a_stranger_who_changes_name_or_zone_is_followed(desk: Desk) -> None:
    before = (await recognise(desk, 77, "Zoe")).person
    after = (await recognise(desk, 77, "Zoe Miller", time_zone="Asia/Tokyo")).person
    assert (after.id, after.handle) == (before.id, before.handle)
    assert (after.name, after.time_zone) == ("Zoe Miller", "Asia/Tokyo")
    kept = (await recognise(desk, 77, "  ", time_zone=None)).person
    assert (kept.name, kept.time_zone) == ("Zoe Miller", "Asia/Tokyo")


async def test_namesakes_get_handles_of_their_own(desk: Desk) -> None:
    handles = [(await recognise(desk, n, "Grace Hopper")).person.handle for n in (70, 71, 72)]
    assert handles == ["grace-hopper", "grace-hopper-2", "grace-hopper-3"]
    assert (await recognise(desk, 73, "grace")).person.handle == "grace-2"


@pytest.mark.parametrize(
    "zone", [None, "", "Mars/Olympus", "../../etc/passwd", "Europe", "\x00", "W. Europe Standard Time"]
)
async def test_a_zone_that_is_none_becomes_utc(desk: Desk, zone: str | None) -> None:
    assert (await recognise(desk, 77, "Zoe", time_zone=zone)).person.time_zone == "UTC"


@pytest.mark.parametrize(
    ("name", "kept"), [("", "Unknown"), ("   ", "Unknown"), ("<at>x</at>", "<at>x</at>"), ("林薇", "林薇")]
)
async def test_any_name_is_taken(desk: Desk, name: str, kept: str) -> None:
    found = await desk.db.write(lambda s: people.recognise(s, replace(identity(77), name=name)))
    assert found.person.name == kept
    assert found.person.handle


async def test_guests_and_senders_without_an_id_are_refused_and_not_stored(desk: Desk) -> None:
    for wrong in ({"guest": True}, {"object_id": ""}):
        with pytest.raises(Refused, match=r"\.$"):
            await recognise(desk, 77, **wrong)
        with pytest.raises(Refused):
            await desk.see(lambda s, w=wrong: people.look_up(s, identity(77, **w)))
    assert await everybody(desk) == 3


async def test_looking_somebody_up_writes_nothing(desk: Desk) -> None:
    stranger = await desk.see(lambda s: people.look_up(s, identity(77, "Zoe")))
    assert (stranger.id, stranger.name, stranger.time_zone) == (0, "Zoe", "Europe/Berlin")
    known = await desk.see(lambda s: people.look_up(s, identity(1, channel_user_id="29:new")))
    assert (known.id, known.channel_user_id) == (desk.ada.id, "29:new")
    assert await everybody(desk) == 3
    assert (await desk.see(lambda s: s.people.by_handle("ada"))) == desk.ada


# -- finding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["lin", "LIN", "@lin", " @Lin ", "Lin Wei 林薇", "lin wei 林薇", "@Lin Wei 林薇"])
async def test_a_person_is_found_by_handle_and_by_name(desk: Desk, said: str) -> None:
    assert await desk.see(lambda s: people.find(s, said)) == desk.lin


async def test_a_person_is_found_by_email(desk: Desk) -> None:
    assert await desk.see(lambda s: people.find(s, "Lin@Example.org")) == desk.lin


async def test_two_people_of_one_name_are_told_apart(desk: Desk) -> None:
    await recognise(desk, 70, "Grace Hopper")
    with pytest.raises(Unknown, match="2 people called Grace Hopper; use one of the handles `grace`, `grace-hopper`"):
        await desk.see(lambda s: people.find(s, "Grace Hopper"))
    assert await desk.see(lambda s: people.find(s, "grace")) == desk.grace


async def test_somebody_who_has_left_is_not_found_any_more(desk: Desk) -> None:
    await desk.db.write(_without_lin)
    for said in (LIN.name, LIN.handle):
        with pytest.raises(Unknown, match="I know nobody called"):
            await desk.see(lambda s, w=said: people.find(s, w))


def _without_lin(store: SqlStore) -> None:
    before = store.organisations.load()
    store.organisations.replace(
        Organisation(
            people=tuple(p for p in before.people if p.handle != LIN.handle),
            teams=before.teams,
            services=before.services,
        )
    )


@pytest.mark.parametrize("said", ["", "@", "nobody", "'; drop table person; --", "%", "_", "x" * 5_000, "🔥"])
async def test_nobody_is_said_in_a_sentence(desk: Desk, said: str) -> None:
    with pytest.raises(Unknown, match=r"\.$") as raised:
        await desk.see(lambda s: people.find(s, said))
    assert len(str(raised.value)) < 400


async def test_five_hundred_people_are_found_each_by_name_and_handle(db: Database) -> None:
    crowd = [person(n, f"Person Number {n}", id=0, channel_user_id=None) for n in range(1, 501)]

    def fill(store: SqlStore) -> list[int]:
        return [store.people.add(p).id for p in crowd]

    def look(store: SqlStore) -> None:
        for number, stored in enumerate(ids, 1):
            assert people.find(store, f"person-{number}").id == stored
            assert people.find(store, f"PERSON number {number}").id == stored
        assert sorted(store.people.many(ids)) == sorted(ids)
        assert len(store.people.active()) == 500

    ids = await db.write(fill)
    await db.read(look)
    found = await db.write(lambda s: people.recognise(s, identity(501, "Person Number 1")))
    assert found.person.handle == "person-number-1"
