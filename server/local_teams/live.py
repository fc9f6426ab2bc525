"""Tells open pages what has changed, each person only what that person may see."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from server.local_teams.values import Human
from server.local_teams.world import Conversation, Message, World

_QUEUE = 1000
_KEEP_ALIVE_SECONDS = 15.0


@dataclass(slots=True, eq=False)
class Viewer:
    """One open page: who looks, and at which conversation."""

    session: str
    person: str
    viewing: str = ""
    events: asyncio.Queue[dict[str, Any] | None] = field(default_factory=lambda: asyncio.Queue(_QUEUE))

    def tell(self, event: dict[str, Any]) -> None:
        """Queue an event; a page too slow to follow is cut off and loads everything again."""
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            self.events.get_nowait()
            self.events.put_nowait(None)


class Live:
    """All open pages and what they are told."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._viewers: set[Viewer] = set()
        self._sessions = itertools.count(1)
        self._closed = False

    def changed(self, message: Message, *, only: str | None = None) -> None:
        """Tell everybody who may see this message (or one of them) how it looks now."""
        for viewer in self._audience(message.conversation):
            person = self._world.directory.person(viewer.person)
            if person and self._world.visible(message, person) and only in {None, viewer.person}:
                viewer.tell({"type": "message", "message": view(self._world, message, person)})

    def typing(self, conversation_id: str) -> None:
        """Tell everybody that the bot is writing."""
        for viewer in self._audience(conversation_id):
            viewer.tell({"type": "typing", "conversation": conversation_id})

    def conversations(self, members: frozenset[str]) -> None:
        """Tell these people that their list of conversations has changed."""
        for viewer in self._viewers:
            if viewer.person in members:
                viewer.tell({"type": "conversations"})

    def _audience(self, conversation_id: str) -> Iterator[Viewer]:
        conversation = self._world.conversation(conversation_id)
        if conversation:
            yield from (viewer for viewer in list(self._viewers) if viewer.person in conversation.members)

    def viewing(self, conversation_id: str) -> set[str]:
        """Object ids of the people who have this conversation open."""
        return {viewer.person for viewer in self._viewers if viewer.viewing == conversation_id}

    def open(self, session: str, person: Human, conversation_id: str) -> None:
        """Note which conversation a page shows now."""
        for viewer in self._viewers:
            if viewer.session == session and viewer.person == person.object_id:
                viewer.viewing = conversation_id

    async def stream(self, request: web.Request, person: Human) -> web.StreamResponse:
        """Answer with server-sent events until the page goes away or the server stops."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        viewer = Viewer(str(next(self._sessions)), person.object_id)
        viewer.tell({"type": "hello", "session": viewer.session})
        self._viewers.add(viewer)
        try:
            with contextlib.suppress(ConnectionError):
                await self._pump(viewer, response)
        finally:
            self._viewers.discard(viewer)
        return response

    async def _pump(self, viewer: Viewer, response: web.StreamResponse) -> None:
        await response.write(b"retry: 1000\n\n")
        while not self._closed:
            try:
                event = await asyncio.wait_for(viewer.events.get(), _KEEP_ALIVE_SECONDS)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if event is None:
                return
            await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        self._closed = True
        for viewer in self._viewers:
            viewer.tell({"type": "bye"})


def view(world: World, message: Message, person: Human) -> dict[str, Any]:
    """Return a message as this person sees it, as JSON for the page."""
    mine = message.sender == person.object_id
    seen: dict[str, Any] = {
        "id": message.id,
        "conversation": message.conversation,
        "root": message.root,
        "from": {"id": message.sender, "name": message.sender_name},
        "at": message.at,
        "private": message.only_for is not None,
        "edited": message.edited,
        "deleted": message.deleted,
        "mine": mine,
    }
    if message.deleted:
        return seen
    sender = world.directory.person(message.sender)
    card = message.card(person.object_id)
    return seen | {
        "text": message.text,
        "format": message.text_format,
        "source": message.source if mine else "",
        "summary": message.summary,
        "card": card,
        "personal_view": person.object_id in message.views,
        "attachments": [a.get("contentType", "") for a in message.attachments],
        "mentions_me": any(_names(world, e, person) for e in [*message.entities, *_card_entities(card)]),
        "reactions": {kind: len(people) for kind, people in message.reactions.items() if people},
        "my_reactions": [kind for kind, people in message.reactions.items() if person.object_id in people],
        "guest": bool(sender and sender.guest),
    }


def _card_entities(card: dict[str, Any] | None) -> list[Any]:
    extras = (card or {}).get("msteams")
    entities = extras.get("entities") if isinstance(extras, dict) else None
    return entities if isinstance(entities, list) else []


def _names(world: World, entity: Any, person: Human) -> bool:
    mentioned = entity.get("mentioned") if isinstance(entity, dict) else None
    return isinstance(mentioned, dict) and world.directory.person(str(mentioned.get("id", ""))) is person


def conversation_view(world: World, conversation: Conversation, person: Human) -> dict[str, Any]:
    """Return a conversation as this person's list shows it."""
    seen = [m for m in world.messages(conversation.id) if world.visible(m, person)]
    last = seen[-1] if seen else None
    return {
        "id": conversation.id,
        "kind": conversation.kind,
        "name": conversation.name,
        "team": {"id": conversation.team.id, "name": conversation.team.name} if conversation.team else None,
        "members": [member.object_id for member in world.members(conversation)],
        "installed": world.installed(conversation),
        "last": {"id": last.id, "at": last.at, "mine": last.sender == person.object_id} if last else None,
    }
