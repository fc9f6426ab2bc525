"""Cards, conversations, seen activities and small facts."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.database import Database
from tests.support.samples import NOW, TENANT, incident, object_id, person, place, thread
from usecases.ports import PostedCard


@pytest.fixture
async def number(database: Database) -> int:
    def work(store):
        ada = store.people.add(person(1, id=0))
        return store.incidents.add(incident(id=0, declared_by=ada.id)).id

    return await database.write(work)


async def test_a_card_is_added_drawn_found_and_removed(database: Database, number: int):
    new = PostedCard(id=0, incident_id=number, place=thread("17"), original=False)
    card = await database.write(lambda store: store.cards.add(new))
    assert await database.read(lambda store: store.cards.get(card.id)) == replace(new, id=card.id)
    moved = replace(thread("18"), service_url="https://other.example/")
    await database.write(lambda store: store.cards.drawn(card.id, activity_id="act", place=moved, at_ms=123))
    drawn = replace(card, place=moved, activity_id="act", sent_at_ms=123)
    assert await database.read(lambda store: store.cards.of_incident(number)) == [drawn]
    assert await database.read(lambda store: store.cards.at(moved.base_id, "act")) == drawn
    assert await database.read(lambda store: store.cards.at("19:elsewhere", "act")) is None
    await database.write(lambda store: store.cards.remove(card.id))
    assert await database.read(lambda store: store.cards.get(card.id)) is None


async def test_a_removed_cards_id_never_comes_back(database: Database, number: int):
    new = PostedCard(id=0, incident_id=number, place=place())
    first = await database.write(lambda store: store.cards.add(new))
    await database.write(lambda store: store.cards.remove(first.id))
    assert (await database.write(lambda store: store.cards.add(new))).id > first.id


async def test_a_conversation_is_remembered_by_its_base_and_newest_address(database: Database):
    moved = thread("99", service_url="https://smba.trafficmanager.net/amer/")
    await database.write(lambda store: store.conversations.remember(thread("17"), at=NOW))
    await database.write(lambda store: store.conversations.remember(moved, at=NOW + timedelta(seconds=1)))
    found = await database.read(lambda store: store.conversations.find(moved.base_id))
    assert found == replace(moved, conversation_id=moved.base_id)
    assert await database.read(lambda store: store.conversations.find("19:none")) is None


async def test_a_personal_chat_is_found_in_any_case_and_only_a_personal_one(database: Database):
    chat = place("personal", person_object_id=object_id(1).upper())
    await database.write(lambda store: store.conversations.remember(chat, at=NOW))
    group = place("groupChat", person_object_id=object_id(2))
    await database.write(lambda store: store.conversations.remember(group, at=NOW))
    found = await database.read(lambda store: store.conversations.personal(object_id(1).upper()))
    assert found == replace(chat, person_object_id=object_id(1))
    assert await database.read(lambda store: store.conversations.personal(object_id(2))) is None


async def test_the_newest_address_of_a_tenant(database: Database):
    older, newer = place(), place("groupChat")
    await database.write(lambda store: store.conversations.remember(newer, at=NOW + timedelta(hours=3)))
    await database.write(lambda store: store.conversations.remember(older, at=NOW))
    assert await database.read(lambda store: store.conversations.any_of_tenant(TENANT)) == newer
    await database.write(lambda store: store.conversations.remember(older, at=NOW + timedelta(hours=5)))
    assert await database.read(lambda store: store.conversations.any_of_tenant(TENANT)) == older
    assert await database.read(lambda store: store.conversations.any_of_tenant("other")) is None


async def test_home_is_the_newest_address_of_all_that_is_not_closed(database: Database):
    assert await database.read(lambda store: store.conversations.home()) is None
    older, newer = place("groupChat", tenant_id="another tenant"), place()
    await database.write(lambda store: store.conversations.remember(newer, at=NOW + timedelta(hours=3)))
    await database.write(lambda store: store.conversations.remember(older, at=NOW))
    assert await database.read(lambda store: store.conversations.home()) == newer
    await database.write(lambda store: store.conversations.block(newer.base_id, "The bot was removed."))
    assert await database.read(lambda store: store.conversations.home()) == older
    await database.write(lambda store: store.conversations.remember(newer, at=NOW))
    assert await database.read(lambda store: store.conversations.home()) in (older, newer)


async def test_a_block_holds_until_somebody_writes_there_again(database: Database):
    here = place()
    await database.write(lambda store: store.conversations.remember(here, at=NOW))
    assert await database.read(lambda store: store.conversations.blocked(here.base_id)) is None
    await database.write(lambda store: store.conversations.block(here.base_id, "The bot was removed."))
    assert await database.read(lambda store: store.conversations.blocked(here.base_id)) == "The bot was removed."
    await database.write(lambda store: store.conversations.remember(here, at=NOW))
    assert await database.read(lambda store: store.conversations.blocked(here.base_id)) is None


async def test_a_key_is_seen_for_the_first_time_once(database: Database, other_database: Database):
    answers = await asyncio.gather(
        *(
            (database, other_database)[number % 2].write(lambda store: store.inbound.first_time("k", at_ms=1))
            for number in range(12)
        )
    )
    assert sorted(answers) == [False] * 11 + [True]


async def test_a_key_of_a_transaction_that_failed_was_not_seen(database: Database):
    def work(store):
        assert store.inbound.first_time("k", at_ms=1)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(work)
    assert await database.write(lambda store: store.inbound.first_time("k", at_ms=1))


async def test_old_keys_are_forgotten_in_batches(database: Database):
    def work(store):
        for number in range(10):
            store.inbound.first_time(f"k{number}", at_ms=number)
        return [store.inbound.forget_before(7, limit=5) for _ in range(3)], store.inbound.first_time("k7", at_ms=7)

    assert await database.write(work) == ([5, 2, 0], False)


async def test_facts_are_set_and_overwritten(database: Database):
    assert await database.read(lambda store: store.key_value.get("x")) is None
    await database.write(lambda store: store.key_value.set("x", "1"))
    await database.write(lambda store: store.key_value.set("x", "2"))
    assert await database.read(lambda store: store.key_value.get("x")) == "2"


async def test_cards_in_a_closed_conversation_are_not_reachable(database: Database, number: int):
    here, there = place(), place("groupChat")

    def work(store):
        for where in (here, there):
            store.conversations.remember(where, at=NOW)
            store.cards.add(PostedCard(id=0, incident_id=number, place=where))
        store.conversations.block(there.base_id, "The bot was removed.")
        return [card.place for card in store.cards.reachable(number)], len(store.cards.of_incident(number))

    assert await database.write(work) == ([here], 2)
