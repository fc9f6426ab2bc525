"""The web page of Local Teams: one HTML file, plain modules and style sheets, no build step."""

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"


class Pages:
    """Serves the page and its files. `prefix` is the path of the emulator's address, without a slash at its end."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes, relative to the emulator's address."""
        return [web.get("/", self.index), web.static("/static", STATIC)]

    async def index(self, _: web.Request) -> web.Response:
        """Answer the page."""
        text = (STATIC / "index.html").read_text(encoding="utf-8").replace("{{prefix}}", self._prefix)
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-cache"})
