from datetime import datetime

import pytest

from domain.care import Evidence
from domain.people import Person
from domain.recurrence import Recurrence
from storage.database import Database
from tests.api.conftest import Api, crew, serving
from tests.api.test_incidents import CATALOGUE
from tests.api.test_openapi import DOCUMENT, validate
from tests.support.samples import NOW
from usecases import organisation
from usecases.care import planning
from usecases.care.planning import Plan
from usecases.ports import Store


class Hand:
    """A clock that stands at NOW."""

    def now(self, store: object) -> datetime:
        return NOW


@pytest.fixture
async def api(database: Database):
    def fill(store: Store) -> None:
        organisation.replace(store, CATALOGUE, NOW)
        ada: Person = crew(store).ada
        service = store.catalog.services()[0]
        starts = datetime(2026, 11, 30, 17)  # noqa: DTZ001 - a wall clock
        plan = Plan(
            title="Restore „Kasse“ <b>🔥</b>",
            team="",
            service=service.id,
            owner=ada,
            rhythm=Recurrence.from_words(2, "weeks", starts, "Europe/London"),
            hours=1.5,
            evidence=Evidence.LINK,
        )
        planning.add(store, ada, plan, NOW)

    await database.write(fill)
    async with serving(database, clock=Hand()) as found:
        yield found


async def test_what_is_planned_is_listed_by_team_and_service(api: Api) -> None:
    (item,) = await api.items("care")
    assert item == {
        "id": 1,
        "title": "Restore „Kasse“ <b>🔥</b>",
        "team": item["team"],
        "service": item["service"],
        "owner": "ada",
        "recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        "time_zone": "Europe/London",
        "due_at": "2026-11-30T17:00:00.000Z",
        "hours": 1.5,
        "evidence": "link",
        "sign_off": False,
        "last_done_at": None,
        "missed": 0,
    }
    validate({"$ref": "#/components/schemas/CareList"}, {"items": [item]})
    assert "/api/v1/care" in DOCUMENT["paths"]
    assert len(await api.items(f"care?team={item['team'].upper()}")) == 1
    assert len(await api.items(f"care?service={item['service']}")) == 1


@pytest.mark.parametrize("name", ["team", "service"])
async def test_a_name_that_nobody_knows_is_400(api: Api, name: str) -> None:
    answer = await api.get(f"care?{name}=nope")
    assert (answer.status, answer.body["detail"]) == (
        400,
        f"{name} names no {name} of the organisation: there is no “nope”.",
    )
