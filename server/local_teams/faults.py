"""Faults on request: what real Teams does on a bad day, for tests and for the curious."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from server.local_teams.errors import PageError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_MAX_DELAY_SECONDS = 120.0


@dataclass(slots=True)
class FaultRule:
    """One planned fault; the first rule that fits a request is used, `count` times.

    Match: `method`, `path` (part of the path below the emulator), `conversation` (part of the path too) and
    `contains` (part of the body); what is empty fits everything. Fault: wait `delay` seconds; then with a `status`
    answer it with `body` (text is sent as HTML, anything else as JSON) and `retry_after`; with `drop` cut the
    connection. `delivered` carries the request out first, so that the bot cannot know. Without status and drop the
    request is only delayed.
    """

    method: str = ""
    path: str = ""
    conversation: str = ""
    contains: str = ""
    status: int = 0
    body: Any = None
    retry_after: int | None = None
    delay: float = 0.0
    drop: bool = False
    delivered: bool = False
    count: int = 1

    def fits(self, request: web.Request, body: str) -> bool:
        """Say whether this rule is for the request."""
        wanted = (self.path, self.conversation)
        if self.method and self.method.upper() != request.method:
            return False
        return all(part in request.path for part in wanted) and self.contains in body

    def answer(self) -> web.Response:
        """Return the planned answer."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body, content_type="text/html", headers=headers)
        body = self.body or {"error": {"code": "Fault", "message": "A fault that was asked for."}}
        return web.json_response(body, status=self.status, headers=headers)


@dataclass(slots=True)
class Call:
    """One request of the bot, as it came, and what it was told (status 0: the connection was cut)."""

    seq: int
    at: float
    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int = 0
    answer: Any = None
    fault: bool = False


@dataclass(slots=True)
class Faults:
    """The planned faults and the log of what the bot asked for."""

    rules: list[FaultRule] = field(default_factory=list)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=5000))
    seq: int = 0

    def plan(self, told: Any) -> None:
        """Add rules from JSON, a list or one. Raises `PageError` 400 with a sentence for what is not a rule."""
        items = told if isinstance(told, list) else [told]
        try:
            self.rules.extend([FaultRule(**item) for item in items])
        except TypeError as problem:
            raise PageError(400, f"This is not a fault rule: {problem}") from None

    def log(self, request: web.Request, body: Any) -> Call:
        """Write down a request that has just come in."""
        self.seq += 1
        call = Call(self.seq, time.time(), request.method, request.path, dict(request.query), body)
        self.calls.append(call)
        return call

    def take(self, request: web.Request, body: str) -> FaultRule | None:
        """Use up one count of the first rule that fits."""
        rule = next((rule for rule in self.rules if rule.fits(request, body)), None)
        if rule:
            rule.count -= 1
            if rule.count <= 0:
                self.rules.remove(rule)
        return rule

    async def carry_out(self, rule: FaultRule, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Do what the rule says instead of, or around, the real work."""
        if rule.delay:
            await asyncio.sleep(min(rule.delay, _MAX_DELAY_SECONDS))
        if not rule.status and not rule.drop:
            return await handler(request)
        if rule.delivered:
            await handler(request)
        if rule.drop and request.transport is not None:
            request.transport.abort()
            return web.Response(status=400)
        return rule.answer()
