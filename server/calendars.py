"""Calendars for people's own calendar programs. The address is the secret; there is no other key."""

import hashlib

from aiohttp import web

from integrations.calendars.writing import write_calendar
from usecases.calendars import calendar_of
from usecases.ports import Clock, Database, Store, Unavailable

_LONGEST = 200
_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "X-Robots-Tag": "noindex",
    "Content-Disposition": 'inline; filename="on-call.ics"',
}


def add_calendars(app: web.Application, database: Database, clock: Clock) -> None:
    """Serve /calendar/{secret}.ics: 404 for an address that does not exist or has been renewed."""

    def read(store: Store, secret: str) -> bytes | None:
        # To the hour: the same shifts give the same text, so that a program need not load them again.
        hour = clock.now(store).replace(minute=0, second=0, microsecond=0)
        found = calendar_of(store, secret, hour)
        return None if found is None else write_calendar(found, hour)

    async def show(request: web.Request) -> web.Response:
        secret = request.match_info["secret"]
        try:
            text = await database.read(lambda store: read(store, secret)) if len(secret) <= _LONGEST else None
        except Unavailable as gone:
            return web.Response(status=503, text=f"{gone}\n", headers={"Retry-After": "60"})
        if text is None:
            return web.Response(status=404, text="There is no such calendar; ask the bot for its address.\n")
        mark = hashlib.sha256(text).hexdigest()[:32]
        headers = {**_HEADERS, "ETag": f'"{mark}"'}
        if any(tag.value == mark for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=text, content_type="text/calendar", charset="utf-8", headers=headers)

    app.router.add_get(r"/calendar/{secret:[A-Za-z0-9_-]+}.ics", show)
