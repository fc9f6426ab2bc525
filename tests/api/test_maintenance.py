from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain import maintenance as steps
from domain.maintenance import Maintenance, Plan
from domain.recurrence import Recurrence
from server.api.schemas import SCHEMAS
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.api.conftest import Api
from tests.support.handoff_desk import HandoffDesk, weekly
from tests.support.samples import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[HandoffDesk]:
    """Three windows: one done tomorrow, one that overruns, one that comes again."""
    made = await HandoffDesk(database).open(weekly())

    def fill(store: SqlStore) -> None:
        ada, grace = store.people.by_handle("ada"), store.people.by_handle("grace")
        assert ada is not None
        assert grace is not None

        def add(title: str, starts_at: datetime, **more: Any) -> Maintenance:
            plan = Plan(
                title=title,
                services=("checkout", "search"),
                starts_at=starts_at,
                ends_at=starts_at + 2 * HOUR,
                zone="Europe/London",
                owner=ada.id,
                **more,
            )
            window = steps.schedule(plan, by=ada.id, at=min(starts_at, NOW))
            return store.maintenance.add(steps.begin(steps.approve(window) or window) or window)

        first = add("Upgrade", NOW + DAY, impact="None.")
        done = steps.finish(first, "12 min <b>", by=ada.id, at=NOW + DAY + HOUR)
        signed = steps.sign_off(done, grace.id) if done else None
        assert signed is not None
        store.maintenance.save(signed, seen=first.version)
        second = add("Restart", NOW - DAY)
        store.maintenance.save(steps.overrun(second, NOW) or second, seen=second.version)
        wall = (NOW + 3 * DAY).replace(tzinfo=None)
        third = add("Disk", NOW + 3 * DAY, recurrence=Recurrence.from_words(2, "weeks", wall, "Europe/London"))
        store.maintenance.save(replace(third, version=third.version + 1), seen=third.version)

    await database.write(fill)
    yield made


async def titles(api: Api, query: str = "") -> list[str]:
    return [item["title"] for item in await api.items(f"maintenance{query}")]


async def test_a_window_is_told_with_its_evidence_and_people_by_handle(api: Api, desk: HandoffDesk):
    answer = await api.get("maintenance/1")
    assert answer.status == 200
    assert answer.body == {
        "id": 1,
        "title": "Upgrade",
        "services": ["checkout", "search"],
        "starts_at": "2026-11-24T14:18:00.000Z",
        "ends_at": "2026-11-24T16:18:00.000Z",
        "recurrence": None,
        "state": "done",
        "owner": "ada",
        "evidence": "12 min <b>",
        "signed_off_by": "grace",
        "impact": "None.",
        "runbook": "",
        "reason": "",
        "approval": None,
    }
    schema = {**SCHEMAS["MaintenancePage"], "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate((await api.get("maintenance")).body)
    again = (await api.get("maintenance/3")).body
    assert again["recurrence"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"
    assert again["evidence"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Disk", "Restart", "Upgrade"]),
        ("?from=2026-11-24T16:17:59Z", ["Disk", "Restart", "Upgrade"]),
        ("?from=2026-11-24T16:18:00Z", ["Disk", "Restart"]),
        ("?to=2026-11-24T14:18:00Z", ["Restart"]),
        ("?to=2026-11-24T14:18:01Z", ["Restart", "Upgrade"]),
        ("?from=2026-11-25T00:00:00Z&to=2026-11-26T00:00:00Z", ["Restart"]),
        ("?from=2030-01-01T00:00:00Z", ["Restart"]),
    ],
)
async def test_a_time_is_half_open_and_what_overruns_has_not_ended(
    api: Api, desk: HandoffDesk, query: str, expected: list[str]
):
    assert await titles(api, query) == expected


async def test_pages_go_on_where_they_ended(api: Api, desk: HandoffDesk):
    first = (await api.get("maintenance?limit=2")).body
    rest = (await api.get(f"maintenance?limit=2&after={first['next']}")).body
    assert [item["id"] for item in (*first["items"], *rest["items"])] == [3, 2, 1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("path", "status"),
    [("maintenance/4", 404), ("maintenance/x", 404), ("maintenance/99999999999", 404), ("maintenance?from=soon", 400)],
)
async def test_what_is_not_there_is_said_in_a_sentence(api: Api, desk: HandoffDesk, path: str, status: int):
    answer = await api.get(path)
    assert answer.status == status
    assert answer.body["detail"].endswith(".")
