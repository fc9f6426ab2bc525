"""The JSON API of the page, and of tests that act as people: everything below `E/api/`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from server.local_teams.errors import PageError
from server.local_teams.live import Live, conversation_view, view
from server.local_teams.pressing import Pressing
from server.local_teams.values import LOCAL_TENANT_ID, CommandHint, Human, MessageAction
from server.local_teams.world import Conversation, Message, World
from server.local_teams.writing import Writing

Body = dict[str, Any]


class PageApi:
    """The routes of the page. `as` in every request names the person who acts, by handle or object id."""

    def __init__(
        self,
        world: World,
        live: Live,
        writing: Writing,
        pressing: Pressing,
        *,
        bot_name: str,
        actions: Sequence[MessageAction],
        commands: Sequence[CommandHint],
    ) -> None:
        self._world = world
        self._live = live
        self._writing = writing
        self._pressing = pressing
        self._bot_name = bot_name
        self._actions = list(actions)
        self._commands = list(commands)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, relative to the emulator's address."""
        return [
            web.get("/api/directory", self.directory),
            web.get("/api/conversations", self.conversations),
            web.get("/api/messages", self.messages),
            web.get("/api/events", self.events),
            web.post("/api/open", self.open),
            web.post("/api/personal", self.personal),
            web.post("/api/group-chats", self.group_chat),
            web.post("/api/install", self.install),
            web.post("/api/say", self.say),
            web.post("/api/edit", self.edit),
            web.post("/api/delete", self.delete),
            web.post("/api/undelete", self.undelete),
            web.post("/api/react", self.react),
            web.post("/api/press", self.press),
            web.post("/api/dialog", self.dialog),
            web.post("/api/extension", self.extension),
            web.post("/api/search", self.search),
        ]

    # Looking

    async def directory(self, _: web.Request) -> web.Response:
        """Answer the bot, all people, all teams, and what the bot offers."""
        directory = self._world.directory
        await directory.refresh(now=True)
        people = [
            {**asdict(person), "id": person.object_id, "mri": directory.mri(person)} for person in directory.people
        ]
        teams = [
            {
                "id": team.id,
                "name": team.name,
                "group_id": team.group_id,
                "channels": [asdict(channel) for channel in team.channels],
                "members": sorted(team.members),
            }
            for team in directory.teams
        ]
        return web.json_response(
            {
                "tenant": LOCAL_TENANT_ID,
                "bot": {"id": "bot", "name": self._bot_name},
                "people": people,
                "teams": teams,
                "actions": [asdict(action) for action in self._actions],
                "commands": [asdict(command) for command in self._commands],
            }
        )

    async def conversations(self, request: web.Request) -> web.Response:
        """Answer the conversations of a person; the 1:1 chat with the bot is always there."""
        await self._world.directory.refresh(now=True)
        person = self._person(request.query)
        self._world.personal_chat(person)
        found = [conversation_view(self._world, each, person) for each in self._world.conversations(person)]
        return web.json_response({"conversations": found})

    async def messages(self, request: web.Request) -> web.Response:
        """Answer a conversation as the person sees it, oldest first; `limit` keeps the newest only."""
        person = self._person(request.query)
        where = self._where(person, request.query)
        seen = [m for m in self._world.messages(where.id) if self._world.visible(m, person)]
        try:
            limit = int(request.query.get("limit", 0))
        except ValueError:
            raise PageError(400, "limit must be a number.") from None
        newest = seen[-limit:]
        # A reply is shown with its post, however old that is.
        roots = {message.root for message in newest}
        older = [message for message in seen[: len(seen) - len(newest)] if message.id in roots]
        shown = [view(self._world, message, person) for message in older + newest]
        return web.json_response({"messages": shown, "total": len(seen)})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream what changes for a person, as server-sent events."""
        return await self._live.stream(request, self._person(request.query))

    async def open(self, request: web.Request) -> web.Response:
        """Note that a page (`session` of its event stream) now shows a conversation."""
        person, body = await self._body(request)
        where = self._where(person, body)
        self._live.open(str(body.get("session", "")), person, where.id)
        self._writing.announce(person, where)
        self._pressing.refresh_opened(person, where.id)
        return web.json_response({})

    # Places

    async def personal(self, request: web.Request) -> web.Response:
        """Answer the person's 1:1 chat with the bot."""
        person, _ = await self._body(request)
        return web.json_response(conversation_view(self._world, self._world.personal_chat(person), person))

    async def group_chat(self, request: web.Request) -> web.Response:
        """Open a group chat: `name` and `members` (handles or object ids)."""
        person, body = await self._body(request)
        members = [self._somebody(str(member)) for member in _list(body, "members")]
        chat = self._writing.group_chat(person, str(body.get("name") or ""), members)
        return web.json_response(conversation_view(self._world, chat, person), status=201)

    async def install(self, request: web.Request) -> web.Response:
        """Add the bot to a conversation's team or chat, or with `installed: false` remove it."""
        person, body = await self._body(request)
        where = self._where(person, body)
        sent = await self._writing.install(person, where, installed=body.get("installed", True) is not False)
        return web.json_response({"activities": sent})

    # Words

    async def say(self, request: web.Request) -> web.Response:
        """Write a message. Answers after the bot's first answer; `delivery` is null where it does not hear it."""
        person, body = await self._body(request)
        root = str(body["root"]) if body.get("root") else None
        slash = body.get("slash") is True
        message, answer = await self._writing.say(
            person, self._where(person, body), _text(body), root=root, slash=slash
        )
        delivery = {"status": answer.status} if answer else None
        return web.json_response({"message": view(self._world, message, person), "delivery": delivery}, status=201)

    async def edit(self, request: web.Request) -> web.Response:
        """Change an own message."""
        person, body = await self._body(request)
        await self._writing.edit(person, self._message(person, body), _text(body))
        return web.json_response({})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an own message."""
        person, body = await self._body(request)
        await self._writing.delete(person, self._message(person, body))
        return web.json_response({})

    async def undelete(self, request: web.Request) -> web.Response:
        """Bring an own message back."""
        person, body = await self._body(request)
        await self._writing.undelete(person, self._message(person, body))
        return web.json_response({})

    async def react(self, request: web.Request) -> web.Response:
        """Set or take back a reaction."""
        person, body = await self._body(request)
        await self._writing.react(person, self._message(person, body), str(body.get("reaction", "")))
        return web.json_response({})

    # Cards

    async def press(self, request: web.Request) -> web.Response:
        """Carry out an action of a card: `message`, and `action` with its data and inputs merged."""
        person, body = await self._body(request)
        action = body.get("action")
        if not isinstance(action, dict):
            raise PageError(400, "action must be an object.")
        theme = str(body.get("theme") or "default")
        outcome = await self._pressing.press(person, self._message(person, body), action, theme)
        return web.json_response(outcome.json())

    async def dialog(self, request: web.Request) -> web.Response:
        """Submit a dialog that a card (`message`) had opened."""
        person, body = await self._body(request)
        where = self._where(person, body)
        message = self._message(person, body) if body.get("message") else None
        outcome = await self._pressing.submit_dialog(person, where, message, body.get("data"))
        return web.json_response(outcome.json())

    async def extension(self, request: web.Request) -> web.Response:
        """Open (`submit: false`) or submit the dialog of a message extension action."""
        person, body = await self._body(request)
        where = self._where(person, body)
        message = self._message(person, body) if body.get("message") else None
        outcome = await self._pressing.extension(
            person,
            where,
            str(body.get("command", "")),
            message=message,
            data=body.get("data"),
            submit=body.get("submit") is True,
        )
        return web.json_response(outcome.json())

    async def search(self, request: web.Request) -> web.Response:
        """Ask for the choices of a typeahead field: `query` is `{"queryText", "dataset"}`."""
        person, body = await self._body(request)
        message = self._message(person, body) if body.get("message") else None
        query = body.get("query")
        found = await self._pressing.search(
            person, self._where(person, body), message, query if isinstance(query, dict) else {}
        )
        return web.json_response({"results": found})

    # Reading requests

    async def _body(self, request: web.Request) -> tuple[Human, Body]:
        try:
            body = json.loads(await request.text())
        except ValueError:
            raise PageError(400, "The body is not JSON.") from None
        if not isinstance(body, dict):
            raise PageError(400, "The body is not an object.")
        return self._person(body), body

    def _person(self, told: Any) -> Human:
        return self._somebody(str(told.get("as", "")))

    def _somebody(self, reference: str) -> Human:
        person = self._world.directory.person(reference)
        if person is None:
            raise PageError(404, f"Nobody is known as {reference!r}.")
        return person

    def _where(self, person: Human, told: Any) -> Conversation:
        where = self._world.conversation(str(told.get("conversation", "")))
        if where is None or person.object_id not in where.members:
            raise PageError(404, f"{person.name} is in no such conversation.")
        return where

    def _message(self, person: Human, body: Body) -> Message:
        message = self._world.find(str(body.get("message", "")), person)
        if message is None:
            raise PageError(404, f"{person.name} can see no such message.")
        return message


def _text(body: Body) -> str:
    text = body.get("text")
    if not isinstance(text, str):
        raise PageError(400, "text must be a string.")
    return text


def _list(body: Body, name: str) -> list[Any]:
    value = body.get(name, [])
    if not isinstance(value, list):
        raise PageError(400, f"{name} must be a list.")
    return value
