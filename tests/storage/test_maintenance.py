"""Maintenance windows, what they leave behind, and where they stand."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import maintenance as steps
from domain.conversation import ConversationKind, Place
from domain.errors import StaleVersion
from domain.maintenance import Done, Maintenance, MaintenanceState, Plan
from domain.recurrence import Recurrence
from storage.database import Database
from tests.support.samples import NOW, person
from usecases.maintenance_ports import MaintenancePost, Occurrence

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHANNEL = Place(tenant_id="t", service_url="", conversation_id="19:a@thread.tacv2", kind=ConversationKind.CHANNEL)


@pytest.fixture
async def people(database: Database) -> list[int]:
    return await database.write(lambda store: [store.people.add(person(n, id=0)).id for n in range(1, 4)])


def window(owner: int, *services: str, starts_at: datetime = NOW + DAY, **more: Any) -> Maintenance:
    plan = Plan(
        title="Ausfall – „nie“ 🙅 <at>x</at>",
        services=services or ("checkout", "a-service"),
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        zone="Europe/Berlin",
        owner=owner,
    )
    return replace(steps.schedule(plan, by=owner, at=min(NOW, starts_at)), **more)


async def add(database: Database, *windows: Maintenance) -> list[Maintenance]:
    return await database.write(lambda store: [store.maintenance.add(one) for one in windows])


async def test_what_is_added_is_read_back_equal_and_written_once_per_version(database: Database, people: list[int]):
    wall = datetime(2026, 11, 24, 15, 18)  # noqa: DTZ001 - a wall clock has no zone
    rule = Recurrence.parse("FREQ=MONTHLY;BYDAY=4TU;COUNT=9", wall, "Europe/Berlin")
    full = window(
        people[0],
        recurrence=rule,
        slot=NOW + DAY,
        impact="none\nat all",
        runbook="https://wiki.example.org",
        state=MaintenanceState.OVERRUN,
        plan=3,
        done=Done(by=people[1], at=NOW, evidence="12 min", signed_off_by=people[2]),
        cancelled_by=people[2],
        reason="no",
        unapproved=True,
        version=7,
    )
    (stored, bare) = await add(database, full, window(people[0]))
    assert await database.read(lambda store: store.maintenance.get(stored.id)) == stored == replace(full, id=stored.id)
    assert await database.write(lambda store: store.maintenance.lock(bare.id)) == bare
    changed = replace(bare, title="Other", version=1)
    await database.write(lambda store: store.maintenance.save(changed, seen=0))
    assert await database.read(lambda store: store.maintenance.get(bare.id)) == changed

    def late(store: Any) -> None:
        with pytest.raises(StaleVersion):
            store.maintenance.save(changed, seen=0)

    await database.write(late)


async def test_what_runs_now_on_services_is_found_whoever_else_runs(database: Database, people: list[int]):
    states = (*MaintenanceState, MaintenanceState.IN_PROGRESS)
    made = [window(people[0], "a", "b", state=state, starts_at=NOW + n * HOUR) for n, state in enumerate(states)]
    other = window(people[0], "c", state=MaintenanceState.IN_PROGRESS)
    stored = await add(database, *made, other)

    def titles(*services: str) -> Any:
        return database.read(lambda store: [found.id for found in store.maintenance.running_on(services)])

    assert await titles("b", "x", "a") == [stored[2].id, stored[3].id, stored[6].id]
    assert await titles("c") == [stored[7].id]
    assert await titles() == await titles("x") == []
    coming = await database.read(lambda store: [found.id for found in store.maintenance.coming(limit=9)])
    assert coming == [stored[0].id, stored[1].id]
    assert await database.read(lambda store: store.maintenance.count_coming()) == 2


async def test_occurrences_are_kept_and_the_newest_that_was_done_is_signed_off(database: Database, people: list[int]):
    (stored,) = await add(database, window(people[0]))

    def ended(state: MaintenanceState, words: str) -> Occurrence:
        return Occurrence(
            maintenance_id=stored.id,
            starts_at=NOW,
            ends_at=NOW + HOUR,
            state=state,
            ended_at=NOW,
            ended_by=people[0],
            words=words,
        )

    kept = [
        ended(MaintenanceState.DONE, "1"),
        ended(MaintenanceState.DONE, "2"),
        ended(MaintenanceState.CANCELLED, "3"),
    ]
    await database.write(lambda store: [store.maintenance.ended(one) for one in kept])
    await database.write(lambda store: store.maintenance.signed_off(stored.id, people[1]))
    kept[1] = replace(kept[1], signed_off_by=people[1])
    assert await database.read(lambda store: store.maintenance.occurrences(stored.id)) == kept[::-1]


async def test_a_chat_shows_a_window_in_its_newest_message_only(database: Database, people: list[int]):
    (stored,) = await add(database, window(people[0]))
    post = MaintenancePost(id=0, maintenance_id=stored.id, place=CHANNEL)
    mine = replace(post, place=replace(CHANNEL, conversation_id="a:1"), reader=people[0], activity_id="1")
    root = await database.write(lambda store: store.maintenance.add_post(post))
    await database.write(lambda store: store.maintenance.stands(root.id, "17"))
    first = await database.write(lambda store: store.maintenance.add_post(mine))
    await database.write(lambda store: store.maintenance.add_post(replace(mine, activity_id="2")))
    assert await database.read(lambda store: store.maintenance.posts(stored.id)) == [
        replace(root, activity_id="17"),
        replace(first, activity_id="2"),
    ]
    assert await database.read(lambda store: store.maintenance.post(99)) is None
