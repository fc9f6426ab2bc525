from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from server.api.schemas import SCHEMAS
from storage.database import Database
from tests.api.conftest import Api
from tests.support.handoff_desk import MINUTE, MONDAY, HandoffDesk, weekly


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[HandoffDesk]:
    """Two schedules, a quarter of an hour before their shift change."""
    made = await HandoffDesk(database).open(weekly(), weekly("lin", "zoe", id="payments-secondary"))
    await made.at(MONDAY - 15 * MINUTE)
    yield made


async def test_handoffs_of_a_schedule_the_latest_shift_change_first(desk: HandoffDesk, api: Api) -> None:
    first = (await desk.all())[0]
    await desk.note("grace", first.id, "Schön aufpassen <at>")
    await desk.accept("ada", first.id)
    items = await api.items("handoffs?schedule=payments-primary")
    assert [item.pop("id") for item in items] == [h.id for h in reversed(await desk.all())]
    assert items == [
        {
            "schedule": "payments-primary",
            "outgoing": "ada",
            "incoming": "grace",
            "boundary_at": "2026-12-07T09:00:00.000Z",
            "state": "prepared",
            "notes": "",
            "accepted_at": None,
        },
        {
            "schedule": "payments-primary",
            "outgoing": "grace",
            "incoming": "ada",
            "boundary_at": "2026-11-30T09:00:00.000Z",
            "state": "accepted",
            "notes": "Schön aufpassen <at>",
            "accepted_at": "2026-11-30T08:45:00.000Z",
        },
    ]


async def test_without_a_schedule_all_are_listed(desk: HandoffDesk, api: Api) -> None:
    found = await api.items("handoffs")
    assert {item["schedule"] for item in found} == {"payments-primary", "payments-secondary"}
    assert [item["boundary_at"] for item in found] == sorted((item["boundary_at"] for item in found), reverse=True)
    assert len(found) == 4


async def test_a_schedule_is_found_in_any_case_and_an_unknown_one_is_400(desk: HandoffDesk, api: Api) -> None:
    assert len(await api.items("handoffs?schedule=PAYMENTS-Primary")) == 2
    answer = await api.get("handoffs?schedule=nope")
    assert (answer.status, answer.body["detail"]) == (
        400,
        "schedule names no schedule of the organisation: there is no “nope”.",
    )


async def test_handoffs_of_a_schedule_that_has_left_the_file_are_still_there(desk: HandoffDesk, api: Api) -> None:
    await desk.imports(weekly("lin", "zoe", id="payments-secondary"))
    (left,) = await api.items("handoffs?schedule=payments-primary")
    assert left["state"] == "expired"


async def test_the_number_of_items_can_be_chosen(desk: HandoffDesk, api: Api) -> None:
    assert len(await api.items("handoffs?limit=1")) == 1
    assert (await api.get("handoffs?limit=0")).status == 400


async def test_every_state_follows_the_schema(desk: HandoffDesk, api: Api) -> None:
    other = (await desk.all("payments-secondary"))[0]
    await desk.decline("lin" if other.incoming == desk.people["lin"].id else "zoe", other.id)
    await desk.at(MONDAY + timedelta(days=7) - 10 * MINUTE)
    found = await api.get("handoffs")
    assert {item["state"] for item in found.body["items"]} == {"declined", "expired", "offered", "prepared"}
    schema = {"$ref": "#/components/schemas/HandoffList", "components": {"schemas": dict(SCHEMAS)}}
    Draft202012Validator(schema).validate(found.body)


async def test_without_a_token_it_is_401(desk: HandoffDesk, api: Api) -> None:
    assert (await api.get("handoffs", headers={})).status == 401
