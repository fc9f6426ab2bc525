import json
from dataclasses import replace
from typing import Any

import pytest

from server.api import ROUTES
from server.settings import ApiRole
from tests.api.conftest import ADMIN, READER, Api, serving
from usecases.ports import Unavailable

PATHS = [
    route.path.removeprefix("/api/v1/")
    .replace("{ref}", "INC-1")
    .replace("maintenance/{id}", "maintenance/1")
    .replace("{id}", "primary")
    for route in ROUTES
]


class NoDatabase:
    """A database that must not be asked."""

    async def read(self, work: Any) -> Any:
        raise AssertionError("the database was asked for somebody without a token")


class Gone:
    async def read(self, work: Any) -> Any:
        raise Unavailable("db.internal s3cret")


class Broken:
    async def read(self, work: Any) -> Any:
        raise KeyError("s3cret")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (None, "A token is needed"),
        ("", "A token is needed"),
        ("Bearer", "A token is needed"),
        ("Bearer ", "A token is needed"),
        (f"Basic {READER.token}", "A token is needed"),
        (READER.token, "A token is needed"),
        ("Bearer wrong", "not known"),
        (f"Bearer {READER.token[:-1]}", "not known"),
        (f"Bearer {READER.token}x", "not known"),
        (f"Bearer {READER.token.upper()}", "not known"),
        (f"Bearer {READER.name}:{READER.token}:read", "not known"),
        ("Bearer täken", "not known"),
    ],
)
async def test_every_route_needs_a_known_token(path: str, header: str | None, sentence: str) -> None:
    async with serving(NoDatabase()) as api:
        answer = await api.get(path, headers={} if header is None else {"Authorization": header})
    assert answer.status == 401
    assert answer.headers["type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Cache-Control"] == "no-store"
    assert sentence in answer.body["detail"]
    assert READER.token not in json.dumps(answer.body)


@pytest.mark.parametrize("path", PATHS)
async def test_without_any_token_configured_the_api_is_off(path: str) -> None:
    async with serving(NoDatabase(), tokens=()) as api:
        answer = await api.get(path)
    assert (answer.status, answer.body["title"]) == (401, "Unauthorized")
    assert "The API is off" in answer.body["detail"]
    assert "API_TOKENS" in answer.body["detail"]


@pytest.mark.parametrize("header", [f"Bearer {READER.token}", f"bearer  {READER.token} ", f"BEARER {ADMIN.token}"])
async def test_a_known_token_is_let_in(api: Api, header: str) -> None:
    assert (await api.get("incidents", headers={"Authorization": header})).status == 200


async def test_a_route_for_admins_refuses_readers(database: Any) -> None:
    routes = (replace(ROUTES[0], role=ApiRole.ADMIN),)
    async with serving(database, routes=routes) as api:
        refused = await api.get("incidents")
        allowed = await api.get("incidents", headers={"Authorization": f"Bearer {ADMIN.token}"})
    assert refused.status == 403
    assert refused.body["detail"] == "The token of board has the role read; this needs admin."
    assert allowed.status == 200


async def test_the_document_needs_no_database() -> None:
    async with serving(NoDatabase()) as api:
        assert (await api.get("openapi.json")).status == 200


@pytest.mark.parametrize("path", [path for path in PATHS if path != "openapi.json"])
@pytest.mark.parametrize("database", [Gone(), Broken()])
async def test_a_database_that_is_gone_is_no_500(path: str, database: Any) -> None:
    async with serving(database) as api:
        answer = await api.get(path)
    assert answer.status == 503
    assert answer.headers["type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "s3cret" not in json.dumps(answer.body)
