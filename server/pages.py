"""What a browser sees at `/` when no Local Teams is there."""

from aiohttp import web

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Incident</title><style>
body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}
@media (prefers-color-scheme:dark){body{color:#eee;background:#1b1b1f}}
</style></head><body><main><h1>Incident</h1>
<p>The incident bot is running. It is used in Microsoft Teams: write it <strong>help</strong> in a chat,
or mention it in a channel.</p></main></body></html>
"""


async def index(_: web.Request) -> web.Response:
    """Say what this is and where it is used; incidents are shown to nobody whose identity is unknown."""
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return web.Response(text=_PAGE, content_type="text/html", headers=headers)
