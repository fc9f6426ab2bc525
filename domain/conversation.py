"""Where people talk to the bot: personal chats, group chats, channels and their threads."""

from dataclasses import dataclass
from enum import StrEnum


class ConversationKind(StrEnum):
    """Teams' three kinds, by its own words."""

    PERSONAL = "personal"
    GROUP = "groupChat"
    CHANNEL = "channel"


THREAD_MARK = ";messageid="  # how Teams writes "in the thread of this post" into a conversation id


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A conversation as a verified activity named it. `conversation_id` carries the thread where there is one."""

    tenant_id: str
    service_url: str
    conversation_id: str
    kind: ConversationKind
    team_id: str | None = None
    person_object_id: str | None = None  # whose chat it is, for personal ones

    @property
    def base_id(self) -> str:
        """The conversation without its thread: what rate windows and rosters belong to."""
        return self.conversation_id.partition(THREAD_MARK)[0]

    @property
    def thread_root(self) -> str | None:
        """The id of the post that began the thread."""
        return self.conversation_id.partition(THREAD_MARK)[2] or None

    @property
    def lane(self) -> str:
        """The queue, and so the rate window, this place belongs to. One per 1:1 chat, group chat or whole channel."""
        if self.kind is ConversationKind.PERSONAL and self.person_object_id:
            return personal_lane(self.person_object_id)
        return self.base_id


def personal_lane(object_id: str) -> str:
    """Name the queue of somebody's 1:1 chat; it is known before the chat itself is."""
    return f"personal:{object_id.lower()}"
