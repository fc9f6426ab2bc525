"""What a person does with cards: press a button, fill in a dialog, use a message extension action."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.local_teams.activities import ActivityWriter
from server.local_teams.courier import Answer, Courier
from server.local_teams.errors import PageError
from server.local_teams.live import Live
from server.local_teams.values import Human
from server.local_teams.world import Conversation, Message, World, is_card

UNREACHABLE = "Unable to reach app. Please try again."
WENT_WRONG = "Something went wrong. Please try again."
REFRESH_LIMIT = 60
"""Cards are refreshed without being asked for at most this many people. Source: Microsoft, up-to-date views."""

_CARD = "application/vnd.microsoft.card.adaptive"
_SENTENCE = "application/vnd.microsoft.activity.message"
_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page shows after a press. `kind`: done, card, message, dialog, error.

    `detail` is what the bot really said about an error, for developers; Teams does not show it.
    """

    kind: str
    text: str = ""
    dialog: dict[str, Any] | None = None
    detail: Any = None
    status: int = 0

    def json(self) -> dict[str, Any]:
        """Return the outcome for the page."""
        return {
            "kind": self.kind,
            "text": self.text,
            "dialog": self.dialog,
            "detail": self.detail,
            "status": self.status,
        }


class Pressing:
    """Sends presses to the bot and applies its answers for the one who pressed."""

    def __init__(self, world: World, live: Live, writer: ActivityWriter, courier: Courier) -> None:
        self._world = world
        self._live = live
        self._writer = writer
        self._courier = courier
        self._refreshing: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def press(self, person: Human, message: Message, action: dict[str, Any], theme: str = "default") -> Outcome:
        """Carry out an action of a card; `action["data"]` holds the action's data merged with the inputs."""
        where = self._where(message)
        if action.get("type") == "Action.Execute":
            return await self._execute(person, where, message, action, "manual")
        data = action.get("data")
        extra = data.get("msteams") if isinstance(data, dict) else None
        kind = extra.get("type") if isinstance(extra, dict) else None
        if kind == "task/fetch":
            value = {"data": data, "context": {"theme": theme}}
            return _dialog(await self._invoke(person, where, message, "task/fetch", value))
        activity = self._writer.card_event("message", person, where, message, value=data)
        if isinstance(extra, dict) and kind in {"imBack", "messageBack"}:
            activity |= {"text": str(extra.get("text") or extra.get("value") or ""), "textFormat": "plain"}
        answer = await self._courier.send(activity)
        return Outcome("done", status=answer.status) if answer.good else _unreachable(answer)

    async def _execute(
        self, person: Human, where: Conversation, message: Message, action: dict[str, Any], trigger: str
    ) -> Outcome:
        told = {key: action[key] for key in ("type", "id", "title", "verb", "data") if key in action}
        value = {"action": told, "trigger": trigger}
        version = message.attachments
        answer = await self._invoke(person, where, message, "adaptiveCard/action", value)
        outcome, card = _card_answer(answer)
        # An update for everybody that came meanwhile is newer than this answer.
        if card is not None and message.attachments is version:
            message.views[person.object_id] = card
            self._world.save(message)
            self._live.changed(message, only=person.object_id)
        return outcome

    async def _invoke(
        self, person: Human, where: Conversation, message: Message, name: str, value: dict[str, Any]
    ) -> Answer:
        activity = self._writer.card_event("invoke", person, where, message, value=value, name=name)
        return await self._courier.invoke(activity)

    def _where(self, message: Message) -> Conversation:
        where = self._world.conversation(message.conversation)
        if where is None or message.deleted:
            raise PageError(404, "That message does not exist any more.")
        if not self._world.installed(where):
            raise PageError(400, "The app is not installed here.")
        return where

    # Refresh without being asked

    def refresh_for_viewers(self, message: Message) -> None:
        """Ask for the personal views of a new or changed card, for those who have it before their eyes."""
        for object_id in self._live.viewing(message.conversation):
            person = self._world.directory.person(object_id)
            if person and self._world.visible(message, person):
                self._refresh_soon(person, message)

    def refresh_opened(self, person: Human, conversation_id: str, latest: int = 40) -> None:
        """Ask for the personal views of the latest cards of a conversation that a person has just opened."""
        for message in self._world.messages(conversation_id)[-latest:]:
            if self._world.visible(message, person) and person.object_id not in message.views:
                self._refresh_soon(person, message)

    def _refresh_soon(self, person: Human, message: Message) -> None:
        key = (message.id, person.object_id)
        action = self._refresh_action(person, message)
        if action is None or key in self._refreshing:
            return
        self._refreshing.add(key)
        task = asyncio.get_running_loop().create_task(self._refresh(person, message, action))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._refreshing.discard(key))

    async def _refresh(self, person: Human, message: Message, action: dict[str, Any] | None) -> None:
        where = self._world.conversation(message.conversation)
        while where and action:
            seen = message.attachments
            await self._execute(person, where, message, action, "automatic")
            # A change that came during the question makes the answer old: ask again.
            action = None if message.attachments is seen else self._refresh_action(person, message)

    def _refresh_action(self, person: Human, message: Message) -> dict[str, Any] | None:
        card = next((a["content"] for a in message.attachments if is_card(a)), None)
        refresh = card.get("refresh") if card else None
        if not isinstance(refresh, dict) or not isinstance(refresh.get("action"), dict):
            return None
        users = refresh.get("userIds")
        if not isinstance(users, list):
            where = self._world.conversation(message.conversation)
            small = where is not None and len(where.members) <= REFRESH_LIMIT
            return refresh["action"] if small else None
        known = {self._world.directory.mri(person).lower(), f"8:orgid:{person.object_id}".lower()}
        return refresh["action"] if known & {str(user).lower() for user in users[:REFRESH_LIMIT]} else None

    # Dialogs and message extension actions

    async def submit_dialog(
        self, person: Human, where: Conversation, message: Message | None, data: Any, theme: str = "default"
    ) -> Outcome:
        """Send what was filled in in a dialog that a card had opened."""
        value = {"data": data, "context": {"theme": theme}}
        if message is not None:
            return _dialog(await self._invoke(person, where, message, "task/submit", value))
        return _dialog(await self._courier.invoke(self._writer.invoke(person, where, "task/submit", value)))

    async def extension(
        self, person: Human, where: Conversation, command: str, *, message: Message | None, data: Any, submit: bool
    ) -> Outcome:
        """Open a message extension action's dialog, or send what was filled in there.

        A card in the answer is posted in the person's name, as if the draft had been sent at once.
        """
        value: dict[str, Any] = {
            "commandId": command,
            "commandContext": "message" if message else "compose",
            "context": {"theme": "default"},
        }
        if message is not None:
            value["messagePayload"] = self._payload(message)
        if submit:
            value["data"] = data
        name = "composeExtension/submitAction" if submit else "composeExtension/fetchTask"
        answer = await self._courier.invoke(self._writer.invoke(person, where, name, value))
        result = answer.body.get("composeExtension") if isinstance(answer.body, dict) else None
        if not answer.good or not isinstance(result, dict):
            return _dialog(answer)
        if result.get("type") == "message":
            return Outcome("message", str(result.get("text") or ""))
        self._insert(person, where, result.get("attachments") or [])
        return Outcome("done", status=answer.status)

    def _insert(self, person: Human, where: Conversation, attachments: Sequence[Any]) -> None:
        message = Message(
            id=self._world.ids.next(),
            conversation=where.id,
            sender=person.object_id,
            sender_name=person.name,
            at=self._world.timestamp(),
            attachments=[item for item in attachments if isinstance(item, dict)],
        )
        self._world.add(message)
        self._live.changed(message)

    def _payload(self, message: Message) -> dict[str, Any]:
        sender = self._world.directory.person(message.sender)
        user = {"userIdentityType": "aadUser", "id": sender.object_id, "displayName": sender.name} if sender else None
        app = None if sender else {"applicationIdentityType": "bot", "displayName": message.sender_name}
        return {
            "id": message.id,
            "replyToId": message.root,
            "createdDateTime": message.at,
            "messageType": "message",
            "importance": "normal",
            "locale": sender.locale if sender else "en-US",
            "from": {"user": user, "application": app, "device": None},
            "body": {"contentType": "html", "content": f"<p>{message.text}</p>"},
            "attachments": [],
            "mentions": [],
            "reactions": [],
        }

    async def search(self, person: Human, where: Conversation, message: Message | None, query: Any) -> list[Any]:
        """Ask the bot for the choices of a typeahead field. Returns `[{"title", "value"}]`."""
        value = {"kind": "search", "queryOptions": {"skip": 0, "top": 15}, **query}
        activity = self._writer.invoke(person, where, "application/search", value)
        if message is not None:
            activity["replyToId"] = message.id
        answer = await self._courier.invoke(activity)
        found = answer.body.get("value") if isinstance(answer.body, dict) else None
        results = found.get("results") if isinstance(found, dict) else None
        return results if answer.good and isinstance(results, list) else []

    async def close(self) -> None:
        """Stop refreshing."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _unreachable(answer: Answer) -> Outcome:
    return Outcome("error", UNREACHABLE, detail=answer.body, status=answer.status)


def _card_answer(answer: Answer) -> tuple[Outcome, dict[str, Any] | None]:
    """Read the answer to a card action: what to show, and the card for the one who pressed."""
    if not answer.good:
        return _unreachable(answer), None
    body = answer.body if isinstance(answer.body, dict) else {}
    code = body.get("statusCode")
    if not isinstance(code, int) or code >= _FIRST_ERROR:
        return Outcome("error", WENT_WRONG, detail=answer.body, status=answer.status), None
    value = body.get("value")
    if body.get("type") == _CARD and isinstance(value, dict):
        return Outcome("card", status=answer.status), value
    if body.get("type") == _SENTENCE and isinstance(value, str):
        return Outcome("message", value, status=answer.status), None
    return Outcome("error", WENT_WRONG, detail=answer.body, status=answer.status), None


def _dialog(answer: Answer) -> Outcome:
    """Read the answer to a dialog: the next dialog, a sentence, or the end."""
    if not answer.good:
        return _unreachable(answer)
    task = answer.body.get("task") if isinstance(answer.body, dict) else None
    if not isinstance(task, dict):
        return Outcome("done", status=answer.status)
    value = task.get("value")
    if task.get("type") == "message":
        return Outcome("message", str(value or ""), status=answer.status)
    if task.get("type") != "continue" or not isinstance(value, dict):
        return Outcome("error", WENT_WRONG, detail=answer.body, status=answer.status)
    attachment = value.get("card")
    shown = {key: value.get(key) for key in ("title", "width", "height", "url")}
    card = attachment.get("content") if isinstance(attachment, dict) else None
    return Outcome("dialog", dialog={**shown, "card": card}, status=answer.status)
