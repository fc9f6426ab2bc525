"""The two ways Local Teams says no: as Teams does to a bot, and with a sentence to the page."""

from typing import Any


class TeamsError(Exception):
    """An error of the connector, as Teams answers it: a status and `{"error": {"code", "message"}}`."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return {"error": {"code": self.code, "message": self.message}}


class PageError(Exception):
    """A request of the page that cannot be carried out; the text is a sentence for the reader."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def conversation_not_found() -> TeamsError:
    """404 for a conversation that does not exist or that the bot cannot know."""
    return TeamsError(404, "ConversationNotFound", "Conversation not found.")


def activity_not_found() -> TeamsError:
    """404 for a message that does not exist, is another's, or whose time is over."""
    return TeamsError(404, "ActivityNotFoundInConversation", "Activity not found in the conversation.")


def not_in_roster() -> TeamsError:
    """403 for a bot that is not, or a person who is not, part of the conversation."""
    return TeamsError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def bad_argument(message: str) -> TeamsError:
    """400 for a request that cannot be right."""
    return TeamsError(400, "BadArgument", message)
