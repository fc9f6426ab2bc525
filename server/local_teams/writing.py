"""What a person does with words: say, edit, delete, react, open a chat, add the bot or remove it."""

from collections.abc import Sequence
from typing import Any

from server.local_teams.activities import ActivityWriter, Mention, mark_mentions
from server.local_teams.courier import Answer, Courier
from server.local_teams.errors import PageError
from server.local_teams.live import Live
from server.local_teams.values import Human
from server.local_teams.world import BOT, Conversation, Message, World

_REACTIONS = frozenset({"like", "heart", "laugh", "surprised", "sad", "angry"})


class Writing:
    """Changes the world for a person and tells the bot what Teams would tell it.

    In channels and group chats that is only what mentions the bot or comes from the slash menu.
    """

    def __init__(self, world: World, live: Live, writer: ActivityWriter, courier: Courier) -> None:
        self._world = world
        self._live = live
        self._writer = writer
        self._courier = courier

    async def say(
        self, person: Human, where: Conversation, text: str, *, root: str | None = None, slash: bool = False
    ) -> tuple[Message, Answer | None]:
        """Write a message. Returns it and the bot's answer, None where the bot does not hear it.

        `@Name` becomes a mention where a member or the bot has that name. `slash` is the slash menu: private, not in
        1:1 chats. Raises `PageError` for an empty text or an unknown thread.
        """
        if not text.strip():
            raise PageError(400, "There is nothing to send.")
        if slash and where.kind == "personal":
            raise PageError(400, "The slash menu is not offered in one-to-one chats.")
        if slash and not self._world.installed(where):
            raise PageError(400, "The app is not installed here.")
        message, mentions = self._compose(person, where, text, self._thread(person, where, root))
        message.only_for = person.object_id if slash else None
        message.heard = self._hears(where, mentions, slash=slash)
        self._world.add(message)
        self._live.changed(message)
        if not message.heard:
            return message, None
        activity = self._writer.message(person, where, message, mentions, slash=slash)
        return message, await self._courier.send(activity)

    def _compose(
        self, person: Human, where: Conversation, text: str, root: str | None
    ) -> tuple[Message, list[Mention]]:
        marked, mentions = mark_mentions(text, self._mentionable(where))
        message = Message(
            id=self._world.ids.next(),
            conversation=where.id,
            sender=person.object_id,
            sender_name=person.name,
            at=self._world.timestamp(),
            root=root,
            text=marked,
            source=text,
            text_format="plain",
            entities=[{"type": "mention", "mentioned": {"id": m.id, "name": m.name}} for m in mentions],
        )
        return message, mentions

    def _thread(self, person: Human, where: Conversation, root: str | None) -> str | None:
        if root is None or where.kind != "channel":
            return None
        post = self._world.message(where.id, root)
        if post is None or not self._world.visible(post, person):
            raise PageError(404, "That post does not exist.")
        return post.root or post.id

    def _mentionable(self, where: Conversation) -> list[Mention]:
        people = [Mention(self._world.directory.mri(human), human.name) for human in self._world.members(where)]
        return [self._writer.bot, *people] if self._world.installed(where) else people

    def _hears(self, where: Conversation, mentions: Sequence[Mention], *, slash: bool) -> bool:
        if not self._world.installed(where):
            return False
        return slash or where.kind == "personal" or any(mention.id == self._writer.bot.id for mention in mentions)

    # One's own messages, later

    async def edit(self, person: Human, message: Message, text: str) -> Answer | None:
        """Change the text of an own message. The bot hears of it if it heard the message or is mentioned now."""
        where = self._own(person, message)
        if not text.strip():
            raise PageError(400, "A message cannot be empty. Delete it instead.")
        message.text, mentions = mark_mentions(text, self._mentionable(where))
        message.source, message.edited = text, True
        message.heard = message.heard or self._hears(where, mentions, slash=False)
        return await self._tell(person, where, message, "messageUpdate", "editMessage")

    async def delete(self, person: Human, message: Message) -> Answer | None:
        """Delete an own message; it can be brought back with `undelete`."""
        where = self._own(person, message)
        message.deleted = True
        return await self._tell(person, where, message, "messageDelete", "softDeleteMessage")

    async def undelete(self, person: Human, message: Message) -> Answer | None:
        """Bring a deleted message of one's own back."""
        where = self._own(person, message)
        message.deleted = False
        return await self._tell(person, where, message, "messageUpdate", "undeleteMessage")

    async def _tell(self, person: Human, where: Conversation, message: Message, kind: str, event: str) -> Answer | None:
        self._world.save(message)
        self._live.changed(message)
        if not message.heard or not self._world.installed(where):
            return None
        _, mentions = mark_mentions(message.source, self._mentionable(where))
        original = self._writer.message(person, where, message, mentions, slash=message.only_for is not None)
        return await self._courier.send(self._writer.changed(kind, event, original))

    def _own(self, person: Human, message: Message) -> Conversation:
        where = self._world.conversation(message.conversation)
        if message.sender != person.object_id or where is None:
            raise PageError(403, "Only own messages can be changed.")
        return where

    async def react(self, person: Human, message: Message, kind: str) -> None:
        """Set a reaction, or take it back. Only reactions to the bot's own messages reach it."""
        if kind not in _REACTIONS or message.only_for or message.deleted:
            raise PageError(400, "That reaction is not offered here.")
        people = message.reactions.setdefault(kind, [])
        added = person.object_id not in people
        if added:
            people.append(person.object_id)
        else:
            people.remove(person.object_id)
        self._world.save(message)
        self._live.changed(message)
        where = self._world.conversation(message.conversation)
        if message.sender == BOT and where and self._world.installed(where):
            await self._courier.send(self._writer.reaction(person, where, message, kind, added=added))

    # Chats and the app's place in them

    def group_chat(self, person: Human, name: str, members: Sequence[Human]) -> Conversation:
        """Open a group chat of this person, these people and the bot."""
        everybody = {person.object_id, *(member.object_id for member in members)}
        chat = self._world.group_chat(name.strip(), everybody)
        self._live.conversations(chat.members)
        return chat

    def announce(self, person: Human, where: Conversation) -> None:
        """Tell the bot, the first time somebody looks at a place in a page, that it has been installed there."""
        if not self._world.announced(where):
            self._world.set_installed(where, installed=True)
            for activity in self._writer.installation(person, where, added=True):
                self._courier.send_soon(activity)

    async def install(self, person: Human, where: Conversation, *, installed: bool) -> list[dict[str, Any]]:
        """Add the bot to a team or chat, or remove it. Returns the activities the bot was sent."""
        self._world.set_installed(where, installed=installed)
        self._live.conversations(where.members)
        activities = self._writer.installation(person, where, added=installed)
        for activity in activities:
            await self._courier.send(activity)
        return activities
