"""The development clock over HTTP: a week in a second, for people who try things and for tests.

Only registered while an emulator stands in for Teams. No token is asked, so only this machine may call.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from aiohttp import web

from domain.durations import parse_duration
from domain.errors import Refused
from domain.zones import LAST_YEAR
from scheduling.time_walk import Unsettled
from server import problems
from server.local_teams.guard import refusal
from server.problems import Problem, problem, read_json
from server.times import rfc3339
from usecases.ports import Database, Store

PATH = "/dev/clock"
_NO_TIME = frozenset({"PT0S", "PT0M", "PT0H", "P0D"})
_BAD_REQUEST, _FORBIDDEN, _LATE = 400, 403, 504
_USAGE = 'Write {"advance": "PT15M"} or {"set": "2026-11-30T08:00:00Z"}.'

Aim = Callable[[datetime], datetime]
"""Tells where to go from the time it is now."""
Go = Callable[[Aim], Awaitable[datetime]]
"""Moves the clock, does what becomes due on the way, and tells the time there; scheduling.time_walk.Walk.go is one."""


def add_dev_clock(app: web.Application, database: Database, tell: Callable[[Store], datetime], go: Go) -> None:
    """Serve GET and POST /dev/clock. A jump is answered when all that it made due was done, or 504."""

    async def show(_: web.Request) -> web.Response:
        return _answer(await database.read(tell))

    async def move(request: web.Request) -> web.Response:
        aim = _aim(await read_json(request))
        try:
            return _answer(await go(aim))
        except Unsettled as fault:
            late = f"The clock stands at {rfc3339(fault.now)}, but there is still work due; the log may say why."
            raise Problem(_LATE, late) from None

    app.router.add_get(PATH, _guarded(show))
    app.router.add_post(PATH, _guarded(move))


def _aim(body: object) -> Aim:
    """Read what is asked for. The aim raises Refused for a step back or out of the calendar."""
    match body:
        case {"advance": str(text), **rest} if not rest:
            by = _length(text)
            return lambda now: _forward(now, by)
        case {"set": str(text), **rest} if not rest:
            at = _moment(text)
            return lambda now: _forward(now, at - now)
        case _:
            raise Problem(_BAD_REQUEST, f"That is no step of the clock. {_USAGE}")


def _forward(now: datetime, by: timedelta) -> datetime:
    if by < timedelta(0):
        raise Refused("The clock only moves forward.")
    try:
        target = now + by
    except OverflowError:
        target = None
    if target is None or target.year > LAST_YEAR:
        raise Refused(f"That is further than the calendar goes, the end of {LAST_YEAR}.")
    return target


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
