"""What has been said, where, by whom and for whose eyes: the conversations and messages of Local Teams."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from server.local_teams.directory import Directory, Team
from server.local_teams.ids import ActivityIds, new_group_chat_id, personal_chat_id
from server.local_teams.store import Store
from server.local_teams.values import Human

BOT = "bot"
PRIVATE_LIFETIME = timedelta(hours=24)
"""Teams removes private messages after this time. Source: Microsoft, targeted messages."""

Kind = Literal["personal", "groupChat", "channel"]


@dataclass(slots=True)
class Conversation:
    """A 1:1 chat with the bot, a group chat or a channel. `members` are object ids."""

    id: str
    kind: Kind
    name: str
    members: frozenset[str]
    team: Team | None = None

    @property
    def place(self) -> str:
        """Where the app is installed or not: the team, the chat."""
        return self.team.id if self.team else self.id


@dataclass(slots=True)
class Message:
    """One message as Teams stores it. `at` is RFC 3339 UTC; `only_for` is set on private ones."""

    id: str
    conversation: str
    sender: str
    sender_name: str
    at: str
    root: str | None = None
    text: str = ""
    source: str = ""
    text_format: str = "markdown"
    attachments: list[dict[str, Any]] = field(default_factory=list)
    summary: str = ""
    only_for: str | None = None
    entities: list[dict[str, Any]] = field(default_factory=list)
    edited: bool = False
    deleted: bool = False
    heard: bool = False
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    reactions: dict[str, list[str]] = field(default_factory=dict)

    def card(self, viewer: str) -> dict[str, Any] | None:
        """Return the card as this person sees it, None without one."""
        if viewer in self.views:
            return self.views[viewer]
        return next((a["content"] for a in self.attachments if is_card(a)), None)


def is_card(attachment: dict[str, Any]) -> bool:
    """Say whether an attachment is an Adaptive Card."""
    return attachment.get("contentType") == "application/vnd.microsoft.card.adaptive" and isinstance(
        attachment.get("content"), dict
    )


class World:
    """The state of Local Teams: kept in memory, written behind to the store."""

    def __init__(self, directory: Directory, store: Store, app_id: str, now: Callable[[], datetime]) -> None:
        self.directory = directory
        self.now = now
        self.ids = ActivityIds(now)
        self._store = store
        self._app_id = app_id
        self._chats: dict[str, Conversation] = {}
        self._messages: dict[str, dict[str, Message]] = {}
        self._installed: dict[str, bool] = {}

    def restore(self, kept: dict[str, dict[str, Any]]) -> None:
        """Take over what the store had kept."""
        for body in kept.get("chat", {}).values():
            self._chats[body["id"]] = Conversation(**{**body, "members": frozenset(body["members"])})
        for body in kept.get("message", {}).values():
            message = Message(**body)
            self._messages.setdefault(message.conversation, {})[message.id] = message
            self.ids.seen(message.id)
        self._installed.update(kept.get("installed", {}))

    def timestamp(self) -> str:
        """Return the present moment as RFC 3339 UTC with milliseconds."""
        return self.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # Conversations

    def conversation(self, conversation_id: str) -> Conversation | None:
        """Find a conversation by the id without `;messageid=`."""
        if chat := self._chats.get(conversation_id):
            return chat
        found = self.directory.channel(conversation_id)
        if found is None:
            return None
        team, channel = found
        return Conversation(channel.id, "channel", channel.name, team.members, team)

    def conversations(self, person: Human) -> Iterator[Conversation]:
        """All conversations this person is in: own chats first, then the channels of the person's teams."""
        yield from (chat for chat in self._chats.values() if person.object_id in chat.members)
        for team in self.directory.teams:
            if person.object_id in team.members:
                for channel in team.channels:
                    yield Conversation(channel.id, "channel", channel.name, team.members, team)

    def personal_chat(self, person: Human) -> Conversation:
        """Return the person's 1:1 chat with the bot, opening it the first time."""
        chat_id = personal_chat_id(self._app_id, person.object_id)
        return self._chats.get(chat_id) or self._open(
            Conversation(chat_id, "personal", "", frozenset({person.object_id}))
        )

    def group_chat(self, name: str, members: Iterable[str]) -> Conversation:
        """Open a new group chat of these object ids and the bot."""
        return self._open(Conversation(new_group_chat_id(), "groupChat", name, frozenset(members)))

    def _open(self, chat: Conversation) -> Conversation:
        self._chats[chat.id] = chat
        body = {"id": chat.id, "kind": chat.kind, "name": chat.name, "members": sorted(chat.members)}
        self._store.put("chat", chat.id, body)
        return chat

    def installed(self, conversation: Conversation) -> bool:
        """Say whether the bot is in this conversation. It is everywhere until somebody removes it."""
        return self._installed.get(conversation.place, True)

    def announced(self, conversation: Conversation) -> bool:
        """Say whether the bot was ever told about its installation here."""
        return conversation.place in self._installed

    def set_installed(self, conversation: Conversation, *, installed: bool) -> None:
        """Add the bot to, or remove it from, the team or chat."""
        self._installed[conversation.place] = installed
        self._store.put("installed", conversation.place, installed)

    def members(self, conversation: Conversation) -> list[Human]:
        """Return the people of a conversation who still exist, in the order of the organisation."""
        return [person for person in self.directory.people if person.object_id in conversation.members]

    # Messages

    def add(self, message: Message) -> Message:
        """Store a new message."""
        self._messages.setdefault(message.conversation, {})[message.id] = message
        self.save(message)
        return message

    def save(self, message: Message) -> None:
        """Keep the changes made to a message."""
        self._store.put("message", f"{message.id} {message.conversation}", asdict(message))

    def message(self, conversation_id: str, message_id: str) -> Message | None:
        """Find a message that still lives."""
        found = self._messages.get(conversation_id, {}).get(message_id)
        return found if found and not self.expired(found) else None

    def messages(self, conversation_id: str) -> list[Message]:
        """All living messages of a conversation, oldest first."""
        return [m for m in self._messages.get(conversation_id, {}).values() if not self.expired(m)]

    def find(self, message_id: str, person: Human) -> Message | None:
        """Find a message by id in any conversation this person is in."""
        for conversation in self.conversations(person):
            found = self.message(conversation.id, message_id)
            if found and self.visible(found, person):
                return found
        return None

    def expired(self, message: Message) -> bool:
        """Say whether a private message has outlived its 24 hours."""
        if message.only_for is None:
            return False
        return self.now() - datetime.fromisoformat(message.at) >= PRIVATE_LIFETIME

    @staticmethod
    def visible(message: Message, person: Human) -> bool:
        """Say whether this person may see the message (who is in its conversation)."""
        return message.only_for is None or message.only_for == person.object_id
