"""A stand-in for Teams on a real socket: key server, token endpoint and connector, with faults on demand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.tokens import jwk


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one connector call instead of (or, with `delivered`, after) its success."""

    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delay: float = 0.0
    drop: bool = False
    delivered: bool = False

    @classmethod
    def teams(cls, status: int, code: str, **headers: str) -> "Fault":
        body = {"error": {"code": code, "message": f"{code} as Teams words it"}}
        return cls(status=status, body=body, headers={name.replace("_", "-"): text for name, text in headers.items()})

    @classmethod
    def html(cls, status: int = 502) -> "Fault":
        return cls(status=status, body="<html><body>bad gateway</body></html>", content_type="text/html")

    @classmethod
    def lost_before(cls) -> "Fault":
        return cls(drop=True)

    @classmethod
    def lost_after(cls) -> "Fault":
        return cls(drop=True, delivered=True)


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    """Path and query exactly as they came over the wire."""
    authorization: str
    body: Any


class ConnectorDouble:
    """Serves below one base address what contracts section 5 lists; `serving` starts it."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = [jwk("k1", endorsements=["msteams"])]
        self.keys_status, self.keys_delay, self.key_fetches = 200, 0.0, 0
        self.token_status, self.token_delay, self.token_lifetime, self.token_calls = 200, 0.0, 3600, 0
        self.token_form: dict[str, Any] = {}
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.delivered: list[Call] = []
        self.members: dict[str, dict[str, Any]] = {}

    @property
    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openidconfiguration", self._metadata)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/oauth2/v2.0/token", self._token)
        app.router.add_route("*", "/{prefix:.*}v3/conversations{rest:.*}", self._connector)
        return app

    async def _metadata(self, request: web.Request) -> web.Response:
        base = f"http://{request.host}"
        return web.json_response({"issuer": base, "jwks_uri": f"{base}/keys"})

    async def _keys(self, request: web.Request) -> web.Response:
        self.key_fetches += 1
        await asyncio.sleep(self.keys_delay)
        if self.keys_status != 200:
            return web.Response(status=self.keys_status, text="<html>no</html>", content_type="text/html")
        return web.json_response({"keys": self.keys})

    async def _token(self, request: web.Request) -> web.Response:
        self.token_calls += 1
        self.token_form = dict(await request.post())
        await asyncio.sleep(self.token_delay)
        if self.token_status != 200:
            return web.json_response({"error": "invalid_client"}, status=self.token_status)
        answer = {
            "access_token": f"t{self.token_calls}",
            "expires_in": self.token_lifetime,
            "token_type": "Bearer",
        }
        return web.json_response(answer)

    async def _connector(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        call = Call(
            request.method,
            request.raw_path,
            request.headers.get("Authorization", ""),
            json.loads(text) if text else None,
        )
        self.calls.append(call)
        fault = self.faults.pop(0) if self.faults else None
        if fault is None:
            return self._deliver(call)
        await asyncio.sleep(fault.delay)
        answer = self._deliver(call) if fault.delivered or not (fault.status or fault.drop) else None
        if fault.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer or _answer(fault)

    def _deliver(self, call: Call) -> web.Response:
        self.delivered.append(call)
        number = len(self.delivered)
        if call.method == "GET":
            member = call.path.rpartition("/")[2]
            return web.json_response(self.members.get(member, {"id": member}))
        if call.path.endswith("/v3/conversations"):
            return web.json_response({"id": f"a:new-{number}", "activityId": f"{number}"}, status=201)
        if call.method == "DELETE":
            return web.Response(status=200)
        return web.json_response({"id": f"{number}"}, status=201 if call.method == "POST" else 200)


def _answer(fault: Fault) -> web.Response:
    text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body or {})
    return web.Response(status=fault.status, text=text, content_type=fault.content_type, headers=fault.headers)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve `app` on a real loopback socket as in production: a turn is not cancelled when its caller leaves."""
    runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
