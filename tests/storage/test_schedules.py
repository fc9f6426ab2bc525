"""Schedules as the file and people have made them. What outlives an import is in test_outlived.py."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.catalog import Side, Team
from domain.durations import parse_shift_length
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.oncall import HandoffRule, ImportedShift, Override, Rotation, Schedule, parse_wall_time
from domain.organisation import ListedPerson, Organisation
from storage.database import Database
from storage.parsed import policy_from, schedule_from, shifts_from
from tests.support.samples import NOW
from usecases.oncall_ports import Feed, MadeOverride

HOUR = timedelta(hours=1)
POLICY = EscalationPolicy(
    id="Checkout", steps=(Step(notify=(parse_target("schedule:Primary"),), wait=timedelta(minutes=5)),), repeat=1
)


def override(handle: str, begins: float = 0, hours: float = 4) -> Override:
    starts = NOW + begins * HOUR
    return Override(person=handle, starts_at=starts, ends_at=starts + hours * HOUR)


PRIMARY = Schedule(
    id="Primary",
    team="payments",
    time_zone="Europe/London",
    rotations=(
        Rotation(
            starts=parse_wall_time("2026-11-02T09:00"), shift=parse_shift_length("P7D"), people=("ada", "grace", "lin")
        ),
    ),
    overrides=(override("grace"),),
    handoff=HandoffRule.BOUNDARY,
)
FED = Schedule(id="fed", team="it-ops", time_zone="UTC", calendar="https://calendar.example.org/x.ics")
OTHER = Schedule(id="other", team="payments", time_zone="UTC")
WHOLE = Organisation(
    people=tuple(ListedPerson(handle=handle, name=handle.title()) for handle in ("ada", "grace", "lin")),
    teams=(
        Team(id="payments", name="Payments", side=Side.ENGINEERING),
        Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS),
    ),
    schedules=(PRIMARY, FED, OTHER),
    escalation_policies=(POLICY,),
)


@pytest.fixture
async def filled(database: Database) -> Database:
    await database.write(lambda store: store.organisations.replace(WHOLE))
    return database


def make(store, handle: str, begins: float = 0, hours: float = 4, schedule: str = "Primary") -> MadeOverride:
    by = store.people.by_handle("lin").id
    made = MadeOverride(id=0, schedule=schedule, override=override(handle, begins, hours), made_by=by, made_at=NOW)
    return store.schedules.add_override(made)


async def test_a_schedule_is_found_in_any_case_and_reads_as_the_file_has_it(filled: Database):
    found = await filled.read(lambda store: [store.schedules.get(name) for name in ("Primary", "pRIMARY", " primary ")])
    assert found == [PRIMARY] * 3
    assert await filled.read(lambda store: store.schedules.get("nothing")) is None


async def test_a_policy_is_found_in_any_case(filled: Database):
    assert await filled.read(lambda store: store.schedules.policy("CHECKOUT")) == POLICY
    assert await filled.read(lambda store: store.schedules.policy("Checkout")) == POLICY
    assert await filled.read(lambda store: store.schedules.policy("nothing")) is None


async def test_all_are_listed_by_id_and_those_of_a_team_in_any_case(filled: Database):
    assert sorted(s.id for s in await filled.read(lambda store: store.schedules.all())) == ["Primary", "fed", "other"]
    of_team = await filled.read(lambda store: store.schedules.of_team("PAYMENTS"))
    assert sorted(s.id for s in of_team) == ["Primary", "other"]
    assert list(await filled.read(lambda store: store.schedules.of_team("nobody"))) == []


async def test_overrides_that_people_made_stand_behind_the_file_in_the_order_they_were_made(filled: Database):
    first, second = await filled.write(lambda store: [make(store, "lin", 2), make(store, "ada", -100)])
    await filled.write(lambda store: make(store, "lin", schedule="other"))
    whole = replace(PRIMARY, overrides=(*PRIMARY.overrides, first.override, second.override))
    assert await filled.read(lambda store: store.schedules.get("primary")) == whole
    assert whole in await filled.read(lambda store: store.schedules.all())
    assert whole in await filled.read(lambda store: store.schedules.of_team("payments"))
    assert await filled.write(lambda store: store.schedules.lock("PRIMARY")) == whole


async def test_an_override_that_was_made_is_read_back_equal_and_can_be_taken_back(filled: Database):
    made = await filled.write(lambda store: make(store, "ADA"))
    assert made.id > 0
    assert made.override == override("ada")
    assert await filled.read(lambda store: store.schedules.override(made.id)) == made
    await filled.write(lambda store: store.schedules.remove_override(made.id))
    assert await filled.read(lambda store: store.schedules.override(made.id)) is None
    assert await filled.read(lambda store: store.schedules.get("primary")) == PRIMARY


async def test_the_number_of_an_override_taken_back_never_comes_again(filled: Database):
    first = await filled.write(lambda store: make(store, "ada"))
    await filled.write(lambda store: store.schedules.remove_override(first.id))
    assert (await filled.write(lambda store: make(store, "ada"))).id > first.id


async def test_an_override_begins_and_ends_at_whole_seconds_as_its_export_does(filled: Database):
    odd = MadeOverride(
        id=0,
        schedule="Primary",
        override=Override(
            person="ada", starts_at=NOW.replace(microsecond=123_456), ends_at=NOW.replace(microsecond=9) + HOUR
        ),
        made_by=await filled.read(lambda store: store.people.by_handle("ada").id),
        made_at=NOW,
    )
    made = await filled.write(lambda store: store.schedules.add_override(odd))
    assert made.override == override("ada", hours=1)
    assert await filled.read(lambda store: store.schedules.override(made.id)) == made
    assert Override.from_json(made.override.to_json()) == made.override


async def test_an_override_for_a_handle_that_nobody_has_is_refused(filled: Database):
    with pytest.raises(KeyError):
        await filled.write(lambda store: make(store, "nobody"))


async def test_overrides_are_listed_from_a_moment_on_and_per_schedule(filled: Database):
    def work(store):
        return [
            make(store, "ada", -10),
            make(store, "lin", 5),
            make(store, "ada", 1),
            make(store, "ada", 1, 1, "other"),
        ]

    past, later, soon, _ = await filled.write(work)
    listed = await filled.read(lambda store: store.schedules.overrides("Primary", ending_after=NOW))
    assert list(listed) == [later, soon]
    at_its_end = past.override.ends_at
    assert past not in await filled.read(lambda store: store.schedules.overrides("Primary", ending_after=at_its_end))
    before = at_its_end - timedelta(seconds=1)
    assert past in await filled.read(lambda store: store.schedules.overrides("Primary", ending_after=before))


async def test_overrides_for_somebody_who_is_not_active_do_not_count(filled: Database):
    def work(store):
        made = make(store, "ada")
        store.people.save(replace(store.people.by_handle("ada"), active=False))
        return made

    made = await filled.write(work)
    assert await filled.read(lambda store: store.schedules.get("Primary")) == PRIMARY
    assert await filled.read(lambda store: store.schedules.override(made.id)) == made


async def test_a_schedule_with_a_calendar_carries_what_the_calendar_gave(filled: Database):
    shifts = (
        ImportedShift(person="ada", starts_at=NOW, ends_at=NOW + HOUR),
        ImportedShift(person="lin", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR),
    )

    def work(store):
        store.feeds.put(Feed(schedule="fed", url=FED.calendar, shifts=shifts, good_at=NOW))
        store.feeds.put(Feed(schedule="Primary", url="left over", shifts=shifts))

    await filled.write(work)
    assert await filled.read(lambda store: store.schedules.get("FED")) == replace(FED, imported=shifts)
    assert replace(FED, imported=shifts) in await filled.read(lambda store: store.schedules.all())
    assert await filled.read(lambda store: store.schedules.get("Primary")) == PRIMARY


async def test_documents_are_parsed_once_however_often_they_are_read(filled: Database):
    def work(store):
        store.feeds.put(Feed(schedule="fed", url=FED.calendar))
        for _ in range(20):
            store.schedules.get("Primary")
            store.schedules.get("fed")
            store.schedules.policy("checkout")

    await filled.write(work)
    before = [parse.cache_info().misses for parse in (schedule_from, policy_from, shifts_from)]
    await filled.write(work)
    assert [parse.cache_info().misses for parse in (schedule_from, policy_from, shifts_from)] == before


async def test_a_locked_schedule_waits_for_whoever_has_it(filled: Database, other_database: Database):
    """One holds it while another adds an override under the same lock: nothing of either is lost."""

    def work(store):
        found = store.schedules.lock("primary")
        assert found is not None
        return make(store, "ada", begins=len(found.overrides)), len(found.overrides)

    done = await asyncio.gather(*((filled, other_database)[n % 2].write(work) for n in range(8)))
    assert sorted(seen for _, seen in done) == list(range(1, 9))


@pytest.mark.postgres
@pytest.mark.parametrize("written", ["Primary", "PRIMARY"])
async def test_whoever_waits_behind_an_import_locks_the_row_it_has_written_anew(postgres_url: str, written: str):
    database = Database.open(postgres_url)
    await database.write(lambda store: store.organisations.replace(WHOLE))
    replaced = threading.Event()

    def take_over(store):
        store.organisations.replace(WHOLE)
        replaced.set()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        while store.connection.exec_driver_sql(waiting).scalar_one() < 1:
            time.sleep(0.005)

    def work(store):
        replaced.wait()
        found = store.schedules.lock(written)
        assert found is not None
        make(store, "ada", begins=1000 + len(found.overrides))
        return len(found.overrides)

    seen = (await asyncio.gather(*map(database.write, (take_over, work, work, work, work))))[1:]
    assert sorted(seen) == [1, 2, 3, 4]
    await database.close()


async def test_nothing_is_locked_where_there_is_nothing(filled: Database):
    assert await filled.write(lambda store: store.schedules.lock("nothing")) is None
