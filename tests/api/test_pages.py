"""The delivery ledger as other programs read it."""

from collections.abc import AsyncIterator

import pytest

from tests.api.conftest import Api, serving
from tests.api.test_openapi import DOCUMENT, resolved, validate
from tests.support.paged_organisation import policy, step
from tests.support.paging_desk import PagingDesk

KEYS = {"person", "way", "step", "due_at", "sent_at", "result", "acknowledged_at", "attempts"}
"""What the contract names."""


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[PagingDesk]:
    opened = await PagingDesk.opened(
        database_url,
        policy(step("schedule:payments-primary"), step("schedule:it-ops-primary"), last_resort="team:platform"),
    )
    yield opened
    await opened.db.close()


@pytest.fixture
async def api(desk: PagingDesk) -> AsyncIterator[Api]:
    async with serving(desk.db) as found:
        yield found


async def test_every_page_tells_all_that_the_contract_names(desk: PagingDesk, api: Api) -> None:
    n = await desk.declare()
    await desk.later(minutes=5, seconds=30)
    await desk.ack("zoe", n)
    items = await api.items("incidents/INC-1/pages")
    assert all(item.keys() >= KEYS for item in items)
    assert [[item[key] for key in ("person", "way", "step", "round", "result", "attempts")] for item in items] == [
        ["grace", "teams", 1, 1, "sent", 1],
        ["zoe", "teams", 2, 1, "sent", 1],
    ]
    assert [item["due_at"] for item in items] == ["2026-11-23T14:18:00.000Z", "2026-11-23T14:23:00.000Z"]
    assert [item["sent_at"] for item in items] == ["2026-11-23T14:18:00.000Z", "2026-11-23T14:23:00.000Z"]
    assert [item["acknowledged_at"] for item in items] == [None, "2026-11-23T14:23:30.000Z"]
    assert [(item["reason"], item["target"], item["team"]) for item in items] == [
        ("step", "schedule:payments-primary", None),
        ("step", "schedule:it-ops-primary", None),
    ]


async def test_a_page_on_its_way_counts_its_attempts(desk: PagingDesk, api: Api) -> None:
    desk.down = True
    await desk.declare()
    await desk.later(seconds=5)
    await desk.delivers()
    (item,) = await api.items("incidents/1/pages")
    assert (item["result"], item["sent_at"]) == ("pending", None)
    assert item["attempts"] >= 1


async def test_a_page_that_failed_says_why(desk: PagingDesk, api: Api) -> None:
    desk.refuses["grace"] = "the person has blocked the bot (403)"
    await desk.declare()
    first = (await api.items("incidents/1/pages"))[0]
    assert (first["result"], first["detail"], first["attempts"]) == (
        "failed",
        "the person has blocked the bot (403)",
        1,
    )


async def test_a_post_for_a_team_names_the_team_and_nobody(desk: PagingDesk, api: Api) -> None:
    await desk.declare()
    await desk.later(minutes=10)
    post = next(item for item in await api.items("incidents/1/pages") if item["way"] == "channel")
    assert (post["person"], post["team"], post["step"], post["reason"]) == (None, "platform", None, "last_resort")


async def test_a_page_on_the_card_of_another_names_its_incident(desk: PagingDesk, api: Api) -> None:
    await desk.declare("First")
    await desk.declare("Second")
    assert [item["bundled_into"] for item in await api.items("incidents/1/pages")] == [None]
    assert [item["bundled_into"] for item in await api.items("incidents/2/pages")] == ["INC-1"]


async def test_an_incident_nobody_was_paged_for_has_an_empty_ledger(desk: PagingDesk, api: Api) -> None:
    await desk.declare("Build", 2, "build")
    assert (await api.get("incidents/inc1/pages")).body == {"items": []}


@pytest.mark.parametrize("ref", ["INC-77", "77", "nonsense"])
async def test_an_incident_that_is_not_there_is_404(api: Api, ref: str) -> None:
    answer = await api.get(f"incidents/{ref}/pages")
    assert (answer.status, answer.headers["type"]) == (404, "application/problem+json")


async def test_it_needs_a_token(api: Api) -> None:
    assert (await api.get("incidents/1/pages", headers={})).status == 401


async def test_the_bot_itself_is_nobody_on_the_timeline(desk: PagingDesk, api: Api) -> None:
    await desk.declare()
    items = await api.items("incidents/1/timeline")
    assert [(item["actor"], item["kind"], item["source"]) for item in items] == [
        ("lin", "declared", "message"),
        (None, "paged", "timer"),
    ]


async def test_real_answers_follow_the_document(desk: PagingDesk, api: Api) -> None:
    desk.refuses["zoe"] = "the person has blocked the bot (403)"
    await desk.declare()
    await desk.declare("Second")
    await desk.later(minutes=30)
    for ref, status in (("INC-1", 200), ("INC-2", 200), ("INC-9", 404)):
        answer = await api.get(f"incidents/{ref}/pages")
        assert answer.status == status
        described = resolved(DOCUMENT["paths"]["/api/v1/incidents/{ref}/pages"]["get"]["responses"][str(status)])
        validate(described["content"][answer.headers["type"]]["schema"], answer.body)
