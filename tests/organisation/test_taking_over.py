"""The organisation use cases on real databases: taken over once, never mixed, never overwritten by the demo."""

import asyncio
from pathlib import Path

import pytest

from domain.organisation import ListedPerson, Organisation
from integrations.organisation_file import read_organisation
from storage.database import Database
from storage.organisation import SqlOrganisations
from tests.support.samples import NOW, identity
from usecases import organisation as organisations
from usecases import people

DEMO = read_organisation((Path(__file__).parents[2] / "server" / "demo" / "organisation.yaml").read_bytes())
OWN = Organisation(people=(ListedPerson(handle="mei", name="Mei"),))


async def test_the_demo_is_loaded_into_an_empty_database_only(database: Database) -> None:
    assert await database.read(organisations.is_empty)
    assert await database.write(lambda store: organisations.load_demo(store, DEMO, NOW))
    assert not await database.write(lambda store: organisations.load_demo(store, DEMO, NOW))
    assert await database.read(organisations.load) == DEMO


async def test_the_demo_overwrites_nothing(database: Database) -> None:
    await database.write(lambda store: organisations.replace(store, OWN, NOW))
    assert not await database.write(lambda store: organisations.load_demo(store, DEMO, NOW))
    assert await database.read(organisations.load) == OWN


async def test_people_taken_in_from_activities_are_no_organisation(database: Database) -> None:
    await database.write(lambda store: people.recognise(store, identity(7, "Somebody")))
    assert await database.read(organisations.is_empty)
    assert await database.write(lambda store: organisations.load_demo(store, DEMO, NOW))


async def test_replicas_that_start_together_load_it_once(database: Database, other_database: Database) -> None:
    loaded = await asyncio.gather(
        *(
            each.write(lambda store: organisations.load_demo(store, DEMO, NOW))
            for each in (database, other_database) * 3
        )
    )
    assert sorted(loaded) == [False] * 5 + [True]
    assert await database.read(organisations.load) == DEMO


async def test_where_nothing_differs_nothing_is_written(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.write(lambda store: organisations.replace(store, DEMO, NOW))
    monkeypatch.delattr(SqlOrganisations, "replace")
    assert not await database.write(lambda store: organisations.replace(store, DEMO, NOW))


async def test_replacing_tells_what_was_different(database: Database) -> None:
    added = await database.write(lambda store: organisations.replace(store, OWN, NOW))
    assert added.lines() == ("people: 1 added",)
    assert not await database.write(lambda store: organisations.replace(store, OWN, NOW))
    gone = await database.write(lambda store: organisations.replace(store, Organisation(), NOW))
    assert gone.lines() == ("people: 1 removed",)
    assert await database.read(organisations.is_empty)
