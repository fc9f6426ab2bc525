"""Planned care on both databases: what is stored, what is open, and what was kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from domain.care import CareState, CareTask, Evidence, Occurrence, Proof
from domain.catalog import Side, Team
from domain.errors import StaleVersion
from domain.recurrence import Recurrence
from storage.database import Database
from tests.support.samples import NOW, person
from usecases.care.quota import Kept, kept_against_planned, quota_of
from usecases.care_ports import CareCard

WEEK = timedelta(weeks=1)
WEEKLY = Recurrence.parse("FREQ=WEEKLY;BYDAY=MO", datetime(2026, 11, 2, 17), "Europe/London")  # noqa: DTZ001 - a wall clock
MONDAY = datetime(2026, 11, 2, 17, tzinfo=UTC)


@pytest.fixture
async def ada(database: Database) -> int:
    return await database.write(lambda store: store.people.add(person(1, id=0)).id)


def task(by: int, **more: Any) -> CareTask:
    given: dict[str, Any] = {"id": 0, "title": "Restore test", "team": "payments", "rhythm": WEEKLY, "made_at": NOW}
    return CareTask(**{**given, "made_by": by, **more})


async def add(database: Database, *tasks: CareTask) -> list[CareTask]:
    return await database.write(lambda store: [store.care.add(one) for one in tasks])


async def times(database: Database, *occurrences: Occurrence) -> list[Occurrence]:
    return await database.write(lambda store: [store.care.add_occurrence(one) for one in occurrences])


def closed(owner: CareTask, weeks: int, state: CareState, by: int | None = None, **more: Any) -> Occurrence:
    """Make a time that ended on its day, so many weeks after the first Monday of November 2026."""
    due_at = MONDAY + weeks * WEEK
    given = {"closed_by": by, "closed_at": due_at}
    return Occurrence(**{"id": 0, "task": owner.id, "due_at": due_at, "state": state, **given, **more})


async def test_what_is_added_is_read_back_equal(database: Database, ada: int) -> None:
    full = task(
        ada,
        title="Überprüfen – „Kasse“ 🔥",
        service="checkout",
        owner=ada,
        hours=1.25,
        evidence=Evidence.NUMBER,
        sign_off=True,
        done_at=NOW,
        missed=3,
        stopped_at=NOW,
        stopped_by=ada,
        stop_reason="gone",
        version=4,
    )
    for wanted in (full, task(ada)):
        (made,) = await add(database, wanted)
        assert (
            await database.read(lambda store, made=made: store.care.get(made.id)) == made == replace(wanted, id=made.id)
        )
    proof = Proof(note="ok\n", link="https://e.example/?q=ä", number=-0.5, hours=2.25)
    signed = closed(
        made, 0, CareState.DONE, ada, proof=proof, signed_off_by=ada, signed_off_at=NOW, reason="r", version=2
    )
    (one,) = await times(database, signed)
    assert await database.read(lambda store: store.care.occurrence(one.id)) == replace(signed, id=one.id)


async def test_a_task_has_one_open_time_at_most(database: Database, ada: int) -> None:
    (made,) = await add(database, task(ada))
    (open_,) = await times(database, Occurrence(id=0, task=made.id, due_at=MONDAY))
    with pytest.raises(IntegrityError):
        await times(database, Occurrence(id=0, task=made.id, due_at=MONDAY + WEEK))
    with pytest.raises(IntegrityError):
        await times(database, closed(made, 0, CareState.MISSED))
    assert await database.read(lambda store: store.care.open_of(made.id)) == open_
    assert await database.read(lambda store: store.care.open()) == {made.id: open_}


async def test_a_change_names_the_version_it_has_read(database: Database, ada: int) -> None:
    (made,) = await add(database, task(ada))
    await database.write(lambda store: store.care.save(replace(made, missed=1, version=1), seen=0))

    def late(store: Any) -> None:
        with pytest.raises(StaleVersion):
            store.care.save(replace(made, missed=2, version=1), seen=0)

    await database.write(late)


async def test_only_what_runs_is_listed_and_history_is_the_latest_first(database: Database, ada: int) -> None:
    one, stopped = await add(database, task(ada), task(ada, stopped_at=NOW))
    await times(database, *(closed(one, n, CareState.MISSED) for n in range(3)))
    assert await database.read(lambda store: store.care.running()) == [one]
    latest = await database.read(lambda store: store.care.history(one.id, limit=2))
    assert [found.due_at for found in latest] == [MONDAY + 2 * WEEK, MONDAY + WEEK]
    assert await database.read(lambda store: store.care.history(stopped.id)) == []


async def test_cards_go_over_to_the_next_time(database: Database, ada: int) -> None:
    (made,) = await add(database, task(ada))
    first, second = await times(database, closed(made, 0, CareState.MISSED), closed(made, 1, CareState.MISSED))
    card = CareCard(occurrence_id=first.id, reader=ada, activity_id="1700")
    await database.write(lambda store: store.care.stands(card))
    await database.write(lambda store: store.care.move_cards(first.id, second.id))
    assert await database.read(lambda store: store.care.cards(first.id)) == []
    assert await database.read(lambda store: store.care.cards(second.id)) == [replace(card, occurrence_id=second.id)]


async def test_what_was_kept_is_counted_as_by_hand(database: Database, ada: int) -> None:
    """Two tasks of a team, a third of another one, over four weeks of November 2026.

    Restore test, 2 h planned: done in time (3 h spent), done a day late (hours not said: 2 h), missed, open.
    Capacity look, 0.5 h planned: skipped, done in time (0.25 h), dropped.
    """
    restore, look, other = await add(
        database, task(ada, hours=2), task(ada, title="Capacity look", hours=0.5), task(ada, team="it-ops", hours=8)
    )
    late = MONDAY + WEEK + timedelta(days=1)
    await times(
        database,
        closed(restore, 0, CareState.DONE, ada, proof=Proof(hours=3)),
        closed(restore, 1, CareState.DONE, ada, closed_at=late),
        closed(restore, 2, CareState.MISSED),
        Occurrence(id=0, task=restore.id, due_at=MONDAY + 3 * WEEK),
        closed(look, 0, CareState.SKIPPED, ada),
        closed(look, 1, CareState.DONE, ada, proof=Proof(hours=0.25)),
        closed(look, 2, CareState.DROPPED, ada),
        closed(other, 0, CareState.DONE, ada),
    )

    async def kept(since: datetime, until: datetime) -> Kept:
        return await database.read(lambda store: kept_against_planned(store, "payments", since, until))

    found = await kept(MONDAY, MONDAY + 4 * WEEK)
    assert found == Kept(
        planned=6, done=3, in_time=2, missed=1, skipped=1, hours_planned=4 * 2 + 2 * 0.5, hours_spent=3 + 2 + 0.25
    )
    assert found.waiting == 1
    assert (await kept(MONDAY, MONDAY + WEEK)).planned == 2, "half-open: the next Monday is not in it"
    assert (await kept(MONDAY + timedelta(seconds=1), MONDAY + WEEK)).planned == 0
    none = await kept(MONDAY - WEEK, MONDAY)
    assert none == Kept(planned=0, done=0, in_time=0, missed=0, skipped=0, hours_planned=0, hours_spent=0)


async def test_the_quota_is_an_average_of_weeks(database: Database, ada: int) -> None:
    quarterly = Recurrence.from_words(13, "weeks", datetime(2026, 12, 7, 17), "UTC")  # noqa: DTZ001 - a wall clock
    weekly, _ = await add(database, task(ada, hours=5.5), task(ada, hours=6.5, rhythm=quarterly))
    now = MONDAY + 4 * WEEK + timedelta(hours=1)
    await times(database, *(closed(weekly, n, CareState.DONE, ada, proof=Proof(hours=4)) for n in range(5)))
    team = Team(id="payments", name="Payments", side=Side.ENGINEERING, care_hours_per_week=8.5)
    found = await database.read(lambda store: quota_of(store, team, now))
    assert (found.planned, found.quota) == (5.5 + 6.5 / 13, 8.5)
    assert (found.kept, found.n) == (4.0, 4), "what was due within the last 28 days: not the first Monday"
