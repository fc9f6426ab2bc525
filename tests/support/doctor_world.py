"""What `doctor` visits: the server's health and an emulator's keys and tokens, each answering as a test wants it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.support.tokens import jwk

PATH = "/local-teams"


@dataclass
class World:
    """The server and, below a path, an emulator: what each answers can be changed."""

    port: int
    healthz: str = "ok\n"
    metadata_status: int = 200
    keys: list[Any] | None = None
    token_status: int = 200
    date: str | None = None
    hang: bool = False

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def emulator(self) -> str:
        return f"{self.origin}{PATH}"

    @property
    def environ(self) -> dict[str, str]:
        return {"PORT": str(self.port)}

    async def alive(self, _: web.Request) -> web.Response:
        return web.Response(text=self.healthz)

    async def metadata(self, _: web.Request) -> web.Response:
        if self.hang:
            await asyncio.Event().wait()
        body = {"issuer": self.emulator, "jwks_uri": f"{self.emulator}/keys"}
        answer = web.json_response(body, status=self.metadata_status)
        if self.date is not None:
            answer.headers["Date"] = self.date
        return answer

    async def key_set(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [jwk("k1")] if self.keys is None else self.keys})

    async def token(self, _: web.Request) -> web.Response:
        body = {"access_token": "t0ken-s3cret", "expires_in": 3600, "token_type": "Bearer"}
        return web.json_response(body if self.token_status == 200 else {"error": "no"}, status=self.token_status)


@asynccontextmanager
async def running(world: World) -> AsyncIterator[World]:
    app = web.Application()
    app.router.add_get("/healthz", world.alive)
    app.router.add_get(f"{PATH}/.well-known/openidconfiguration", world.metadata)
    app.router.add_get(f"{PATH}/keys", world.key_set)
    app.router.add_post(f"{PATH}/oauth2/v2.0/token", world.token)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", world.port).start()
    try:
        yield world
    finally:
        await runner.cleanup()
