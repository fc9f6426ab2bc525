import asyncio
import json
import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from domain.errors import Refused, Unknown
from server import problems
from server.problems import Problem, problem, read_json
from usecases.ports import Unavailable

FAULTS = {
    "problem": Problem(409, "The key was used with another body."),
    "refused": Refused("A note needs a text."),
    "unknown": Unknown("There is no INC-99."),
    "unavailable": Unavailable("s3cret host db.internal"),
    "bug": KeyError("s3cret detail"),
    "forbidden": web.HTTPForbidden(),
    "found": web.HTTPFound("/elsewhere"),
}


async def raise_it(request: web.Request) -> web.Response:
    raise FAULTS[request.match_info["name"]]


async def echo(request: web.Request) -> web.Response:
    return web.json_response(await read_json(request))


def application() -> web.Application:
    app = web.Application(middlewares=[problems.middleware()], client_max_size=150_000)
    app.router.add_get("/api/fault/{name}", raise_it)
    app.router.add_get("/page/fault/{name}", raise_it)
    app.router.add_post("/api/echo", echo)
    return app


async def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, object], dict[str, str]]:
    async with (
        TestClient(TestServer(application())) as client,
        client.request(method, path, data=body, allow_redirects=False) as answer,
    ):
        text = await answer.text()
        is_json = answer.content_type in ("application/problem+json", "application/json")
        headers = {**answer.headers, "type": answer.content_type}
        return answer.status, json.loads(text) if is_json else {"text": text}, headers


@pytest.mark.parametrize(
    ("name", "status", "title", "detail"),
    [
        ("problem", 409, "Conflict", "The key was used with another body."),
        ("refused", 400, "Bad Request", "A note needs a text."),
        ("unknown", 404, "Not Found", "There is no INC-99."),
        ("unavailable", 503, "Service Unavailable", "The database does not answer; please try again."),
        ("forbidden", 403, "Forbidden", "Forbidden."),
    ],
)
async def test_expected_faults(name: str, status: int, title: str, detail: str) -> None:
    got, body, headers = await ask("GET", f"/api/fault/{name}")
    assert got == status
    assert headers["type"] == "application/problem+json"
    assert body == {"type": "about:blank", "title": title, "status": status, "detail": detail}
    assert ("Retry-After" in headers) == (status == 503)


async def test_a_bug_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        status, body, headers = await ask("GET", "/api/fault/bug")
    assert status == 503
    assert headers["Retry-After"] == "5"
    assert "s3cret" not in json.dumps(body)
    assert "Traceback" not in json.dumps(body)
    (record,) = caplog.records
    assert str(body["reference"]) in record.getMessage()
    assert str(body["reference"]) in str(body["detail"])
    assert record.exc_info is not None


async def test_no_such_route_and_wrong_method() -> None:
    status, body, headers = await ask("GET", "/api/nothing")
    assert (status, body["status"], headers["type"]) == (404, 404, "application/problem+json")
    status, _, headers = await ask("GET", "/api/echo")
    assert (status, headers["Allow"]) == (405, "POST")


async def test_a_redirect_is_no_problem() -> None:
    status, _, headers = await ask("GET", "/api/fault/found")
    assert (status, headers["Location"]) == (302, "/elsewhere")


async def test_pages_are_left_alone() -> None:
    status, _, headers = await ask("GET", "/page/fault/forbidden")
    assert (status, headers["type"]) == (403, "text/plain")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"nonsense"])
async def test_a_body_that_is_no_json(body: bytes) -> None:
    status, answer, _ = await ask("POST", "/api/echo", body)
    assert (status, answer["detail"]) == (400, "The body is not JSON.")


async def test_a_body_that_is_json() -> None:
    assert (await ask("POST", "/api/echo", b'{"a": [1]}'))[:2] == (200, {"a": [1]})


async def test_a_body_that_is_too_large() -> None:
    status, _, headers = await ask("POST", "/api/echo", b" " * 200_000)
    assert (status, headers["type"]) == (413, "application/problem+json")


async def test_a_cancelled_request_is_not_answered() -> None:
    async def cancelled(_: web.Request) -> web.Response:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await problems.middleware()(make_mocked_request("GET", "/api/x"), cancelled)


def test_extra_members() -> None:
    body = json.loads(problem(418, "No coffee.", pot="tea").text or "")
    assert (body["title"], body["pot"]) == ("I'm a Teapot", "tea")
    assert json.loads(problem(499, "Odd.").text or "")["title"] == "Error"
