"""The API on a real socket, over a real database."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.transport.edge import BODY_LIMIT
from domain.people import Person
from server import problems
from server.api import ROUTES, add_api
from server.api.table import Route
from server.settings import ApiRole, ApiToken
from storage.database import Database
from tests.support.samples import ADA, GRACE, LIN
from usecases.ports import Store

READER = ApiToken(name="board", token="reader-token-0123456789", role=ApiRole.READ)
ADMIN = ApiToken(name="deploys", token="admin-token-0123456789", role=ApiRole.ADMIN)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Api:
    """A caller of the API at `address`."""

    address: str
    token: str | None = READER.token
    _session: aiohttp.ClientSession = field(init=False)

    async def get(self, path: str, *, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
        """Ask for a path below /api/v1, with the reader's token unless other headers are given."""
        if headers is None:
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = f"{self.address}/api/v1/{path}"
        async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers) as answer:
            raw = await answer.read()
            is_json = answer.content_type in ("application/json", "application/problem+json")
            is_text = is_json or answer.content_type.startswith("text/")
            body = json.loads(raw) if is_json and raw else raw.decode("utf-8") if is_text else raw
            return Answer(answer.status, body, {**answer.headers, "type": answer.content_type})

    async def post(self, path: str, body: Any, *, token: str = ADMIN.token, key: str | None = None) -> Answer:
        """Send JSON (bytes as they are) to a path below /api/v1."""
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key is not None else {})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.address}/api/v1/{path}"
        async with aiohttp.ClientSession() as session, session.post(url, headers=headers, data=data) as answer:
            text = (await answer.read()).decode("utf-8")
            return Answer(answer.status, json.loads(text), {**answer.headers, "type": answer.content_type})

    async def items(self, path: str) -> list[Any]:
        answer = await self.get(path)
        assert answer.status == 200, answer.body
        return answer.body["items"]


@asynccontextmanager
async def serving(
    database: Any,
    tokens: tuple[ApiToken, ...] = (READER, ADMIN),
    routes: tuple[Route, ...] = ROUTES,
    clock: Any = None,
) -> AsyncIterator[Api]:
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[problems.middleware()])
    add_api(app, database, tokens, routes, clock=clock)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield Api(f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with serving(database) as found:
        yield found


@dataclass(frozen=True)
class Crew:
    ada: Person
    grace: Person
    lin: Person


def crew(store: Store) -> Crew:
    """Find or store Ada, Grace and Lin."""
    people = (ADA, GRACE, LIN)
    return Crew(*(store.people.by_handle(person.handle) or store.people.add(person) for person in people))
