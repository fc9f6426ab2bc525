"""What surrounds every request of the bot: the log, the planned faults, the token check, Teams' way to refuse."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from server.local_teams.courier import Courier
from server.local_teams.errors import PageError, TeamsError
from server.local_teams.faults import Call, Faults
from server.local_teams.limits import RateWindows
from server.local_teams.tokens import TokenIssuer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Seam:
    """Wraps the bot's side of the emulator and shows what went over it (`_calls`, `_faults`)."""

    def __init__(self, issuer: TokenIssuer, courier: Courier, windows: list[RateWindows]) -> None:
        self._issuer = issuer
        self._courier = courier
        self._windows = windows
        self.faults = Faults()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for tests and the curious, relative to the emulator's address."""
        return [
            web.get("/_calls", self.show_calls),
            web.delete("/_calls", self.forget_calls),
            web.get("/_faults", self.show_faults),
            web.post("/_faults", self.plan_faults),
            web.delete("/_faults", self.drop_faults),
        ]

    def wrap(self, routes: list[web.RouteDef], *, token: bool) -> list[web.RouteDef]:
        """Return the routes with log and faults around them; with `token` only for bearers of one."""
        return [web.route(route.method, route.path, self._wrapped(route.handler, token=token)) for route in routes]

    def _wrapped(self, handler: Any, *, token: bool) -> Handler:
        async def real(request: web.Request) -> web.StreamResponse:
            if token and not self._issuer.granted(request.headers.get("Authorization", "")):
                return _refused(TeamsError(401, "Unauthorized", "Authorization has been denied for this request."))
            try:
                return await handler(request)
            except TeamsError as refusal:
                return _refused(refusal)
            except web.HTTPRequestEntityTooLarge:
                return _refused(TeamsError(413, "MessageSizeTooBig", "The message size is too big."))

        async def wrapped(request: web.Request) -> web.StreamResponse:
            try:
                body = await request.text()
            except (web.HTTPRequestEntityTooLarge, UnicodeDecodeError):
                body = ""
            call = self.faults.log(request, _parsed(body))
            rule = self.faults.take(request, body)
            call.fault = rule is not None
            response = await (self.faults.carry_out(rule, request, real) if rule else real(request))
            if not (rule and rule.drop):
                _note(call, response)
            return response

        return wrapped

    async def show_calls(self, _: web.Request) -> web.Response:
        """Answer what the bot asked for, how its endpoint answered, and where it was too fast."""
        violations = [violation for windows in self._windows for violation in windows.report()]
        calls = [asdict(call) for call in self.faults.calls]
        return web.json_response({"calls": calls, "deliveries": self._courier.report(), "violations": violations})

    async def forget_calls(self, _: web.Request) -> web.Response:
        """Empty the log."""
        self.faults.calls.clear()
        self._courier.log.clear()
        for windows in self._windows:
            windows.violations.clear()
        return web.json_response({})

    async def show_faults(self, _: web.Request) -> web.Response:
        """Answer the faults still planned."""
        return web.json_response({"rules": [asdict(rule) for rule in self.faults.rules]})

    async def plan_faults(self, request: web.Request) -> web.Response:
        """Plan faults: one rule or a list of rules, see `FaultRule`."""
        try:
            self.faults.plan(await request.json())
        except ValueError:
            raise PageError(400, "The body is not JSON.") from None
        return await self.show_faults(request)

    async def drop_faults(self, request: web.Request) -> web.Response:
        """Plan no faults any more."""
        self.faults.rules.clear()
        return await self.show_faults(request)


async def unknown_route(_: web.Request) -> web.StreamResponse:
    """Answer 404 for what this connector does not offer."""
    raise TeamsError(404, "NotFound", "Local Teams does not offer this.")


def _refused(refusal: TeamsError) -> web.Response:
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    return web.json_response(refusal.body, status=refusal.status, headers=headers)


def _parsed(body: str) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


def _note(call: Call, response: web.StreamResponse) -> None:
    call.status = response.status
    text = response.text if isinstance(response, web.Response) else None
    # A token is for the bot alone, also here.
    call.answer = None if "token" in call.path else _parsed(text or "")
