from datetime import date

import pytest

from domain.action import ActionKind
from storage.database import Database
from tests.api.conftest import Api, crew, serving
from tests.api.test_openapi import validate
from tests.support.samples import NOW
from usecases import actions
from usecases.actions import NewAction
from usecases.ports import Store


@pytest.fixture
async def api(database: Database):
    async with serving(database) as found:

        def fill(store: Store) -> None:
            people = crew(store)
            for title, owner in (
                ("Alert „Kasse“ <b>🔥</b>", people.ada),
                ("Runbook", people.grace),
                ("Test", people.ada),
            ):
                new = NewAction(title=title, kind=ActionKind.DETECT, owner=owner, due_on=date(2099, 12, 4))
                actions.add(store, people.grace, new, NOW)
            actions.finish(store, people.ada, 3, "See the wiki", NOW)

        await database.write(fill)
        yield found


async def test_items_the_newest_first(api: Api) -> None:
    items = await api.items("actions")
    assert [item["id"] for item in items] == [3, 2, 1]
    assert items[2] == {
        "id": 1,
        "title": "Alert „Kasse“ <b>🔥</b>",
        "type": "detect",
        "owner": "ada",
        "due_on": "2099-12-04",
        "state": "open",
        "incident": None,
        "factor": "",
        "repair": False,
        "words": "",
        "made_by": "grace",
        "made_at": "2026-11-23T14:18:00.000Z",
        "closed_at": None,
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("owner=ADA", [3, 1]),
        ("owner=ada&state=open", [1]),
        ("state=done", [3]),
        ("owner=nobody", []),
        ("limit=2", [3, 2]),
    ],
)
async def test_they_are_found_by_owner_and_state(api: Api, query: str, ids: list[int]) -> None:
    assert [item["id"] for item in await api.items(f"actions?{query}")] == ids


async def test_answers_follow_the_schema(api: Api) -> None:
    validate({"$ref": "#/components/schemas/ActionPage"}, (await api.get("actions")).body)
    assert (await api.get("actions?state=late")).status == 400
