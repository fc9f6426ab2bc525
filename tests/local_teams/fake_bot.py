"""A tiny bot over real HTTP: checks tokens against the key set, remembers what it heard, plays a few cards."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
from aiohttp import web

from tests.local_teams import cards

Reply = Callable[["FakeBot", dict[str, Any]], Awaitable[web.Response | None]]


@dataclass
class FakeBot:
    """Speaks the seam with the emulator at `base_url`. `reply` may answer an activity before the built-in play."""

    base_url: str
    http: aiohttp.ClientSession
    app_id: str = "local-bot"
    heard: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    reply: Reply | None = None
    acknowledged: dict[str, str] = field(default_factory=dict)
    _token: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(self.routes())
        return app

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/messages", self.receive)]

    # Hearing

    async def receive(self, request: web.Request) -> web.Response:
        activity = await request.json()
        await self._check(request.headers["Authorization"].removeprefix("Bearer "), activity)
        self.heard.append(activity)
        self._news.set()
        answer = await self.reply(self, activity) if self.reply else None
        if answer is None:
            answer = await self._play(activity)
        self.statuses.append(answer.status)
        return answer

    async def _check(self, token: str, activity: dict[str, Any]) -> None:
        async with self.http.get(f"{self.base_url}/.well-known/openidconfiguration") as response:
            metadata = await response.json()
        async with self.http.get(metadata["jwks_uri"]) as response:
            keys = jwt.PyJWKSet.from_dict(await response.json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=self.app_id,
            issuer=self.base_url,
            options={"require": ["exp", "iss", "aud"]},
        )
        assert claims["serviceurl"] == activity["serviceUrl"]
        self.claims.append(claims)

    async def hear(self, count: int) -> list[dict[str, Any]]:
        """Wait until this many activities have been heard in all."""
        return await self.hear_until(lambda heard: len(heard) >= count)

    async def hear_until(self, wanted: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Wait until what has been heard is as wanted."""
        async with asyncio.timeout(30.0):
            while not wanted(self.heard):
                self._news.clear()
                await self._news.wait()
        return self.heard

    # Speaking

    async def token(self) -> str:
        if not self._token:
            form = {"grant_type": "client_credentials", "client_id": self.app_id, "scope": "bot/.default"}
            async with self.http.post(f"{self.base_url}/oauth2/v2.0/token", data=form) as response:
                assert response.status == 200
                self._token = (await response.json())["access_token"]
        return self._token

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any, Any]:
        """Call the connector; returns status, JSON (None without) and headers."""
        headers = {"Authorization": f"Bearer {await self.token()}"}
        url = f"{self.base_url}/teams/v3/{path}"
        async with self.http.request(method, url, json=body, params=query, headers=headers) as response:
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else None, response.headers

    async def post(self, conversation: str, activity: dict[str, Any], **query: str) -> str:
        """Write a message; returns its id."""
        status, answer, _ = await self.call("POST", f"conversations/{conversation}/activities", activity, **query)
        assert status == 201, answer
        return answer["id"]

    async def put(self, conversation: str, message: str, activity: dict[str, Any], **query: str) -> None:
        status, answer, _ = await self.call(
            "PUT", f"conversations/{conversation}/activities/{message}", activity, **query
        )
        assert status == 200, answer

    async def private(self, activity: dict[str, Any], text: str) -> str:
        """Answer an activity so that only its author sees it."""
        body = {"type": "message", "text": text, "recipient": {"id": activity["from"]["id"]}}
        return await self.post(activity["conversation"]["id"], body, isTargetedActivity="true")

    # The play

    async def _play(self, activity: dict[str, Any]) -> web.Response:
        if activity["type"] == "invoke":
            return await self._invoked(activity)
        if activity["type"] == "message" and "value" in activity:
            await self.post(
                activity["conversation"]["id"], {"type": "message", "text": f"Got {activity['value']['word']}"}
            )
        elif activity["type"] == "message":
            await self._said(activity)
        return web.Response(status=201)

    async def _said(self, activity: dict[str, Any]) -> None:
        words = activity["text"].replace("<at>Incident</at>", "").strip()
        where = activity["conversation"]["id"]
        if activity["recipient"].get("isTargeted"):
            await self.private(activity, f"Only for you: {words}")
        elif words.startswith("declare"):
            card = cards.status(words.removeprefix("declare").strip() or "Untitled", mri=activity["from"]["id"])
            await self.post(where, cards.message(card))
        elif words == "form":
            await self.post(where, cards.message(cards.form_opener()))
        elif words == "hostile":
            await self.post(where, {"type": "message", "text": cards.HOSTILE})
            await self.post(where, cards.message(cards.hostile()))
        else:
            await self.post(where, {"type": "message", "text": f"You said: {words}"})

    async def _invoked(self, activity: dict[str, Any]) -> web.Response:
        value = activity["value"]
        if activity["name"] == "task/fetch":
            return web.json_response({"task": {"type": "continue", "value": cards.dialog()}})
        if activity["name"] == "task/submit":
            text = f"Noted: {value['data'].get('note', '')}"
            await self.post(activity["conversation"]["id"], {"type": "message", "text": text})
            return web.json_response({"task": {"type": "message", "value": "Thank you."}})
        if activity["name"] == "application/search":
            found = [{"title": "Checkout", "value": "checkout"}, {"title": "Search API", "value": "search"}]
            return web.json_response({"statusCode": 200, "type": "…searchResponse", "value": {"results": found}})
        return await self._pressed(activity, value["action"])

    async def _pressed(self, activity: dict[str, Any], action: dict[str, Any]) -> web.Response:
        verb, title = action["verb"], action["data"].get("title", "")
        if verb == "refresh":
            reader, by = activity["from"], self.acknowledged.get(title, "")
            return _card(cards.status(title, mri=reader["id"], by=by, note=f"Drawn for {reader['name']}"))
        if verb == "sentence":
            return _answer("application/vnd.microsoft.activity.message", "You are already on it.")
        if verb == "broken":
            return web.Response(status=500)
        self.acknowledged[title] = activity["from"]["name"]
        card = cards.status(
            title, mri=activity["from"]["id"], by=activity["from"]["name"], note=action["data"].get("note", "")
        )
        await self.put(activity["conversation"]["id"], activity["replyToId"], cards.message(card))
        return _card(card)


def _card(card: dict[str, Any]) -> web.Response:
    return _answer("application/vnd.microsoft.card.adaptive", card)


def _answer(kind: str, value: Any) -> web.Response:
    return web.json_response({"statusCode": 200, "type": kind, "value": value})
