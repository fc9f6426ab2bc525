from datetime import date

import pytest

from domain.problem import Problem
from storage.database import Database
from tests.api.conftest import Api, crew, serving
from tests.api.test_openapi import validate
from tests.api.test_timeline import trail
from tests.support.samples import NOW, place
from usecases import problems
from usecases.incidents import Incidents
from usecases.ports import Store


@pytest.fixture
async def api(database: Database):
    async with serving(database) as found:

        def fill(store: Store) -> None:
            people = crew(store)
            desk = Incidents(store, NOW)
            for number in (1, 2, 3):
                desk.declare(
                    people.ada,
                    title="Kasse <b>🔥</b>",
                    severity=3,
                    services=(),
                    details="",
                    place=place(),
                    trail=trail(f"declare:{number}"),
                )
            for title, incidents in (("Kasse <b>🔥</b>", [1, 3]), ("Suche", [2])):
                new = Problem(
                    id=0, title=title, service="gone", owner=people.grace.id, due_on=date(2099, 12, 4), made_at=NOW
                )
                store.problems.add(new, incidents)
            problems.close(store, people.grace, 2, "Graph 12", NOW)

        await database.write(fill)
        yield found


async def test_records_the_newest_first(api: Api) -> None:
    answer = await api.get("problems")
    validate({"$ref": "#/components/schemas/ProblemPage"}, answer.body)
    assert [item["id"] for item in answer.body["items"]] == [2, 1]
    assert answer.body["items"][1] == {
        "id": 1,
        "title": "Kasse <b>🔥</b>",
        "service": "gone",
        "owner": "grace",
        "due_on": "2099-12-04",
        "incidents": ["INC-1", "INC-3"],
        "state": "open",
        "evidence": "",
        "work_seconds": 600,
        "impact_seconds": answer.body["items"][1]["impact_seconds"],
        "made_at": "2026-11-23T14:18:00.000Z",
        "closed_at": None,
    }


async def test_by_state_and_in_pages(api: Api) -> None:
    assert [item["id"] for item in await api.items("problems?state=closed")] == [2]
    first = (await api.get("problems?limit=1")).body
    assert [item["id"] for item in await api.items(f"problems?limit=1&after={first['next']}")] == [1]
    assert (await api.get("problems?state=gone")).status == 400
