from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database import Database
from storage.types import clean
from tests.support.samples import NOW, incident, person


@given(st.text(alphabet=st.characters()))
def test_cleaned_text_has_neither_nul_nor_lone_surrogates(text):
    assert "\0" not in clean(text)
    clean(text).encode("utf-8")


def test_clean_keeps_what_is_storable():
    for text in ("", "plain", "Zoë 👩‍🚒 مرحبا", "a\nb\tc"):
        assert clean(text) == text


def test_clean_joins_a_surrogate_pair_and_replaces_a_lone_one():
    assert clean("\ud83d\ude92 \ud83d!") == "🚒 \ufffd!"
    assert clean("a\0b") == "a\ufffdb"


async def test_no_text_breaks_a_write(database: Database):
    def work(store):
        ada = store.people.add(person(0, "Ad\0a \ud800", handle="ada"))
        return store.incidents.get(store.incidents.add(incident(id=0, title="\udfff\0", declared_by=ada.id)).id)

    assert (await database.write(work)).title == "\ufffd\ufffd"
    assert await database.read(lambda store: store.people.by_handle("a\0d\ud800a")) is None


async def test_times_come_back_aware_in_utc_with_microseconds(database: Database):
    local = datetime(2026, 3, 29, 2, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))

    def work(store):
        ada = store.people.add(person(0))
        return store.incidents.add(incident(id=0, declared_by=ada.id, declared_at=local)).id

    number = await database.write(work)
    read = (await database.read(lambda store: store.incidents.get(number))).declared_at
    assert read == local
    assert read.tzinfo is UTC
    assert read.microsecond == 123456


async def test_a_time_without_a_zone_is_refused(database: Database):
    def work(store):
        ada = store.people.add(person(0))
        store.incidents.add(incident(id=0, declared_by=ada.id, declared_at=NOW.replace(tzinfo=None)))

    with pytest.raises(Exception, match="without a zone"):
        await database.write(work)
