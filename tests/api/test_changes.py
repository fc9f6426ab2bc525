import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.change import ChangeState
from domain.people import Person
from server.settings import ApiRole, ApiToken
from server.times import rfc3339
from storage.database import Database
from tests.api.conftest import ADMIN, READER, Api, crew, serving
from tests.api.test_incidents import CATALOGUE, declare, trail
from tests.api.test_openapi import DOCUMENT, resolved, validate
from tests.support.samples import NOW, place
from usecases import organisation
from usecases.changes import causes, outcomes
from usecases.changes.recording import Draft, record
from usecases.ports import Store

NEW = {"title": "Deploy checkout 4.12", "service": "checkout"}
OTHER = ApiToken(name="pipeline", token="other-token-0123456789", role=ApiRole.ADMIN)
EVENING = "2026-11-23T22:00:00+01:00"


class Hand:
    """A clock that stands at NOW."""

    def now(self, store: Any) -> Any:
        return NOW


@pytest.fixture
async def api(database: Database):
    await database.write(lambda store: organisation.replace(store, CATALOGUE, NOW))
    async with serving(database, tokens=(READER, ADMIN, OTHER), clock=Hand()) as found:
        yield found


async def test_what_is_told_is_what_is_read(api: Api) -> None:
    given = {
        **NEW,
        "title": "Deploy „Kasse“ <b>4.12</b> 🔥",
        "service": "CHECKOUT",
        "risk": "HIGH",
        "at": "2026-11-23T13:00:00+01:00",
        "ends_at": "2026-11-23T12:10:00Z",
        "state": "failed",
        "source": "argo",
        "author": "Zoë Ångström",
        "links": ["https://ci.example.org/runs/7", "https://ci.example.org/runs/7"],
        "rollback": "helm rollback checkout",
        "colour": "what nobody knows is ignored",
    }
    made = await api.post("changes", given, key="k1")
    assert made.status == 201
    assert made.headers["Content-Type"] == "application/json; charset=utf-8"
    assert made.headers["Cache-Control"] == "no-store"
    assert made.body == {
        "id": 1,
        "title": "Deploy „Kasse“ <b>4.12</b> 🔥",
        "service": "Checkout",
        "risk": "high",
        "at": "2026-11-23T12:00:00.000Z",
        "ends_at": "2026-11-23T12:10:00.000Z",
        "state": "failed",
        "source": "argo",
        "author": "Zoë Ångström",
        "links": ["https://ci.example.org/runs/7"],
        "rollback": "helm rollback checkout",
        "comment": "",
        "incidents": [],
        "recorded_at": rfc3339(NOW),
    }
    assert await api.items("changes") == [made.body]
    posted = resolved(DOCUMENT["paths"]["/api/v1/changes"]["post"]["responses"]["201"])
    validate(posted["content"]["application/json"]["schema"], made.body)
    page = resolved(DOCUMENT["paths"]["/api/v1/changes"]["get"]["responses"]["200"])
    validate(page["content"]["application/json"]["schema"], (await api.get("changes")).body)


async def test_two_words_are_enough(api: Api) -> None:
    made = (await api.post("changes", NEW)).body
    assert (made["risk"], made["at"], made["state"], made["source"]) == ("low", rfc3339(NOW), "done", "deploys")
    assert (made["author"], made["links"], made["ends_at"]) == ("", [], None)


@pytest.mark.parametrize(
    ("more", "state", "at"),
    [
        ({"at": EVENING}, "planned", "2026-11-23T21:00:00.000Z"),
        ({"at": EVENING, "risk": "high"}, "planned", "2026-11-23T21:00:00.000Z"),  # nobody is asked
        ({"at": EVENING, "state": "planned"}, "planned", "2026-11-23T21:00:00.000Z"),
        ({"at": rfc3339(NOW + timedelta(minutes=4))}, "done", rfc3339(NOW)),  # a clock that is ahead
        ({"at": None, "state": None, "links": None, "risk": ""}, "done", rfc3339(NOW)),
    ],
)
async def test_the_state_follows_from_the_time(api: Api, more: Any, state: str, at: str) -> None:
    made = (await api.post("changes", NEW | more)).body
    assert (made["state"], made["at"]) == (state, at)


async def test_the_same_key_and_body_answer_what_was_recorded(api: Api, database: Database) -> None:
    first = await api.post("changes", NEW, key="k1")
    again = await api.post("changes", b'\n{"service":"checkout",  "title":"Deploy checkout 4.12"}', key="k1")
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    # What was recorded stands, also when the catalogue has lost the service since.
    await database.write(lambda store: organisation.replace(store, replace(CATALOGUE, services=()), NOW))
    assert (await api.post("changes", NEW, key="k1")).status == 200
    assert (await api.post("changes", NEW, key="k2")).status == 422
    assert len(await api.items("changes")) == 1


async def test_another_body_for_a_key_is_refused_and_another_caller_has_keys_of_its_own(api: Api) -> None:
    await api.post("changes", NEW, key="k1")
    clash = await api.post("changes", NEW | {"risk": "high"}, key="k1")
    assert clash.status == 409
    assert clash.headers["type"] == "application/problem+json"
    assert clash.body["detail"] == (
        "The key “k1” was used for another body, which recorded change 1. Send a new key for a new change."
    )
    assert (await api.post("changes", {"title": ""}, key="k1")).status == 409
    assert (await api.post("changes", NEW, key="k1", token=OTHER.token)).status == 201
    assert [c["source"] for c in await api.items("changes")] == ["pipeline", "deploys"]


async def test_without_a_key_every_request_records_a_change(api: Api) -> None:
    assert [(await api.post("changes", NEW)).body["id"] for _ in range(2)] == [1, 2]


async def test_a_refused_request_does_not_use_its_key_up(api: Api) -> None:
    assert (await api.post("changes", {"title": "Deploy"}, key="k1")).status == 422
    assert (await api.post("changes", NEW, key="k1")).status == 201


async def test_two_replicas_at_the_same_moment_record_one(database: Database, other_database: Database) -> None:
    await database.write(lambda store: organisation.replace(store, CATALOGUE, NOW))
    async with serving(database, clock=Hand()) as one, serving(other_database, clock=Hand()) as two:
        answers = await asyncio.gather(*((one, two)[n % 2].post("changes", NEW, key="k") for n in range(10)))
        assert sorted(a.status for a in answers) == [200] * 9 + [201]
        assert {a.body["id"] for a in answers} == {1}
        assert len(await two.items("changes")) == 1


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ({"title": None}, "title is missing: a change needs a title and a service."),
        ({"title": " \u202e "}, "A change needs a title: say in a few words what changes."),
        ({"title": "x" * 201}, "That title has 201 characters; 200 is the most. Shorten it."),
        ({"title": 7}, "title must be a text, not 7."),
        ({"service": ""}, "service is missing: a change needs a title and a service."),
        ({"service": "payrol"}, "There is no service “payrol” in the catalogue."),
        ({"service": ["checkout"]}, 'service must be a text, not ["checkout"].'),
        ({"risk": "severe"}, "There is no risk “severe”: write low, medium or high."),
        ({"risk": 3}, "risk must be a text, not 3."),
        ({"at": "yesterday"}, "at must be an RFC 3339 time from 2000 to 2199"),
        ({"at": "2026-11-23T22:00:00"}, "at must be an RFC 3339 time"),
        ({"at": 1_795_443_480}, "at must be a text, not 1795443480."),
        (
            {"at": EVENING, "state": "done"},
            "at lies ahead, so state cannot be done: leave state out, or write planned.",
        ),
        ({"ends_at": "2026-11-23T10:00:00Z"}, "A change ends after it begins"),
        ({"state": "proposed"}, "state must be one of planned, done, failed, rolled_back, not"),
        ({"links": "https://a.example"}, "links must be a list of texts, not"),
        ({"links": [1]}, "links must be a list of texts, not [1]."),
        ({"links": ["javascript:alert(1)"]}, "“javascript:alert(1)” is no link"),
        ({"links": [f"https://a.example/{n}" for n in range(11)]}, "Those are 11 links; 10 is the most."),
        ({"rollback": "x" * 2_001}, "That rollback has 2001 characters; 2000 is the most."),
        ({"author": "x" * 101}, "That author has 101 characters; 100 is the most."),
        ({"source": "x" * 101}, "That source has 101 characters; 100 is the most."),
    ],
)
async def test_a_wrong_field_is_named_with_what_to_do(api: Api, more: Any, detail: str) -> None:
    answer = await api.post("changes", NEW | more)
    assert (answer.status, answer.headers["type"]) == (422, "application/problem+json")
    assert answer.body["detail"].startswith(detail)
    assert answer.body["detail"].endswith(".")
    assert await api.items("changes") == []


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"", 400, "The body is not JSON."),
        (b"{", 400, "The body is not JSON."),
        (b"\xff", 400, "The body is not JSON."),
        (b"[" * 40_000, 400, "The body is not JSON."),
        (b'{"a":' * 5_000, 400, "The body is not JSON."),
        (b'{"title":' + b"[" * 900 + b"]" * 900 + b"}", 422, "title must be a text"),
        (b"[]", 400, "The body must be a JSON object"),
        (b"null", 400, "The body must be a JSON object"),
        (b'{"title": "' + b"x" * 70_000 + b'"}', 413, "The body is too large: 64 KiB is the most."),
        (b" " * 300_000, 413, "The body is too large: 64 KiB is the most."),
        (b'{"title": "\\ud800\\u0000", "service": "\\u0000", "colour": NaN}', 422, "There is no service"),
    ],
)
async def test_a_body_that_is_none_is_refused(api: Api, body: bytes, status: int, detail: str) -> None:
    answer = await api.post("changes", body, key="k")
    assert (answer.status, answer.headers["type"]) == (status, "application/problem+json")
    assert answer.body["detail"].startswith(detail)


async def test_odd_text_is_kept_as_far_as_a_database_can(api: Api) -> None:
    made = await api.post("changes", b'{"title": "a\\ud800b\\u0000c", "service": "checkout"}', key="k")
    assert made.status == 201
    assert (await api.items("changes"))[0]["title"] == "a\ufffdbc"


@pytest.mark.parametrize("key", ["with blank", "x" * 201, "schlüssel"])
async def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    answer = await api.post("changes", NEW, key=key)
    assert answer.status == 400
    assert answer.body["detail"].startswith("Idempotency-Key must be 1 to 200 visible ASCII characters")


async def test_only_an_admin_may_record_and_every_reader_may_read(api: Api) -> None:
    refused = await api.post("changes", NEW, token=READER.token)
    assert refused.status == 403
    assert refused.body["detail"] == "The token of board has the role read; this needs admin."
    assert (await api.post("changes", NEW, token="nonsense-0123456789")).status == 401
    assert await api.items("changes") == []
    assert (await api.get("changes", method="DELETE")).status == 405


async def test_pages_and_filters(api: Api) -> None:
    for n in range(5):
        body = {**NEW, "title": f"Deploy {n}", "at": rfc3339(NOW - timedelta(hours=n))}
        await api.post("changes", body | ({"service": "search"} if n == 4 else {}))
    seen: list[str] = []
    path = "changes?limit=2"
    while path:
        page = (await api.get(path)).body
        seen += [item["title"] for item in page["items"]]
        path = f"changes?limit=2&after={page['next']}" if page["next"] else ""
    assert seen == [f"Deploy {n}" for n in range(5)]

    async def titles(query: str) -> list[str]:
        return [item["title"] for item in await api.items(f"changes?{query}")]

    assert await titles("service=SEARCH") == ["Deploy 4"]
    assert await titles(f"since={rfc3339(NOW - timedelta(hours=1))}") == ["Deploy 0", "Deploy 1"]
    assert await titles("service=checkout&since=2026-11-23T14:18:00Z") == ["Deploy 0"]
    assert await titles("service=&since=") == seen


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "limit must be a whole number from 1 to 200."),
        ("since=monday", "since must be an RFC 3339 time"),
        ("after=x", "after must be the `next` of an earlier answer."),
        ("after=YmVmb3JlOjE", "after must be the `next` of an earlier answer."),
        ("service=payrol", "service names no service of the catalogue: there is no “payrol”."),
        ("limit=1&limit=2", "limit is given 2 times; once is the most."),
    ],
)
async def test_a_wrong_parameter_is_named(api: Api, query: str, sentence: str) -> None:
    answer = await api.get(f"changes?{query}")
    assert answer.status == 400
    assert answer.body["detail"].startswith(sentence)


async def test_what_people_record_link_and_end_is_read_too(api: Api, database: Database) -> None:
    def work(store: Store) -> Person:
        who = crew(store)
        change = record(store, who.ada, Draft(title="Upgrade", service="checkout"), place(), NOW)
        declare(store, who, 1, services=("checkout",))
        causes.link(store, who.grace, 1, change.id, trail=trail("b1"), now=NOW)
        outcomes.say(store, who.lin, change.id, ChangeState.ROLLED_BACK, NOW, comment="Errors at 14:10.")
        return who.ada

    await database.write(work)
    (item,) = await api.items("changes")
    assert (item["source"], item["author"], item["state"]) == ("teams", "ada", "rolled_back")
    assert (item["comment"], item["incidents"]) == ("Errors at 14:10.", ["INC-1"])
    entries = await api.items("incidents/INC-1/timeline")
    assert [(e["kind"], e["text"]) for e in entries[1:]] == [
        ("cause_linked", "Grace Hopper linked change 1 “Upgrade” as the cause."),
        ("cause_changed", "Change 1 “Upgrade”, which is linked as the cause, was rolled back (Lin Wei 林薇)."),
    ]
