"""Local Teams put together: one aiohttp application that stands in for Microsoft Teams on this machine."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from server.local_teams.activities import ActivityWriter
from server.local_teams.api import PageApi
from server.local_teams.connector import Connector
from server.local_teams.courier import Courier
from server.local_teams.directory import Directory
from server.local_teams.errors import PageError
from server.local_teams.guard import Handler, guard, guarded
from server.local_teams.limits import RateWindows, Windows
from server.local_teams.live import Live
from server.local_teams.login import Login
from server.local_teams.pages import Pages
from server.local_teams.pressing import Pressing
from server.local_teams.seam import Seam, unknown_route
from server.local_teams.store import Store
from server.local_teams.tokens import TokenIssuer
from server.local_teams.values import (
    ROSTER_WINDOWS,
    SEND_WINDOWS,
    CommandHint,
    MessageAction,
    Patience,
    PeopleSource,
    TeamsSource,
)
from server.local_teams.world import World
from server.local_teams.writing import Writing

_SERVICE = "/teams"


def real_time() -> datetime:
    """Return the present moment, UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


class LocalTeams:
    """The emulator of Microsoft Teams (contract: OpenID metadata, token endpoint, connector) with its web page.

    `base_url` is its own address E, without a slash at the end; mount `app()` at that path. `bot_url` is the bot's
    `POST /api/messages`, or several for several processes, used in turn. `people` and `teams` are asked at most
    twice a second. `store_path` None keeps nothing over a restart. `now` gives the times that messages carry and
    the age of private ones; rate windows and tokens always follow real time.
    """

    def __init__(
        self,
        *,
        base_url: str,
        bot_url: str | list[str],
        people: PeopleSource,
        teams: TeamsSource,
        http: aiohttp.ClientSession,
        app_id: str = "local-bot",
        bot_name: str = "Incident",
        store_path: Path | None = None,
        now: Callable[[], datetime] = real_time,
        message_actions: Sequence[MessageAction] = (),
        commands: Sequence[CommandHint] = (),
        send_windows: Windows = SEND_WINDOWS,
        roster_windows: Windows = ROSTER_WINDOWS,
        count_updates: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.service_url = f"{self.base_url}{_SERVICE}/"
        self._store = Store(store_path)
        self._issuer = TokenIssuer(self.base_url, app_id)
        self.directory = Directory(people, teams, app_id)
        self.world = World(self.directory, self._store, app_id, now)
        self.live = Live(self.world)
        bot_urls = [bot_url] if isinstance(bot_url, str) else bot_url
        self._courier = Courier(bot_urls, self._issuer, http, patience or Patience())
        writer = ActivityWriter(self.world, app_id=app_id, bot_name=bot_name, service_url=self.service_url)
        self._pressing = Pressing(self.world, self.live, writer, self._courier)
        windows = [RateWindows("send", send_windows), RateWindows("roster", roster_windows)]
        self._seam = Seam(self._issuer, self._courier, windows)
        self._connector = Connector(
            self.world,
            self.live,
            bot_name=bot_name,
            sends=windows[0],
            rosters=windows[1],
            count_updates=count_updates,
            on_post=self._pressing.refresh_for_viewers,
        )
        self._api = PageApi(
            self.world,
            self.live,
            Writing(self.world, self.live, writer, self._courier),
            self._pressing,
            bot_name=bot_name,
            actions=message_actions,
            commands=commands,
        )
        self._login = Login(self.base_url, app_id, self._issuer)
        self._pages = Pages(urlsplit(self.base_url).path)

    def app(self) -> web.Application:
        """Return the sub-application, to be mounted at the path of `base_url` or served on its own."""
        app = web.Application(middlewares=[guard, self._prepared])
        catch_all = [web.route("*", _SERVICE + "/{rest:.*}", unknown_route)]
        app.add_routes(self._seam.wrap(self._login.routes(), token=False))
        app.add_routes(self._seam.wrap(self._connector.routes(_SERVICE) + catch_all, token=True))
        app.add_routes(self._seam.routes())
        app.add_routes(self._api.routes())
        app.add_routes(self._pages.routes())
        app.cleanup_ctx.append(self._life)
        app.on_shutdown.append(self._shut)
        return app

    @property
    def page_routes(self) -> list[web.RouteDef]:
        """The route `/` of the server that hosts the sub-application."""
        return [web.get("/", guarded(self._pages.index))]

    async def _life(self, _: web.Application) -> AsyncIterator[None]:
        kept = await self._store.load()
        self.world.restore(kept)
        await self._issuer.start(kept.get("key", {}).get("signing"))
        self._store.put("key", "signing", self._issuer.pem)
        yield
        await self._pressing.close()
        await self._courier.close()
        await self._store.close()

    async def _shut(self, _: web.Application) -> None:
        self.live.close()

    @web.middleware
    async def _prepared(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self.directory.refresh()
        try:
            return await handler(request)
        except PageError as problem:
            return web.json_response({"error": problem.sentence}, status=problem.status)
