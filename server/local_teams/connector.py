"""The connector: the REST service through which a bot speaks, with the rules and refusals of Teams."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from server.local_teams.errors import (
    TeamsError,
    activity_not_found,
    bad_argument,
    conversation_not_found,
    not_in_roster,
)
from server.local_teams.ids import split_thread
from server.local_teams.limits import RateWindows
from server.local_teams.live import Live
from server.local_teams.values import LOCAL_TENANT_ID, Human
from server.local_teams.world import BOT, Conversation, Message, World

MESSAGE_LIMIT_BYTES = 100_000
"""Size limit of a message as UTF-16. Source: Microsoft, "Format your bot messages": 100 KB."""

_PAGE = 200


class Connector:
    """The routes below the service URL. `on_post` is told every new or changed message of the bot."""

    def __init__(
        self,
        world: World,
        live: Live,
        *,
        bot_name: str,
        sends: RateWindows,
        rosters: RateWindows,
        count_updates: bool,
        on_post: Callable[[Message], None],
    ) -> None:
        self._world = world
        self._live = live
        self._bot_name = bot_name
        self._sends = sends
        self._rosters = rosters
        self._count_updates = count_updates
        self._on_post = on_post

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Return the routes; `prefix` is the path of the service URL without a slash at its end."""
        conversations = f"{prefix}/v3/conversations"
        one = conversations + "/{conversation}"
        return [
            web.post(conversations, self.create),
            web.post(one + "/activities", self.send),
            web.post(one + "/activities/{activity}", self.send),
            web.put(one + "/activities/{activity}", self.update),
            web.delete(one + "/activities/{activity}", self.delete),
            web.get(one + "/members", self.members),
            web.get(one + "/members/{member}", self.member),
            web.get(one + "/pagedmembers", self.paged_members),
        ]

    # Sending

    async def create(self, request: web.Request) -> web.Response:
        """Open a 1:1 chat, or write a new post in a channel."""
        body = await _body(request)
        channel = _object(_object(body.get("channelData")).get("channel"))
        if channel.get("id"):
            return self._new_post(str(channel["id"]), body)
        members = body.get("members")
        if not isinstance(members, list) or len(members) != 1 or not isinstance(members[0], dict):
            raise bad_argument("A conversation needs exactly one member, or a channel.")
        person = self._world.directory.person(str(members[0].get("id", "")))
        if person is None:
            raise TeamsError(403, "ForbiddenOperationException", "The bot is not installed for this user.")
        chat = self._world.personal_chat(person)
        self._must_be_installed(chat)
        self._sends.take(chat.id)
        self._live.conversations(chat.members)
        answer = {"id": chat.id}
        if isinstance(body.get("activity"), dict):
            answer["activityId"] = self._post(chat, None, body["activity"]).id
        return web.json_response(answer, status=201)

    def _new_post(self, channel_id: str, body: dict[str, Any]) -> web.Response:
        channel = self._find(split_thread(channel_id)[0])
        if not isinstance(body.get("activity"), dict):
            raise bad_argument("A new post in a channel needs an activity.")
        self._sends.take(channel.id)
        message = self._post(channel, None, body["activity"])
        answer = {"id": f"{channel.id};messageid={message.id}", "activityId": message.id}
        return web.json_response(answer, status=201)

    async def send(self, request: web.Request) -> web.Response:
        """Write into a conversation or a thread. The reply id in the path never routes anything, as in Teams."""
        body = await _body(request)
        conversation, root = self._place(request)
        if body.get("type", "message") == "typing":
            self._live.typing(conversation.id)
            return web.json_response({"id": self._world.ids.next()}, status=201)
        only_for = self._recipient(conversation, body).object_id if _targeted(request) else None
        self._sends.take(conversation.id)
        message = self._post(conversation, root, body, only_for=only_for)
        return web.json_response({"id": message.id}, status=201)

    def _recipient(self, conversation: Conversation, body: dict[str, Any]) -> Human:
        """Return for whose eyes a private message is. Raises 400 and 403 by the rules of targeted messages."""
        if conversation.kind == "personal":
            raise bad_argument("Targeted messages are not supported in one-to-one chats.")
        named = str(_object(body.get("recipient")).get("id", ""))
        if not named.startswith("29:"):
            raise bad_argument("A targeted message needs a recipient.")
        person = self._world.directory.person(named)
        if person is None or person.object_id not in conversation.members:
            raise not_in_roster()
        return person

    def _post(
        self, conversation: Conversation, root: str | None, activity: dict[str, Any], only_for: str | None = None
    ) -> Message:
        message = Message(
            id=self._world.ids.next(),
            conversation=conversation.id,
            sender=BOT,
            sender_name=self._bot_name,
            at=self._world.timestamp(),
            root=root,
            only_for=only_for,
        )
        _fill(message, activity)
        self._world.add(message)
        self._live.changed(message)
        self._on_post(message)
        return message

    # Changing

    async def update(self, request: web.Request) -> web.Response:
        """Replace one of the bot's messages, for everybody: personal views of its card end here."""
        body = await _body(request)
        message = self._own_message(request)
        if _targeted(request) and body.get("recipient"):
            raise bad_argument("Cannot edit Recipient of Targeted Message")
        if self._count_updates:
            self._sends.take(message.conversation)
        _fill(message, body)
        message.views.clear()
        message.edited = bool(message.text)
        self._world.save(message)
        self._live.changed(message)
        self._on_post(message)
        return web.json_response({"id": message.id})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete one of the bot's messages: its place stays, its content goes."""
        message = self._own_message(request)
        message.deleted = True
        message.text, message.summary, message.attachments, message.entities = "", "", [], []
        message.views.clear()
        self._world.save(message)
        self._live.changed(message)
        return web.Response(status=200)

    def _own_message(self, request: web.Request) -> Message:
        conversation, _ = self._place(request)
        message = self._world.message(conversation.id, request.match_info["activity"])
        if message is None or message.deleted or message.sender != BOT:
            raise activity_not_found()
        if (message.only_for is not None) != _targeted(request):
            raise activity_not_found()
        return message

    # Members

    async def member(self, request: web.Request) -> web.Response:
        """Answer who a member is."""
        conversation = self._roster(request)
        person = self._world.directory.person(request.match_info["member"])
        if person is None or person.object_id not in conversation.members:
            raise TeamsError(404, "MemberNotFoundInConversation", "Member not found in the conversation.")
        return web.json_response(self._member(person))

    async def members(self, request: web.Request) -> web.Response:
        """Answer all members at once (old, still used by old bots)."""
        conversation = self._roster(request)
        return web.json_response([self._member(person) for person in self._world.members(conversation)])

    async def paged_members(self, request: web.Request) -> web.Response:
        """Answer the members in pages of `pageSize`, at most 200."""
        conversation = self._roster(request)
        try:
            size = min(max(int(request.query.get("pageSize", _PAGE)), 1), _PAGE)
            start = int(request.query.get("continuationToken") or 0)
        except ValueError:
            raise bad_argument("pageSize and continuationToken must be numbers.") from None
        people = self._world.members(conversation)
        answer: dict[str, Any] = {"members": [self._member(person) for person in people[start : start + size]]}
        if start + size < len(people):
            answer["continuationToken"] = str(start + size)
        return web.json_response(answer)

    def _member(self, person: Human) -> dict[str, Any]:
        given, _, surname = person.name.partition(" ")
        return {
            "id": self._world.directory.mri(person),
            "name": person.name,
            "givenName": given,
            "surname": surname,
            "email": person.email,
            "userPrincipalName": person.email,
            "tenantId": LOCAL_TENANT_ID,
            "userRole": "guest" if person.guest else "user",
            "aadObjectId": person.object_id,
            "objectId": person.object_id,
        }

    # Finding

    def _roster(self, request: web.Request) -> Conversation:
        conversation, _ = self._place(request)
        self._rosters.take(conversation.id)
        return conversation

    def _place(self, request: web.Request) -> tuple[Conversation, str | None]:
        base, root = split_thread(request.match_info["conversation"])
        conversation = self._find(base)
        if root is None or conversation.kind != "channel":
            return conversation, None
        post = self._world.message(base, root)
        if post is None:
            raise conversation_not_found()
        # A reply for everybody cannot stand below a post that only one person sees: it becomes a post of its own.
        if post.only_for is not None and not _targeted(request):
            return conversation, None
        return conversation, post.root or post.id

    def _find(self, conversation_id: str) -> Conversation:
        conversation = self._world.conversation(conversation_id)
        if conversation is None:
            raise conversation_not_found()
        self._must_be_installed(conversation)
        return conversation

    def _must_be_installed(self, conversation: Conversation) -> None:
        if not self._world.installed(conversation):
            raise not_in_roster()


def _targeted(request: web.Request) -> bool:
    return request.query.get("isTargetedActivity", "").lower() == "true"


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    if len(text.encode("utf-16-le", "surrogatepass")) > MESSAGE_LIMIT_BYTES:
        raise TeamsError(413, "MessageSizeTooBig", "The message size is too big.")
    try:
        body = json.loads(text)
    except ValueError:
        raise bad_argument("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise bad_argument("The body is not an object.")
    return body


def _fill(message: Message, activity: dict[str, Any]) -> None:
    text, attachments = activity.get("text") or "", activity.get("attachments") or []
    entities = activity.get("entities") or []
    if not isinstance(text, str) or not isinstance(attachments, list) or not isinstance(entities, list):
        raise bad_argument("text must be a string, attachments and entities must be lists.")
    if not text and not attachments:
        raise bad_argument("A message needs a text or an attachment.")
    message.text = text
    message.text_format = str(activity.get("textFormat") or "markdown")
    message.attachments = [item for item in attachments if isinstance(item, dict)]
    message.summary = str(activity.get("summary") or "")
    message.entities = [item for item in entities if isinstance(item, dict)]
