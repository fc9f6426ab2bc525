"""The delivery ledger, and drills."""

import asyncio
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from domain.conversation import Place
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.paging import Drill, DrillState, Page, PageReason, PageResult, Way
from domain.running_escalation import Escalation
from storage.database import Database
from tests.support.samples import NOW, incident, object_id, person, place, thread

SECOND = timedelta(seconds=1)


@pytest.fixture
async def known(database: Database) -> dict[str, int]:
    """People, incidents, an escalation and a drill: what a page can name."""

    def work(store):
        ada, grace = (store.people.add(person(n, id=0)).id for n in (1, 2))
        one, other = (store.incidents.add(incident(id=0, declared_by=ada)).id for _ in range(2))
        policy = EscalationPolicy(id="p", steps=(Step(notify=(parse_target("person:ada"),), wait=SECOND),))
        running = Escalation(id=0, incident_id=one, cycle=0, policy=policy, started_at=NOW)
        return {
            "ada": ada,
            "grace": grace,
            "one": one,
            "other": other,
            "escalation": store.escalations.add(running).id,
            "drill": store.drills.add(drill(ada)).id,
        }

    return await database.write(work)


def drill(by: int, **more) -> Drill:
    given = {"id": 0, "schedule": "primary", "asked_by": by, "place": thread("1700"), "started_at": NOW}
    return Drill(**{**given, **more})


def page(**more) -> Page:
    given = {"id": 0, "reason": PageReason.STEP, "way": Way.TEAMS, "due_at": NOW}
    return Page(**{**given, **more})


def whole(known: dict[str, int], **more) -> Page:
    """Nothing is empty, and nothing has its default."""
    return page(
        reason=PageReason.LAST_RESORT,
        way=Way.CHANNEL,
        person_id=known["grace"],
        team_id="payments",
        incident_id=known["one"],
        cycle=2,
        escalation_id=known["escalation"],
        drill_id=known["drill"],
        step=3,
        round=2,
        target="team:payments",
        result=PageResult.FAILED,
        detail="The person has blocked the bot (403).",
        attempts=4,
        sent_at=NOW + timedelta(microseconds=7),
        acknowledged_at=NOW + SECOND,
        place=place("personal", person_object_id=object_id(2), team_id="19:a-team@thread.tacv2"),
        activity_id="1795443480000",
        **more,
    )


async def test_what_is_added_is_read_back_equal(database: Database, known: dict[str, int]):
    first = await database.write(lambda store: store.pages.add(page()))
    assert first == page(id=first.id)
    full = whole(known, bundled_into=first.id)
    unset = [f.name for f in fields(Page) if getattr(full, f.name) == f.default]
    assert unset == []
    added = await database.write(lambda store: store.pages.add(full))
    assert added == replace(full, id=added.id)
    for read in ("get", "lock"):
        assert await database.write(lambda store, read=read: getattr(store.pages, read)(added.id)) == added
        assert await database.write(lambda store, read=read: getattr(store.pages, read)(first.id)) == first
        assert await database.write(lambda store, read=read: getattr(store.pages, read)(added.id + 1)) is None


async def test_every_field_can_be_changed_and_emptied_again(database: Database, known: dict[str, int]):
    bare, other = await database.write(lambda store: [store.pages.add(page()), store.pages.add(page())])
    full = replace(whole(known, bundled_into=other.id), id=bare.id)
    await database.write(lambda store: store.pages.save(full))
    assert await database.read(lambda store: store.pages.get(bare.id)) == full
    await database.write(lambda store: store.pages.save(bare))
    assert await database.read(lambda store: store.pages.get(bare.id)) == bare
    assert await database.read(lambda store: store.pages.get(other.id)) == other


async def test_a_page_knows_where_its_message_stands_thread_and_all(database: Database, known: dict[str, int]):
    somewhere = [
        thread("1700"),
        place("personal"),
        Place(tenant_id="", service_url="", conversation_id="19:x@thread.tacv2", kind=place().kind),
    ]
    made = await database.write(lambda store: [store.pages.add(page(place=where)) for where in somewhere])
    found = await database.read(lambda store: [store.pages.get(one.id).place for one in made])
    assert found == somewhere


async def test_those_of_an_incident_and_of_a_drill_stand_oldest_first(database: Database, known: dict[str, int]):
    def work(store):
        return [
            store.pages.add(page(**names))
            for names in (
                {"incident_id": known["one"], "due_at": NOW + SECOND},
                {"incident_id": known["other"]},
                {"drill_id": known["drill"], "due_at": NOW + SECOND},
                {"incident_id": known["one"]},
                {"drill_id": known["drill"]},
            )
        ]

    made = await database.write(work)
    assert list(await database.read(lambda store: store.pages.of_incident(known["one"]))) == [made[0], made[3]]
    assert list(await database.read(lambda store: store.pages.of_drill(known["drill"]))) == [made[2], made[4]]
    assert list(await database.read(lambda store: store.pages.of_incident(99))) == []


async def test_those_on_the_card_of_another_are_found(database: Database, known: dict[str, int]):
    def work(store):
        card = store.pages.add(page())
        return card, [store.pages.add(page(bundled_into=card.id)) for _ in range(2)], store.pages.add(page())

    card, bundled, alone = await database.write(work)
    assert list(await database.read(lambda store: store.pages.bundled_into(card.id))) == bundled
    assert list(await database.read(lambda store: store.pages.bundled_into(alone.id))) == []


async def test_pages_of_a_person_are_those_of_incidents_newest_first(database: Database, known: dict[str, int]):
    def work(store):
        def add(after: int, **more):
            given = {"person_id": known["ada"], "incident_id": known["one"], "due_at": NOW + after * SECOND}
            return store.pages.add(page(**{**given, **more}))

        add(-1)
        at_once, first = add(0), add(5)
        add(5, person_id=known["grace"])
        add(5, incident_id=None, drill_id=known["drill"])
        return [add(9), add(5, incident_id=known["other"]), first, at_once]

    made = await database.write(work)
    found = await database.read(lambda store: store.pages.to_person(known["ada"], due_after=NOW))
    assert list(found) == made


async def test_changes_under_the_lock_of_a_page_follow_each_other(
    database: Database, other_database: Database, known: dict[str, int]
):
    number = (await database.write(lambda store: store.pages.add(page()))).id

    def work(store):
        locked = store.pages.lock(number)
        store.pages.save(replace(locked, attempts=locked.attempts + 1))

    await asyncio.gather(*((database, other_database)[n % 2].write(work) for n in range(10)))
    assert (await database.read(lambda store: store.pages.get(number))).attempts == 10


async def test_a_drill_is_read_back_equal_and_changes_under_its_lock(
    database: Database, other_database: Database, known: dict[str, int]
):
    full = drill(known["ada"], state=DrillState.UNANSWERED, ended_at=NOW + SECOND)
    added = await database.write(lambda store: store.drills.add(full))
    assert added == replace(full, id=added.id)
    assert await database.read(lambda store: store.drills.get(added.id)) == added
    assert await database.read(lambda store: store.drills.get(99)) is None

    def go_on(store):
        locked = store.drills.lock(known["drill"])
        store.drills.save(replace(locked, state=DrillState.ANSWERED, ended_at=(locked.ended_at or NOW) + SECOND))

    await asyncio.gather(*((database, other_database)[n % 2].write(go_on) for n in range(10)))
    expected = drill(known["ada"], id=known["drill"], state=DrillState.ANSWERED, ended_at=NOW + 10 * SECOND)
    assert await database.read(lambda store: store.drills.get(known["drill"])) == expected
