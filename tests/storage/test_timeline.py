from datetime import timedelta

import pytest

from domain.errors import Repeated
from domain.timeline import EntryKind, Revision, Source, TimelineEntry
from storage.database import Database
from tests.support.samples import NOW, incident, person


@pytest.fixture
async def number(database: Database) -> int:
    def work(store):
        ada = store.people.add(person(1, id=0))
        return store.incidents.add(incident(id=0, declared_by=ada.id, roles={}, acknowledged_by=None)).id

    return await database.write(work)


def entry(number: int, seq: int, text: str = "words", **more) -> TimelineEntry:
    given = {"at": NOW, "kind": EntryKind.NOTE, "actor": 1, "text": text, "source": Source.FORM}
    return TimelineEntry(incident_id=number, seq=seq, **{**given, **more})


async def write(database: Database, *entries: TimelineEntry) -> None:
    def work(store):
        for one in entries:
            store.timeline.append(one)

    await database.write(work)


async def test_what_is_appended_is_read_back_equal(database: Database, number: int):
    whole = entry(number, 1, "👩‍🚒 <b>", data={"from": 1, "to": "x", "none": None}, source_activity="a1")
    await write(database, whole)
    assert await database.read(lambda store: list(store.timeline.page(number))) == [whole]
    assert await database.read(lambda store: store.timeline.by_source("a1")) == whole
    assert await database.read(lambda store: store.timeline.by_source("a2")) is None


async def test_pages_are_oldest_first_in_both_directions(database: Database, number: int):
    await write(database, *(entry(number, seq) for seq in range(1, 11)))

    async def page(**wanted):
        return [e.seq for e in await database.read(lambda store: store.timeline.page(number, **wanted))]

    assert await page(limit=4) == [1, 2, 3, 4]
    assert await page(after=4, limit=4) == [5, 6, 7, 8]
    assert await page(before=11, limit=3) == [8, 9, 10]
    assert await page(before=8, limit=3) == [5, 6, 7]
    assert await page(before=3, limit=9) == [1, 2]
    assert await page(after=10) == []


async def test_a_number_is_given_once(database: Database, number: int):
    await write(database, entry(number, 1))
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        await write(database, entry(number, 1, "again"))


async def test_one_activity_writes_at_most_one_entry(database: Database, number: int):
    await write(database, entry(number, 1, source_activity="a1"), entry(number, 2), entry(number, 3))
    with pytest.raises(Repeated):
        await write(database, entry(number, 4, source_activity="a1"))
    assert len(await database.read(lambda store: store.timeline.page(number))) == 3


async def test_a_revision_keeps_the_earlier_texts_in_order(database: Database, number: int):
    one, other = entry(number, 1, "first"), entry(number, 2, "other")
    await write(database, one, other)
    later = NOW + timedelta(minutes=1)
    await database.write(lambda store: store.timeline.revise(one, "second", NOW))
    await database.write(lambda store: store.timeline.revise(one, "second", later))
    await database.write(lambda store: store.timeline.revise(one, "third", later))
    first, second = await database.read(lambda store: store.timeline.page(number))
    assert first.text == "third"
    assert first.revisions == (Revision("first", NOW), Revision("second", later))
    assert second == other


async def test_erasing_leaves_only_the_place(database: Database, number: int):
    one = entry(number, 1, "secret")
    await write(database, one)
    await database.write(lambda store: store.timeline.revise(one, "still secret", NOW))
    await database.write(lambda store: store.timeline.erase(one, NOW))
    (left,) = await database.read(lambda store: store.timeline.page(number))
    assert (left.text, left.revisions, left.deleted_at, left.at) == ("", (), NOW, one.at)


async def test_latest_words_are_a_persons_and_not_deleted(database: Database, number: int):
    assert await database.read(lambda store: store.timeline.latest_words(number)) is None
    said, gone = entry(number, 2, "said"), entry(number, 4, "gone")
    await write(
        database,
        entry(number, 1, "title", kind=EntryKind.DECLARED),
        said,
        entry(number, 3, "", kind=EntryKind.STATUS_CHANGED),
        gone,
        entry(number, 5, "", kind=EntryKind.RESOLVED),
    )
    await database.write(lambda store: store.timeline.erase(gone, NOW))
    assert await database.read(lambda store: store.timeline.latest_words(number)) == said
    closing = entry(number, 6, "Rolled back.", kind=EntryKind.RESOLVED)
    await write(database, closing)
    assert await database.read(lambda store: store.timeline.latest_words(number)) == closing
