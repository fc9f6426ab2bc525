"""Secret calendar addresses, and the copies of outside calendars."""

from dataclasses import replace
from datetime import timedelta

from domain.oncall import ImportedShift
from storage.database import Database
from tests.support.samples import NOW
from usecases.oncall_ports import CalendarLink, Feed, LinkOwner

HOUR = timedelta(hours=1)


def link(secret: str, owner: LinkOwner = LinkOwner.SCHEDULE, owner_id: str = "1") -> CalendarLink:
    return CalendarLink(secret=secret, owner=owner, owner_id=owner_id, made_at=NOW)


async def test_a_link_is_found_by_its_owner_and_by_its_secret(database: Database):
    of_schedule, of_person = link("s"), link("p", LinkOwner.PERSON)
    await database.write(lambda store: [store.calendar_links.put(one) for one in (of_schedule, of_person)])
    for one in (of_schedule, of_person):
        assert await database.read(lambda store, one=one: store.calendar_links.of(one.owner, "1")) == one
        assert await database.read(lambda store, one=one: store.calendar_links.by_secret(one.secret)) == one
    assert await database.read(lambda store: store.calendar_links.of(LinkOwner.PERSON, "2")) is None
    assert await database.read(lambda store: store.calendar_links.by_secret("S")) is None
    assert await database.read(lambda store: store.calendar_links.by_secret("")) is None


async def test_a_new_link_ends_the_earlier_one_of_its_owner_and_no_other(database: Database):
    old, other = link("old"), link("other", owner_id="2")
    new = replace(link("new"), made_at=NOW + HOUR)
    await database.write(lambda store: [store.calendar_links.put(one) for one in (old, other, new)])
    assert await database.read(lambda store: store.calendar_links.by_secret("old")) is None
    assert await database.read(lambda store: store.calendar_links.of(LinkOwner.SCHEDULE, "1")) == new
    assert await database.read(lambda store: store.calendar_links.by_secret("other")) == other


async def test_a_feed_is_read_back_equal_and_overwritten(database: Database):
    bare = Feed(schedule="primary", url="https://calendar.example.org/a.ics")
    full = Feed(
        schedule="primary",
        url="https://calendar.example.org/b.ics",
        shifts=(
            ImportedShift(person="ada", starts_at=NOW, ends_at=NOW + HOUR),
            ImportedShift(person="grace", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR),
        ),
        good_at=NOW,
        tried_at=NOW + HOUR,
        error="The calendar did not answer within 10 seconds.",
    )
    assert await database.read(lambda store: store.feeds.get("primary")) is None
    for feed in (bare, full, bare):
        await database.write(lambda store, feed=feed: store.feeds.put(feed))
        assert await database.read(lambda store: store.feeds.get("primary")) == feed


async def test_all_looks_at_feeds_are_listed_and_some_are_forgotten(database: Database):
    tried = {"a": NOW, "b": NOW + HOUR, "c": NOW, "d": None}
    feeds = [Feed(schedule=name, url=f"https://example.org/{name}", tried_at=at) for name, at in tried.items()]
    await database.write(lambda store: [store.feeds.put(feed) for feed in feeds])
    looks = {(name, f"https://example.org/{name}"): at for name, at in tried.items() if at}
    assert await database.read(lambda store: store.feeds.looks()) == looks
    await database.write(lambda store: store.feeds.forget([]))
    await database.write(lambda store: store.feeds.forget({"a", "c", "unknown"}))
    assert [name for name, _ in await database.read(lambda store: store.feeds.looks())] == ["b"]
