"""What people made by command, and imports of the organisation file: what stays, what goes, what an export says."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Side, Team
from domain.durations import parse_shift_length
from domain.oncall import Override, Rotation, Schedule, parse_wall_time
from domain.organisation import ListedPerson, Organisation, diff
from integrations.organisation_file import read_organisation, write_organisation
from storage.database import Database
from storage.outlived import Made, outlive
from tests.support.samples import NOW, object_id, person
from usecases.oncall_ports import MadeOverride

HOUR = timedelta(hours=1)
HERE, THERE = "19:here@thread.tacv2", "19:there@thread.tacv2"


def override(handle: str, begins: float = 0) -> Override:
    return Override(person=handle, starts_at=NOW + begins * HOUR, ends_at=NOW + (begins + 4) * HOUR)


PAYMENTS = Team(id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada", "grace"))
IT_OPS = Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, channel=THERE)
WEEKLY = Rotation(starts=parse_wall_time("2026-11-02T09:00"), shift=parse_shift_length("P7D"), people=("grace",))
PRIMARY = Schedule(id="Primary", team="payments", time_zone="UTC", rotations=(WEEKLY,), overrides=(override("grace"),))
OTHER = Schedule(id="other", team="payments", time_zone="UTC", rotations=(WEEKLY,))
FILE = Organisation(
    people=tuple(
        ListedPerson(handle=handle, name=handle.title(), aad_object_id=object_id(n))
        for n, handle in enumerate(("ada", "grace", "lin"))
    ),
    teams=(PAYMENTS, IT_OPS),
    schedules=(PRIMARY, OTHER),
)


@pytest.fixture
async def filled(database: Database) -> Database:
    await take_over(database, FILE)
    return database


async def take_over(database: Database, organisation: Organisation) -> bool:
    """Import as `app.py org import` does; tell whether anything changed."""

    def work(store):
        changes = diff(store.organisations.load(with_made=True), store.organisations.settled(organisation))
        expected = store.organisations.settled(organisation)
        if changes:
            store.organisations.replace(organisation)
        assert store.organisations.load(with_made=True) == expected
        return bool(changes)

    return await database.write(work)


async def export(database: Database) -> Organisation:
    return await database.read(lambda store: store.organisations.load(with_made=True))


def make(store, handle: str, begins: float = 0, schedule: str = "Primary") -> MadeOverride:
    made = MadeOverride(
        id=0,
        schedule=schedule,
        override=override(handle, begins),
        made_by=store.people.by_handle("lin").id,
        made_at=NOW,
    )
    return store.schedules.add_override(made)


async def made_in(database: Database) -> list[MadeOverride]:
    return list(await database.read(lambda store: store.schedules.made()))


def with_primary(*overrides: Override, organisation: Organisation = FILE) -> Organisation:
    others = tuple(s for s in organisation.schedules if s.id != "Primary")
    return replace(organisation, schedules=(*others, replace(PRIMARY, overrides=overrides)))


# -- overrides --------------------------------------------------------------------------------------------------------


async def test_an_override_outlives_imports_and_importing_the_same_file_changes_nothing(filled: Database):
    made = await filled.write(lambda store: make(store, "ada"))
    assert not await take_over(filled, FILE)
    renamed = replace(FILE, teams=(replace(PAYMENTS, name="Pay"), IT_OPS))
    assert await take_over(filled, renamed)
    assert not await take_over(filled, renamed)
    assert await made_in(filled) == [made]
    found = await filled.read(lambda store: store.schedules.get("Primary"))
    assert found.overrides == (override("grace"), made.override)


async def test_the_file_itself_is_read_without_what_people_made(filled: Database):
    made = await filled.write(lambda store: make(store, "ada"))
    assert await filled.read(lambda store: store.organisations.load()) == FILE
    assert await export(filled) == with_primary(override("grace"), made.override)


async def test_an_export_that_is_imported_again_changes_nothing_and_takes_nothing_from_people(filled: Database):
    made = await filled.write(lambda store: [make(store, "ada"), make(store, "lin", 1), make(store, "ada", 7, "other")])
    text = write_organisation(await export(filled))
    assert not await take_over(filled, read_organisation(text.encode()))
    assert write_organisation(await export(filled)) == text
    assert await made_in(filled) == made


async def test_an_export_that_was_edited_elsewhere_leaves_overrides_to_their_makers(filled: Database):
    made = await filled.write(lambda store: [make(store, "ada"), make(store, "lin", 1)])
    edited = await export(filled)
    edited = replace(edited, people=(replace(edited.people[0], name="Ada Lovelace"), *edited.people[1:]))
    assert await take_over(filled, edited)
    assert await export(filled) == edited
    assert await made_in(filled) == made
    assert await take_over(filled, FILE)
    assert await made_in(filled) == made


async def test_an_export_is_the_files_word_where_nobody_made_it(
    filled: Database, sqlite_template: Path, tmp_path: Path
):
    await filled.write(lambda store: make(store, "ada"))
    exported = await export(filled)
    shutil.copyfile(sqlite_template, tmp_path / "elsewhere.db")
    elsewhere = Database.open(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert await take_over(elsewhere, exported)
    assert not await take_over(elsewhere, exported)
    assert await export(elsewhere) == exported
    assert await made_in(elsewhere) == []
    await elsewhere.close()


async def test_what_the_file_puts_behind_an_override_wins_over_it(filled: Database):
    """Once the file has taken it over and goes on behind it, the order of the file counts."""
    made = await filled.write(lambda store: make(store, "ada"))
    longer = with_primary(override("grace"), made.override, override("lin"))
    assert await take_over(filled, longer)
    assert await export(filled) == longer
    assert await made_in(filled) == []
    assert not await take_over(filled, longer)


async def test_somebody_may_make_what_the_file_says_already(filled: Database):
    """Made later, it wins over what stands behind it in the file, also after the file is imported again."""
    file = with_primary(override("ada"), override("lin"))
    await take_over(filled, file)
    made = await filled.write(lambda store: make(store, "ada"))
    assert not await take_over(filled, file)
    assert await take_over(filled, replace(file, teams=(replace(PAYMENTS, name="Pay"), IT_OPS)))
    assert await made_in(filled) == [made]
    assert not await take_over(filled, await export(filled))
    assert (await filled.read(lambda store: store.schedules.get("Primary"))).overrides[-1] == made.override


async def test_overrides_go_with_their_schedule(filled: Database):
    kept, _ = await filled.write(lambda store: [make(store, "ada"), make(store, "ada", schedule="other")])
    smaller = replace(FILE, schedules=(PRIMARY,))
    assert await take_over(filled, smaller)
    assert await take_over(filled, FILE)
    assert await made_in(filled) == [kept]


async def test_overrides_go_with_the_person_they_are_for_and_not_with_who_made_them(filled: Database):
    def work(store):
        make(store, "ada")
        return make(store, "grace", 5)

    kept = await filled.write(work)
    nobody = replace(PAYMENTS, lead=None, members=("grace",))
    without = replace(FILE, people=FILE.people[1:], teams=(nobody, IT_OPS))
    assert await take_over(filled, without)
    by_grace_only = replace(without, people=FILE.people[1:2])
    assert await take_over(filled, by_grace_only)
    assert await made_in(filled) == [kept]
    assert await take_over(filled, FILE)
    assert await made_in(filled) == [kept]


async def test_an_override_follows_a_person_who_gets_another_handle(filled: Database):
    made = await filled.write(lambda store: make(store, "lin"))
    people = tuple(replace(p, handle="wei") if p.handle == "lin" else p for p in FILE.people)
    renamed = replace(FILE, people=people)
    assert await take_over(filled, renamed)
    assert (await made_in(filled))[0].override == replace(made.override, person="wei")
    assert not await take_over(filled, renamed)
    assert not await take_over(filled, await export(filled))


async def test_an_override_does_not_go_to_somebody_new_with_the_same_handle(filled: Database):
    """Lin is called bo now, and another lin has come."""
    await filled.write(lambda store: make(store, "lin"))
    people = (*FILE.people[:2], replace(FILE.people[2], handle="bo"), ListedPerson(handle="lin", name="New Lin"))
    assert await take_over(filled, replace(FILE, people=people))
    assert [one.override.person for one in await made_in(filled)] == ["bo"]


async def test_an_override_follows_a_schedule_whose_id_is_written_in_another_case(filled: Database):
    made = await filled.write(lambda store: make(store, "ada"))
    other_case = replace(FILE, schedules=(replace(PRIMARY, id="PRIMARY"),))
    assert await take_over(filled, other_case)
    assert await made_in(filled) == [replace(made, schedule="PRIMARY")]
    assert not await take_over(filled, other_case)


async def test_an_override_for_somebody_no_file_names_counts_and_stays_but_is_not_exported(filled: Database):
    """An export must be a file that can be imported: it cannot name people it does not list."""

    def work(store):
        store.people.add(person(9, "A Guest", id=0, handle="guest", listed=False))
        return make(store, "guest")

    made = await filled.write(work)
    assert await export(filled) == FILE
    await take_over(filled, replace(FILE, people=(replace(FILE.people[0], name="A"), *FILE.people[1:])))
    assert (await filled.read(lambda store: store.schedules.get("Primary"))).overrides[-1] == made.override
    listed = replace(FILE, people=(*FILE.people, ListedPerson(handle="guest", name="A Guest")))
    await take_over(filled, listed)
    assert await made_in(filled) == [made]


async def test_an_override_made_while_an_import_goes_on_is_not_lost(filled: Database, other_database: Database):
    def rename(name: str):
        def work(store):
            store.key_value.set("turn", "taken")
            store.organisations.replace(replace(FILE, teams=(replace(PAYMENTS, name=name), IT_OPS)))

        return work

    works = [rename(str(n)) for n in range(6)], [lambda store, n=n: make(store, "ada", n) for n in range(6)]
    pairs = zip(*works, strict=True)
    await asyncio.gather(*(w for a, b in pairs for w in (filled.write(a), other_database.write(b))))
    assert len(await made_in(filled)) == 6


# -- channels ---------------------------------------------------------------------------------------------------------


async def channel(database: Database, team_id: str) -> str | None:
    return (await database.read(lambda store: store.catalog.team(team_id))).channel


async def test_a_channel_set_by_command_outlives_a_file_that_names_none(filled: Database):
    await filled.write(lambda store: store.catalog.set_channel("PAYMENTS", HERE))
    assert await channel(filled, "payments") == HERE
    assert not await take_over(filled, FILE)
    assert await take_over(filled, replace(FILE, teams=(PAYMENTS, replace(IT_OPS, name="IT"))))
    assert await channel(filled, "payments") == HERE
    assert next(t for t in (await export(filled)).teams if t.id == "payments").channel == HERE


async def test_an_export_with_a_channel_by_command_can_be_imported_again_without_any_change(filled: Database):
    await filled.write(lambda store: store.catalog.set_channel("payments", HERE))
    exported = await export(filled)
    assert not await take_over(filled, exported)
    assert await take_over(filled, replace(exported, schedules=(PRIMARY,)))
    await take_over(filled, FILE)
    assert await channel(filled, "payments") == HERE


async def test_a_file_that_names_another_channel_wins_for_good(filled: Database):
    await filled.write(lambda store: store.catalog.set_channel("payments", HERE))
    naming = replace(FILE, teams=(replace(PAYMENTS, channel=THERE), IT_OPS))
    assert await take_over(filled, naming)
    assert await channel(filled, "payments") == THERE
    assert not await take_over(filled, naming)
    assert await take_over(filled, FILE)
    assert await channel(filled, "payments") is None


async def test_a_command_may_overrule_the_file_until_its_next_import(filled: Database):
    await filled.write(lambda store: store.catalog.set_channel("it-ops", HERE))
    assert await channel(filled, "it-ops") == HERE
    assert await take_over(filled, FILE)
    assert await channel(filled, "it-ops") == THERE


async def test_a_channel_by_command_goes_with_its_team(filled: Database):
    await filled.write(lambda store: store.catalog.set_channel("payments", HERE))
    await take_over(filled, replace(FILE, teams=(IT_OPS,), schedules=()))
    await take_over(filled, FILE)
    assert await channel(filled, "payments") is None


async def test_a_channel_set_while_an_import_goes_on_is_not_lost(filled: Database, other_database: Database):
    def rename(store):
        store.key_value.set("turn", "taken")
        name = f"{store.catalog.team('it-ops').name}+"
        store.organisations.replace(replace(FILE, teams=(PAYMENTS, replace(IT_OPS, name=name))))

    for n in range(5):
        wanted = f"19:{n}@thread.tacv2"
        await asyncio.gather(
            filled.write(rename),
            other_database.write(lambda store, to=wanted: store.catalog.set_channel("payments", to)),
            filled.write(rename),
        )
        assert await channel(filled, "payments") == wanted


async def test_nothing_happens_where_there_is_no_such_team(filled: Database):
    await filled.write(lambda store: store.catalog.set_channel("nobody", HERE))
    assert await filled.read(lambda store: store.organisations.load()) == FILE


# -- the rule itself --------------------------------------------------------------------------------------------------

overrides = st.lists(st.integers(0, 3).map(lambda n: override("ada", n)), max_size=5)


def divided(said: list[Override], before: list[Override], own: list[Override]):
    """Import `said` where the file has said `before` and people have made `own`."""
    made = [
        MadeOverride(id=n, schedule="primary", override=one, made_by=1, made_at=NOW) for n, one in enumerate(own, 1)
    ]
    stated = Organisation(schedules=(replace(PRIMARY, overrides=tuple(said)),))
    found = outlive(stated, Made(channels={}, overrides=made, said={"primary": before}), {"ada": "ada"})
    return found, list(found.effective.schedules[0].overrides)


@given(before=overrides, own=overrides)
def test_an_export_always_gives_back_what_it_was_made_of(before: list[Override], own: list[Override]):
    found, effective = divided([*before, *own], before, own)
    assert effective == [*before, *own]
    assert list(found.organisation.schedules[0].overrides) == before
    assert not found.taken_over


@given(before=overrides, own=overrides)
def test_the_same_file_again_never_changes_anything(before: list[Override], own: list[Override]):
    found, effective = divided(before, before, own)
    assert effective == [*before, *own]
    assert not found.taken_over


@given(said=overrides, before=overrides, own=overrides)
def test_whatever_is_imported_holds_and_importing_it_again_changes_nothing(
    said: list[Override], before: list[Override], own: list[Override]
):
    found, effective = divided(said, before, own)
    stays = [one.override for one in found.overrides.get("Primary", ())]
    assert set(said) | set(own) == set(effective)
    again, once_more = divided(said, list(found.organisation.schedules[0].overrides), stays)
    assert once_more == effective
    assert not again.taken_over
