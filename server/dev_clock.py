"""The development clock over HTTP: a week in a second, for people who try things and for tests.

Only registered while an emulator stands in for Teams. No token is asked, so only this machine may call.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from aiohttp import web

from domain.durations import parse_duration
from domain.zones import LAST_YEAR
from server import problems
from server.local_teams.guard import refusal
from server.problems import Problem, problem, read_json
from server.times import rfc3339
from usecases.ports import Database, Store

PATH = "/dev/clock"
PATIENCE_S = 30.0
"""How long a jump waits for the work it made due."""

_NO_TIME = frozenset({"PT0S", "PT0M", "PT0H", "P0D"})
_BAD_REQUEST, _FORBIDDEN, _LATE = 400, 403, 504
_USAGE = 'Write {"advance": "PT15M"} or {"set": "2026-11-30T08:00:00Z"}.'


class MovableClock(Protocol):
    """What is asked of the clock; scheduling.clock.DevelopmentClock is one. Steps back raise Refused."""

    def now(self, store: Store) -> datetime:
        """Tell the time, in UTC."""
        ...

    def advance(self, store: Store, by: timedelta) -> datetime:
        """Move forward and tell the new time."""
        ...

    def move_to(self, store: Store, at: datetime) -> datetime:
        """Move forward to a moment and tell the new time."""
        ...


Settle = Callable[[], Awaitable[None]]
"""Returns when everything due by now has been claimed once, and what became due because of it."""


def add_dev_clock(
    app: web.Application, database: Database, clock: MovableClock, settle: Settle, *, patience_s: float = PATIENCE_S
) -> None:
    """Serve GET and POST /dev/clock. A jump is answered when `settle` has returned, or 504 after `patience_s`."""

    async def show(_: web.Request) -> web.Response:
        return _answer(await database.read(clock.now))

    async def move(request: web.Request) -> web.Response:
        step = _step(await read_json(request), clock)
        now = await database.write(step)
        try:
            await asyncio.wait_for(settle(), patience_s)
        except TimeoutError:
            late = f"The clock stands at {rfc3339(now)}, but after {patience_s:g} seconds there is still work due."
            raise Problem(_LATE, late) from None
        return _answer(now)

    app.router.add_get(PATH, _guarded(show))
    app.router.add_post(PATH, _guarded(move))


def _step(body: object, clock: MovableClock) -> Callable[[Store], datetime]:
    """Read what is asked for; the clock itself refuses to go back."""
    match body:
        case {"advance": str(text), **rest} if not rest:
            by = _length(text)
            return lambda store: clock.advance(store, by)
        case {"set": str(text), **rest} if not rest:
            at = _moment(text)
            return lambda store: clock.move_to(store, at)
        case _:
            raise Problem(_BAD_REQUEST, f"That is no step of the clock. {_USAGE}")


def _length(text: str) -> timedelta:
    if text.strip().upper() in _NO_TIME:  # moves nothing, but waits for what is due
        return timedelta(0)
    try:
        return parse_duration(text)
    except ValueError as fault:
        raise Problem(_BAD_REQUEST, str(fault)) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year > LAST_YEAR:
        raise Problem(_BAD_REQUEST, f"“{text[:40]}” is no moment up to {LAST_YEAR} with Z or an offset. {_USAGE}")
    return moment


def _answer(now: datetime) -> web.Response:
    return web.json_response({"now": rfc3339(now)}, headers={"Cache-Control": "no-store"})


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _guarded(handler: _Handler) -> _Handler:
    """Let only this machine in, and answer every failure with a sentence.

    The host's name and the page's origin count too: else a page of another site could move the clock from a browser.
    """
    answering = problems.middleware(PATH)

    async def guarded(request: web.Request) -> web.StreamResponse:
        if refusal(request):
            return problem(_FORBIDDEN, "The development clock answers only this machine, under a loopback address.")
        return await answering(request, handler)

    return guarded
