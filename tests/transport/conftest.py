"""One edge on a real socket in front of a scripted bot, with a stand-in for Teams behind it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.transport.addresses import Addresses, emulator
from bot.transport.connector import Connector, open_session
from bot.transport.credentials import AppCredentials, token_cache
from bot.transport.framework import TeamsEdge
from bot.transport.inbound import Accepted, Answer, Inbound, InvokeAnswer
from bot.transport.inbound_auth import InboundAuth
from tests.support.connector_double import ConnectorDouble, serving
from tests.support.tokens import APP_ID, bearer, token

TENANT = "11111111-2222-3333-4444-555555555555"


@dataclass
class ScriptedBot:
    """Remembers what it was given and answers as the test says."""

    seen: list[Inbound] = field(default_factory=list)
    answer: Answer = field(default_factory=Accepted)
    act: Callable[[Inbound], Awaitable[None]] | None = None

    async def turn(self, inbound: Inbound) -> Answer:
        self.seen.append(inbound)
        if self.act:
            await self.act(inbound)
        if isinstance(self.answer, Accepted) and inbound.kind == "invoke":
            return InvokeAnswer(501)
        return self.answer


@dataclass
class Wire:
    """Everything one test needs: Teams' side, our side, and the address of POST /api/messages."""

    teams: ConnectorDouble
    base: str
    http: ClientSession
    auth: InboundAuth
    connector: Connector
    edge: TeamsEdge
    bot: ScriptedBot
    url: str

    @property
    def service_url(self) -> str:
        return f"{self.base}/emea/"

    def activity(self, **changes: Any) -> dict[str, Any]:
        """A channel message as Teams sends it; None leaves a field out."""
        raw = {
            "type": "message",
            "id": "1700000000001",
            "timestamp": "2026-01-01T10:00:00.1234567Z",
            "localTimestamp": "2026-01-01T11:00:00.123+01:00",
            "localTimezone": "Europe/Berlin",
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": {"id": "29:alice", "name": "Alice", "aadObjectId": "a-1"},
            "conversation": {
                "id": "19:c@thread.tacv2;messageid=1700000000000",
                "conversationType": "channel",
                "isGroup": True,
                "tenantId": TENANT,
            },
            "recipient": {"id": f"28:{APP_ID}", "name": "Incident"},
            "text": "<at>Incident</at> list",
            "channelData": {
                "tenant": {"id": TENANT},
                "team": {"id": "19:t@thread.tacv2", "aadGroupId": "g-1"},
                "channel": {"id": "19:c@thread.tacv2"},
            },
            **changes,
        }
        return {name: value for name, value in raw.items() if value is not None}

    def invoke(self, name: str, value: Any = None, **changes: Any) -> dict[str, Any]:
        return self.activity(type="invoke", name=name, value=value, text=None, **changes)

    def token(self, **claims: Any) -> str:
        service_url = claims.pop("service_url", self.service_url)
        return token(claims.pop("issuer", self.base), service_url, **claims)

    async def post(self, activity: Any, *, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        headers = bearer(self.token()) if headers is None else headers
        body = {"data": activity} if isinstance(activity, bytes) else {"json": activity}
        async with self.http.post(self.url, headers=headers, **body) as reply:
            return reply.status, await reply.read()


def auth_for(http: ClientSession, addresses: Addresses, **changes: Any) -> InboundAuth:
    options: dict[str, Any] = {
        "app_id": APP_ID,
        "metadata_url": addresses.metadata_url,
        "issuers": addresses.issuers,
        "service_urls": addresses.service_urls,
        "allowed_tenants": None,
        "require_endorsements": addresses.require_endorsements,
    }
    return InboundAuth(http, **{**options, **changes})


@pytest.fixture
async def teams() -> AsyncIterator[tuple[ConnectorDouble, str]]:
    double = ConnectorDouble()
    async with serving(double.app) as base:
        yield double, base


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with open_session() as session:
        yield session


@pytest.fixture
async def wire(teams: tuple[ConnectorDouble, str], http: ClientSession) -> AsyncIterator[Wire]:
    double, base = teams
    addresses, bot = emulator(base), ScriptedBot()
    auth = auth_for(http, addresses)
    connector = Connector(http, token_cache(http, addresses, AppCredentials(APP_ID)), addresses.service_urls)
    edge = TeamsEdge(auth, connector, bot)
    app = web.Application()
    app.router.add_post("/api/messages", edge.handle)
    async with serving(app) as address:
        yield Wire(double, base, http, auth, connector, edge, bot, f"{address}/api/messages")
