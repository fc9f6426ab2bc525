from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from domain import approval as steps
from domain.approval import Approval, ApprovalState, Decision, Group, parse_decider
from server.api.schemas import SCHEMAS
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.api.conftest import Api
from tests.support.handoff_desk import HandoffDesk, weekly
from tests.support.samples import NOW


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[HandoffDesk]:
    """Three questions: one approved with a comment, one that waits, one about something else."""
    made = await HandoffDesk(database).open(weekly())

    def fill(store: SqlStore) -> None:
        ada, grace = store.people.by_handle("ada"), store.people.by_handle("grace")
        assert ada is not None
        assert grace is not None
        asked = Approval(
            id=0,
            subject_kind="maintenance",
            subject_id=7,
            digest="d",
            requested_by=ada.id,
            requested_at=NOW,
            expires_at=NOW + timedelta(hours=4),
            groups=(Group(deciders=(parse_decider("person:grace"),)), Group(deciders=(parse_decider("person:lin"),))),
        )
        first = store.approvals.add(asked)
        said = steps.vote(first, grace.id, Decision.APPROVE, comment="Schön <at>", eligible=[{grace.id}, set()], at=NOW)
        assert said is not None
        done = replace(said, state=ApprovalState.APPROVED, decided_at=NOW, decided_by=grace.id)
        store.approvals.save(done, seen=first.version)
        store.approvals.add(asked)
        store.approvals.add(replace(asked, subject_kind="change"))

    await database.write(fill)
    yield made


async def test_approvals_the_newest_first(desk: HandoffDesk, api: Api) -> None:
    items = await api.items("approvals?subject=maintenance:7&state=approved")
    assert items == [
        {
            "id": 1,
            "subject": "maintenance:7",
            "state": "approved",
            "requested_by": "ada",
            "requested_at": "2026-11-23T14:18:00.000Z",
            "needed": 2,
            "groups": [{"deciders": ["person:grace"], "needed": 1}, {"deciders": ["person:lin"], "needed": 1}],
            "votes": [
                {"person": "grace", "decision": "approve", "at": "2026-11-23T14:18:00.000Z", "comment": "Schön <at>"}
            ],
            "expires_at": "2026-11-23T18:18:00.000Z",
            "decided_by": "grace",
            "decided_at": "2026-11-23T14:18:00.000Z",
            "reason": "",
        }
    ]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [3, 2, 1]),
        ("state=pending", [3, 2]),
        ("subject=maintenance:7", [2, 1]),
        ("subject=MAINTENANCE&state=Pending", [2]),
        ("subject=change:8", []),
        ("subject=nothing", []),
        ("limit=1", [3]),
    ],
)
async def test_they_are_found_by_state_and_subject(desk: HandoffDesk, api: Api, query: str, ids: list[int]) -> None:
    assert [item["id"] for item in await api.items(f"approvals?{query}")] == ids


async def test_pages_follow_each_other(desk: HandoffDesk, api: Api) -> None:
    first = (await api.get("approvals?limit=2")).body
    second = (await api.get(f"approvals?limit=2&after={first['next']}")).body
    assert [i["id"] for i in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["state=maybe", "subject=maintenance:x", "subject=:7", "subject=maintenance:-1"])
async def test_what_makes_no_sense_is_a_sentence(desk: HandoffDesk, api: Api, query: str) -> None:
    answer = await api.get(f"approvals?{query}")
    assert answer.status == 400
    assert "must be" in answer.body["detail"]


async def test_answers_follow_the_schema(desk: HandoffDesk, api: Api) -> None:
    schema = {"$ref": "#/components/schemas/ApprovalList", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate((await api.get("approvals")).body)
