import re
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator

from domain.incident import Role, Status
from server.api import ROUTES, add_api
from server.api.openapi import document
from server.api.schemas import SCHEMAS
from server.settings import ApiRole
from storage.database import Database
from tests.api.conftest import READER, Api, crew
from tests.api.test_timeline import story, trail
from tests.support.samples import NOW
from usecases.incidents import Incidents
from usecases.ports import Store

DOCUMENT = document(ROUTES)
MAY_MISS = {"/api/v1/oncall"}
"""Paths whose query parameters may name a thing that is not there."""


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, found) for path, item in DOCUMENT["paths"].items() for method, found in item.items()]


def validate(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        name, part = re.fullmatch(r"#/components/(\w+)/(\w+)", node["$ref"]).group(2, 1)
        node = DOCUMENT["components"][part][name]
    return node


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for key, value in node.items() for text in ([value] if key == "$ref" else references(value))]
    return [text for item in node for text in references(item)] if isinstance(node, list) else []


def test_the_document_names_exactly_the_registered_routes() -> None:
    app = web.Application()
    add_api(app, None, (READER,))
    registered = {
        (route.resource.canonical, route.method.lower()) for route in app.router.routes() if route.method != "HEAD"
    }
    assert registered == {(path, method) for path, method, _ in operations()}


def test_the_contract_of_this_version_is_served() -> None:
    assert {path for path, _, _ in operations()} == {
        "/api/v1/incidents",
        "/api/v1/incidents/{ref}",
        "/api/v1/incidents/{ref}/timeline",
        "/api/v1/incidents/{ref}/timeline/markdown",
        "/api/v1/incidents/{ref}/timeline/csv",
        "/api/v1/incidents/{ref}/timeline/json",
        "/api/v1/incidents/{ref}/pages",
        "/api/v1/actions",
        "/api/v1/care",
        "/api/v1/approvals",
        "/api/v1/changes",
        "/api/v1/maintenance",
        "/api/v1/maintenance/{id}",
        "/api/v1/handoffs",
        "/api/v1/digest",
        "/api/v1/metrics",
        "/api/v1/oncall",
        "/api/v1/problems",
        "/api/v1/reviews/{ref}",
        "/api/v1/reviews/{ref}/markdown",
        "/api/v1/reviews/{ref}/html",
        "/api/v1/reviews/{ref}/docx",
        "/api/v1/schedules/{id}/shifts",
        "/api/v1/openapi.json",
    }


def test_it_is_openapi_3_1_with_unique_names() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    names = [found["operationId"] for _, _, found in operations()]
    assert len(names) == len(set(names))
    for _, method, found in operations():
        assert found["summary"].endswith(".")
        assert found["security"] == [{"bearer": [str(ApiRole.READ if method == "get" else ApiRole.ADMIN)]}]
        assert set(found["responses"]) >= {"200", "401", "503"}
        if method == "post":
            assert set(found["responses"]) >= {"201", "400", "403", "409", "413", "422"}
            assert found["requestBody"]["required"] is True


def test_path_parameters_are_those_of_the_path() -> None:
    for path, _, found in operations():
        declared = [parameter["name"] for parameter in found["parameters"] if parameter["in"] == "path"]
        assert declared == re.findall(r"{(\w+)}", path)
        assert ("404" in found["responses"]) == (bool(declared) or path in MAY_MISS)
        assert ("400" in found["responses"]) == (len(found["parameters"]) > len(declared))


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    for reference in references(DOCUMENT):
        assert resolved({"$ref": reference})
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    for _, _, found in operations():
        for parameter in found["parameters"]:
            Draft202012Validator.check_schema(parameter["schema"])
            for example in parameter["schema"].get("examples", ()):
                validate(parameter["schema"], example)
    used = {reference.rpartition("/")[2] for reference in references(DOCUMENT) if "/schemas/" in reference}
    assert used == set(SCHEMAS)


async def test_the_served_document_is_this_one(api: Api) -> None:
    answer = await api.get("openapi.json")
    assert answer.status == 200
    assert answer.body == DOCUMENT


ASKED = [
    ("/api/v1/incidents", "incidents"),
    ("/api/v1/incidents", "incidents?limit=1"),
    ("/api/v1/incidents", "incidents?status=resolved&service=checkout"),
    ("/api/v1/incidents", "incidents?limit=0"),
    ("/api/v1/incidents", "incidents?status=closed"),
    ("/api/v1/incidents/{ref}", "incidents/INC-1"),
    ("/api/v1/incidents/{ref}", "incidents/2"),
    ("/api/v1/incidents/{ref}", "incidents/nothing"),
    ("/api/v1/incidents/{ref}/timeline", "incidents/INC-1/timeline"),
    ("/api/v1/incidents/{ref}/timeline", "incidents/INC-1/timeline?limit=1"),
    ("/api/v1/incidents/{ref}/timeline", "incidents/INC-1/timeline?limit=x"),
    ("/api/v1/incidents/{ref}/timeline", "incidents/INC-7/timeline"),
    ("/api/v1/openapi.json", "openapi.json"),
]


async def many_shapes(database: Database) -> None:
    await story(database)

    def work(store: Store) -> None:
        who = crew(store)
        desk = Incidents(store, NOW)
        desk.revise_note(who.lin, "m2", "besser")
        desk.note(who.ada, 1, "weg damit", trail("x1"))
        desk.erase_words(who.ada, "x1")
        desk.reopen(who.ada, 1, "noch nicht vorbei", trail("x2"))
        for role in Role:
            desk.assign(who.ada, 1, role, who.grace, trail(f"x-{role}"))

    await database.write(work)


@pytest.mark.parametrize(("path", "asked"), ASKED)
async def test_real_answers_follow_the_document(database: Database, api: Api, path: str, asked: str) -> None:
    await many_shapes(database)
    answer = await api.get(asked)
    described = resolved(DOCUMENT["paths"][path]["get"]["responses"][str(answer.status)])
    assert list(described["content"]) == [answer.headers["type"]]
    validate(described["content"][answer.headers["type"]]["schema"], answer.body)


@pytest.mark.parametrize("path", [route.path for route in ROUTES])
async def test_refusals_follow_the_document(api: Api, path: str) -> None:
    answer = await api.get(path.removeprefix("/api/v1/").replace("{ref}", "INC-1"), headers={})
    described = resolved(DOCUMENT["paths"][path]["get"]["responses"]["401"])
    validate(described["content"]["application/problem+json"]["schema"], answer.body)


@pytest.mark.parametrize("status", [*Status, "open", "open,resolved", "monitoring,identified"])
def test_the_status_pattern_takes_what_the_route_takes(status: str) -> None:
    (schema,) = [
        p["schema"] for p in DOCUMENT["paths"]["/api/v1/incidents"]["get"]["parameters"] if p["name"] == "status"
    ]
    validate(schema, str(status))
    assert not Draft202012Validator(schema).is_valid(f"{status},closed")
