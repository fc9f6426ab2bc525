from datetime import UTC, datetime, timedelta

import pytest

from domain.catalog import Side, Team
from domain.incident import Role, Status
from domain.organisation import ListedPerson, Organisation
from domain.timeline import Source
from storage.database import Database
from tests.api.conftest import Api, Crew, crew
from tests.support.samples import NOW, place, service
from usecases import organisation
from usecases.incidents import Incidents, Trail
from usecases.ports import Store

CATALOGUE = Organisation(
    people=(ListedPerson(handle="ada", name="Ada Lovelace"),),
    teams=(Team(id="payments", name="Payments", side=Side.ENGINEERING),),
    services=(service("Checkout", "Checkout"), service("search", "Search")),
)
TITLES = ("Checkout ist kaputt — „Zahlung“ hängt", "البحث لا يعمل", "検索が遅い 🔥", "Plain <b>HTML</b> & **stars**")

NO_REFS = (
    *("INC-2", "2", "INC-999999999", "0", "INC-0", "-1", "1.0", "INC-99999999999999999999", "nonsense"),
    *("%00", "%FF", "%D9%A1", "INC-1%0A2", "x" * 3000, "%F0%9F%94%A5"),
)


def trail(key: str) -> Trail:
    return Trail(Source.BUTTON, key)


def declare(
    store: Store, who: Crew, number: int, title: str = "It is down", services: tuple[str, ...] = ()
) -> Incidents:
    desk = Incidents(store, NOW + timedelta(minutes=number))
    desk.declare(
        who.ada,
        title=title,
        severity=1 + number % 4,
        services=services,
        details="",
        place=place(),
        trail=Trail(Source.MESSAGE, f"m{number}"),
    )
    return desk


async def stored(database: Database, count: int) -> None:
    def work(store: Store) -> None:
        who = crew(store)
        for number in range(1, count + 1):
            declare(store, who, number)

    await database.write(work)


async def test_an_incident_through_its_life(database: Database, api: Api) -> None:
    def work(store: Store) -> None:
        organisation.replace(store, CATALOGUE, NOW)
        who = crew(store)
        desk = declare(store, who, 1, TITLES[0], ("checkout", "SEARCH"))
        later = Incidents(store, NOW + timedelta(minutes=5, milliseconds=250))
        desk.assign(who.ada, 1, Role.SCRIBE, who.lin, trail("b1"))
        desk.take_command(who.grace, 1, trail("b2"))
        later.acknowledge(who.grace, 1, trail("b3"))
        later.change_status(who.grace, 1, Status.MONITORING, trail("b4"))

    await database.write(work)
    answer = await api.get("incidents/INC-1")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body == {
        "ref": "INC-1",
        "title": TITLES[0],
        "severity": 2,
        "status": "monitoring",
        "services": ["Checkout", "search"],
        "roles": {"commander": "grace", "scribe": "lin"},
        "declared_by": "ada",
        "declared_at": "2026-11-23T14:19:00.000Z",
        "acknowledged_at": "2026-11-23T14:23:00.250Z",
        "mitigated_at": "2026-11-23T14:23:00.250Z",
        "resolved_at": None,
        "version": 5,
    }


@pytest.mark.parametrize("ref", ["INC-12", "inc-12", "Inc12", "inc12", "12", "INC-0012", "%2312", "%20INC-12%20"])
async def test_a_reference_is_read_as_people_write_it(database: Database, api: Api, ref: str) -> None:
    await stored(database, 12)
    answer = await api.get(f"incidents/{ref}")
    assert (answer.status, answer.body["ref"]) == (200, "INC-12")


@pytest.mark.parametrize("path", ["", "/timeline"])
@pytest.mark.parametrize("ref", NO_REFS)
async def test_an_unknown_incident_is_404(database: Database, api: Api, ref: str, path: str) -> None:
    await stored(database, 1)
    answer = await api.get(f"incidents/{ref}{path}")
    assert answer.status == 404
    assert answer.headers["type"] == "application/problem+json"
    assert answer.body["detail"].startswith("There is no ")
    assert len(answer.body["detail"]) < 120


async def test_the_newest_stand_first_and_pages_join(database: Database, api: Api) -> None:
    await stored(database, 7)
    seen, query, pages = [], "limit=3", 0
    while True:
        answer = await api.get(f"incidents?{query}")
        seen += [item["ref"] for item in answer.body["items"]]
        pages += 1
        if answer.body["next"] is None:
            break
        query = f"limit=3&after={answer.body['next']}"
    assert seen == [f"INC-{number}" for number in range(7, 0, -1)]
    assert pages == 3


async def test_a_page_that_ends_exactly_has_no_next(database: Database, api: Api) -> None:
    await stored(database, 4)
    assert (await api.get("incidents?limit=4")).body["next"] is None
    assert (await api.get("incidents?limit=3")).body["next"] is not None


async def test_new_incidents_do_not_disturb_paging(database: Database, api: Api) -> None:
    await stored(database, 4)
    first = (await api.get("incidents?limit=2")).body

    def one_more(store: Store) -> None:
        declare(store, crew(store), 50)

    await database.write(one_more)
    second = await api.items(f"incidents?limit=2&after={first['next']}")
    assert [item["ref"] for item in second] == ["INC-2", "INC-1"]


async def test_the_default_page_has_fifty_and_the_largest_two_hundred(database: Database, api: Api) -> None:
    await stored(database, 203)
    assert len(await api.items("incidents")) == 50
    assert len(await api.items("incidents?limit=")) == 50
    assert len(await api.items("incidents?limit=200")) == 200


async def test_nothing_yet(api: Api) -> None:
    assert (await api.get("incidents")).body == {"items": [], "next": None}


STATUSES = {
    "open": ["INC-3", "INC-2", "INC-1"],
    "OPEN": ["INC-3", "INC-2", "INC-1"],
    "investigating": ["INC-1"],
    "identified": ["INC-2"],
    "monitoring": ["INC-3"],
    "resolved": ["INC-4"],
    "investigating,resolved": ["INC-4", "INC-1"],
    "%20identified%20,%20monitoring,": ["INC-3", "INC-2"],
    "identified%2Cmonitoring": ["INC-3", "INC-2"],
    "open,resolved": ["INC-4", "INC-3", "INC-2", "INC-1"],
    "open,monitoring": ["INC-3", "INC-2", "INC-1"],
    "": ["INC-4", "INC-3", "INC-2", "INC-1"],
}


async def test_statuses(database: Database, api: Api) -> None:
    def work(store: Store) -> None:
        who = crew(store)
        for number in range(1, 5):
            desk = declare(store, who, number)
        desk.change_status(who.ada, 2, Status.IDENTIFIED, trail("b1"))
        desk.change_status(who.ada, 3, Status.MONITORING, trail("b2"))
        desk.resolve(who.ada, 4, "", trail("b3"))

    await database.write(work)
    for status, expected in STATUSES.items():
        assert [item["ref"] for item in await api.items(f"incidents?status={status}")] == expected, status


async def test_services(database: Database, api: Api) -> None:
    def work(store: Store) -> None:
        organisation.replace(store, CATALOGUE, NOW)
        who = crew(store)
        desk = declare(store, who, 1, services=("Checkout",))
        declare(store, who, 2, services=("search",))
        declare(store, who, 3, services=("search", "Checkout"))
        desk.resolve(who.ada, 3, "", trail("b1"))

    async def refs(query: str) -> list[str]:
        return [item["ref"] for item in await api.items(f"incidents?{query}")]

    await database.write(work)
    assert await refs("service=Checkout") == ["INC-3", "INC-1"]
    assert await refs("service=CHECKOUT&status=open") == ["INC-1"]
    assert await refs("service=search&status=resolved") == ["INC-3"]
    assert await refs("service=search&status=identified") == []
    assert await refs("service=") == ["INC-3", "INC-2", "INC-1"]
    # A service that has left the catalogue is still named by its incidents.
    await database.write(lambda store: organisation.replace(store, Organisation(), NOW))
    assert await refs("service=Checkout") == ["INC-3", "INC-1"]
    assert await refs("service=Checkout&status=identified") == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=ten", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=9999999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("after=nonsense", "after"),
        ("after=12", "after"),
        ("after=YmVmb3JlOjE=", "after"),
        ("after=YmVmb3JlOjA", "after"),
        ("after=%00", "after"),
        ("after=%F0%9F%94%A5", "after"),
        ("after=" + "YmVmb3Jl" * 500, "after"),
        ("status=closed", "status"),
        ("status=open,closed", "status"),
        ("status=open;resolved", "status"),
        ("service=nothing-like-it", "service"),
        ("service=%00", "service"),
        ("service=%D8%A8%D8%AD%D8%AB", "service"),
    ],
)
async def test_a_wrong_parameter_is_named(database: Database, api: Api, query: str, name: str) -> None:
    await stored(database, 1)
    answer = await api.get(f"incidents?{query}")
    assert answer.status == 400, answer.body
    assert answer.headers["type"] == "application/problem+json"
    assert answer.body["detail"].startswith(f"{name} ")
    assert answer.body["detail"].endswith(".")
    assert len(answer.body["detail"]) < 200


async def test_unknown_parameters_are_ignored(database: Database, api: Api) -> None:
    await stored(database, 2)
    assert len(await api.items("incidents?colour=green&offset=1")) == 2


async def test_titles_of_all_scripts(database: Database, api: Api) -> None:
    def work(store: Store) -> None:
        who = crew(store)
        for number, title in enumerate(TITLES, start=1):
            declare(store, who, number, title)

    await database.write(work)
    assert [item["title"] for item in await api.items("incidents")] == list(reversed(TITLES))


@pytest.mark.parametrize("path", ["incidents", "incidents/INC-1", "incidents/INC-1/timeline", "openapi.json"])
async def test_head_and_other_methods(database: Database, api: Api, path: str) -> None:
    await stored(database, 1)
    head, get = await api.get(path, method="HEAD"), await api.get(path)
    assert (head.status, head.body) == (200, "")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await api.get(path, method=method)
        assert (answer.status, answer.headers["type"]) == (405, "application/problem+json")
        assert answer.headers["Allow"] == "GET,HEAD"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["", "nothing", "incidents/INC-1/nothing", "incidents/", "incidents//timeline"])
async def test_an_unknown_path_is_a_problem(api: Api, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status, answer.headers["type"]) == (404, "application/problem+json")


async def test_every_time_is_utc(database: Database, api: Api) -> None:
    await stored(database, 1)
    text = (await api.get("incidents/1")).body["declared_at"]
    assert datetime.fromisoformat(text) == NOW.astimezone(UTC) + timedelta(minutes=1)
