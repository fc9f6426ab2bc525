"""The HTTP side of the product: the bot's endpoint, measured, and what every route shares."""

import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.transport.edge import BODY_LIMIT, KIND
from server import problems
from server.metrics import Metrics

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def web_application(*, messages: Handler, metrics: Metrics) -> web.Application:
    """Build the application with the bot's endpoint; API, health and pages are added to it."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[problems.middleware(prefix="/api/v1/")])  # pyright: ignore[reportArgumentType] - aiohttp names the parameters
    app.router.add_post("/api/messages", _measured(messages, metrics))
    return app


def _measured(messages: Handler, metrics: Metrics) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        began = time.perf_counter()
        answer = await messages(request)
        metrics.inbound(request.get(KIND, "refused"), answer.status, time.perf_counter() - began)
        return answer

    return handle
