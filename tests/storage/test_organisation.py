from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import event

from domain.catalog import Service, Side, Team
from domain.durations import parse_shift_length
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.freeze import Freeze
from domain.oncall import Rotation, Schedule, parse_weekly_window
from domain.organisation import ListedPerson, Organisation, OrganisationSettings
from domain.people import BOT_ID
from storage.database import Database
from tests.support.samples import incident, object_id, person

WHOLE = Organisation(
    people=(
        ListedPerson(handle="Ada", name="Ada Lovelace", aad_object_id=object_id(1), email="a@example.org", admin=True),
        ListedPerson(handle="grace", name="Grace Hopper", time_zone="America/New_York"),
    ),
    teams=(
        Team(
            id="Payments",
            name="Payments",
            side=Side.ENGINEERING,
            lead="Ada",
            members=("Ada", "grace"),
            channel="19:abc@thread.tacv2",
            time_zone="Europe/London",
            working_hours=(parse_weekly_window("mon-fri 09:00-17:00"),),
            capacity_hours_per_week=160.5,
            care_hours_per_week=8.5,
        ),
        Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS),
    ),
    services=(
        Service(
            id="Checkout",
            name="Checkout",
            owner="Payments",
            operations="it-ops",
            tier=1,
            escalation_policy="checkout",
            runbooks=("https://wiki.example.org/1", "https://wiki.example.org/2"),
            severity_policies={4: "calm", 1: "checkout"},
        ),
        Service(id="search", name="A search", owner="it-ops"),
    ),
    schedules=(
        Schedule(
            id="primary",
            team="Payments",
            time_zone="Europe/London",
            rotations=(
                Rotation(starts=datetime(2026, 11, 2, 9), shift=parse_shift_length("P7D"), people=("Ada", "grace")),  # noqa: DTZ001 - wall clock
            ),
        ),
    ),
    escalation_policies=(
        EscalationPolicy(
            id="checkout",
            steps=(Step(notify=(parse_target("schedule:primary"),), wait=timedelta(minutes=5)),),
            repeat=2,
            last_resort=parse_target("team:it-ops"),
        ),
        EscalationPolicy(id="calm", steps=(Step(notify=(parse_target("person:Ada"),), wait=timedelta(hours=1)),)),
    ),
    settings=OrganisationSettings(
        severities={1: "Sev A", 2: "Sev B", 3: "Sev C", 4: "Sev D"},
        freezes=(
            Freeze(
                name="Christmas",
                starts_at=datetime(2026, 12, 18, 18, tzinfo=UTC),
                ends_at=datetime(2027, 1, 4, 8, tzinfo=UTC),
                teams=("it-ops",),
                services=("checkout",),
            ),
        ),
    ),
)


async def put(database: Database, organisation: Organisation) -> None:
    await database.write(lambda store: store.organisations.replace(organisation))


async def load(database: Database) -> Organisation:
    return await database.read(lambda store: store.organisations.load())


async def test_an_empty_database_has_an_empty_organisation(database: Database):
    assert await load(database) == Organisation()
    assert (await database.read(lambda store: store.organisations.severity_names()))[1] == "Critical"


async def test_load_gives_back_what_was_put(database: Database):
    await put(database, WHOLE)
    assert await load(database) == WHOLE
    assert (await database.read(lambda store: store.organisations.severity_names()))[1] == "Sev A"


async def test_the_same_organisation_twice_changes_nothing(database: Database):
    await put(database, WHOLE)
    before = await database.read(lambda store: store.people.everybody())
    await put(database, WHOLE)
    assert await database.read(lambda store: store.people.everybody()) == before
    assert await load(database) == WHOLE


async def test_the_catalogue_is_found_in_any_case_and_listed_by_name(database: Database):
    await put(database, WHOLE)
    assert (await database.read(lambda store: store.catalog.service("cHECKout"))) == WHOLE.services[0]
    assert await database.read(lambda store: store.catalog.service("nothing")) is None
    assert [s.name for s in await database.read(lambda store: store.catalog.services())] == ["A search", "Checkout"]
    assert [t.name for t in await database.read(lambda store: store.catalog.teams())] == ["IT Operations", "Payments"]


async def test_a_team_is_found_in_any_case_with_its_lead_and_members(database: Database):
    await put(database, WHOLE)
    found = await database.read(lambda store: [store.catalog.team(name) for name in ("pAYMENTS", "IT-ops", "none")])
    assert found == [next(t for t in WHOLE.teams if t.id == "Payments"), WHOLE.teams[0], None]


async def test_settings_are_known_without_a_look_and_an_import_is_felt_at_once(database: Database):
    assert await database.read(lambda store: store.organisations.settings()) == OrganisationSettings()
    await put(database, WHOLE)
    assert await database.read(lambda store: store.organisations.settings()) == WHOLE.settings

    def twice(store):
        statements = []
        event.listen(store.connection, "before_cursor_execute", lambda *said: statements.append(said[2]))
        return store.organisations.settings(), store.organisations.severity_names(), statements

    assert await database.read(twice) == (WHOLE.settings, WHOLE.settings.severities, [])


async def test_the_bot_is_never_taken_for_somebody_the_file_names(database: Database):
    bot = await database.read(lambda store: store.people.many([BOT_ID]))
    namesake = ListedPerson(handle="incident-bot", name="Incident bot", aad_object_id=object_id(7))
    for people in ((namesake,), (), (namesake, ListedPerson(handle="new", name="New"))):
        await put(database, Organisation(people=people))
        assert await load(database) == Organisation(people=people)
        assert await database.read(lambda store: store.people.many([BOT_ID])) == bot
    assert (await database.read(lambda store: store.people.by_handle("incident-bot"))).id > BOT_ID


async def test_who_is_no_longer_listed_stays_and_is_inactive(database: Database):
    await put(database, WHOLE)
    await put(database, Organisation(people=WHOLE.people[1:]))
    ada, grace = await database.read(lambda store: [store.people.by_handle(h) for h in ("ada", "grace")])
    assert (ada.active, ada.listed, ada.admin) == (False, False, False)
    assert (grace.active, grace.listed) == (True, True)
    await put(database, WHOLE)
    assert await load(database) == WHOLE


async def test_a_stranger_who_is_listed_later_keeps_id_and_history(database: Database):
    def work(store):
        stranger = store.people.add(person(1, "Ada L", id=0, handle="ada-l", listed=False, object_id=object_id(1)))
        return stranger, store.incidents.add(incident(id=0, declared_by=stranger.id)).id

    stranger, number = await database.write(work)
    await put(database, WHOLE)
    ada = await database.read(lambda store: store.people.by_handle("ada"))
    assert (ada.id, ada.name, ada.listed, ada.channel_user_id) == (
        stranger.id,
        "Ada Lovelace",
        True,
        stranger.channel_user_id,
    )
    assert (await database.read(lambda store: store.incidents.get(number))).declared_by == ada.id


async def test_a_handle_taken_by_a_stranger_goes_to_whom_the_file_names(database: Database):
    stranger = await database.write(
        lambda store: store.people.add(person(9, "Another Ada", id=0, handle="ada", listed=False))
    )
    known = await database.write(
        lambda store: store.people.add(person(1, "Ada", id=0, handle="x", listed=False, object_id=object_id(1)))
    )
    await put(database, WHOLE)
    assert (await database.read(lambda store: store.people.by_handle("ada"))).id == known.id
    renamed = (await database.read(lambda store: store.people.many([stranger.id])))[stranger.id]
    assert renamed.handle == f"ada-{stranger.id}"
    assert renamed.active


async def test_two_people_swap_handles_and_object_ids_in_one_file(database: Database):
    people = (
        ListedPerson(handle="ada", name="Ada", aad_object_id=object_id(1)),
        ListedPerson(handle="lin", name="Lin", aad_object_id=object_id(2)),
    )
    await put(database, Organisation(people=people))
    swapped = (replace(people[0], aad_object_id=object_id(2)), replace(people[1], aad_object_id=object_id(1)))
    await put(database, Organisation(people=swapped))
    assert await load(database) == Organisation(people=swapped)


async def test_a_fault_in_the_middle_leaves_everything_as_it_was(database: Database):
    await put(database, WHOLE)
    broken = replace(WHOLE, teams=(replace(WHOLE.teams[0], lead="nobody"),), services=())
    try:
        await put(database, broken)
    except KeyError:
        assert await load(database) == WHOLE
    else:
        raise AssertionError("an unknown lead was stored")
