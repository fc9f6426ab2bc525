"""Activities as Teams writes them: what the bot receives for everything a person does."""

import html
import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.local_teams.ids import bot_mri
from server.local_teams.values import GUEST_TENANT_ID, LOCAL_TENANT_ID, Human
from server.local_teams.world import Conversation, Message, World


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named with `@` in a text. `id` is the `29:` or `28:` id."""

    id: str
    name: str


def mark_mentions(source: str, known: list[Mention]) -> tuple[str, list[Mention]]:
    """Turn `@Name` of known names into Teams' `<at>Name</at>`; everything else arrives HTML-escaped, as in Teams.

    Longer names win over shorter ones, a name must end at a word boundary, case does not matter.
    """
    if not known:
        return html.escape(source, quote=False), []
    by_name = {mention.name.lower(): mention for mention in known}
    names = sorted(by_name, key=len, reverse=True)
    pattern = re.compile(r"@(" + "|".join(re.escape(name) for name in names) + r")(?!\w)", re.IGNORECASE)
    found: list[Mention] = []
    pieces: list[str] = []
    at = 0
    for hit in pattern.finditer(source):
        mention = by_name[hit[1].lower()]
        found.append(mention)
        pieces += [html.escape(source[at : hit.start()], quote=False), f"<at>{html.escape(mention.name)}</at>"]
        at = hit.end()
    pieces.append(html.escape(source[at:], quote=False))
    return "".join(pieces), found


class ActivityWriter:
    """Writes the JSON of inbound activities for one bot."""

    def __init__(self, world: World, *, app_id: str, bot_name: str, service_url: str) -> None:
        self._world = world
        self._app_id = app_id
        self._bot_name = bot_name
        self._service_url = service_url

    @property
    def bot(self) -> Mention:
        """The bot, as it is mentioned."""
        return Mention(bot_mri(self._app_id), self._bot_name)

    def base(self, kind: str, person: Human, where: Conversation, *, root: str | None = None) -> dict[str, Any]:
        """Return what every activity has: ids, times, who, where."""
        now = self._world.now()
        return {
            "type": kind,
            "id": self._world.ids.next(),
            "timestamp": self._world.timestamp(),
            "localTimestamp": now.astimezone(_zone(person)).isoformat(timespec="milliseconds"),
            "localTimezone": person.time_zone,
            "channelId": "msteams",
            "serviceUrl": self._service_url,
            "locale": person.locale,
            "from": {
                "id": self._world.directory.mri(person),
                "name": person.name,
                "aadObjectId": person.object_id,
            },
            "recipient": {"id": self.bot.id, "name": self._bot_name},
            "conversation": self._conversation(where, root),
            "entities": [_client_info(person)],
            "channelData": self._channel_data(person, where),
        }

    def _conversation(self, where: Conversation, root: str | None) -> dict[str, Any]:
        thread = f";messageid={root}" if root and where.kind == "channel" else ""
        place: dict[str, Any] = {
            "id": where.id + thread,
            "conversationType": where.kind,
            "tenantId": LOCAL_TENANT_ID,
        }
        if where.kind != "personal":
            place["isGroup"] = True
        return place

    @staticmethod
    def _channel_data(person: Human, where: Conversation) -> dict[str, Any]:
        data: dict[str, Any] = {"tenant": {"id": GUEST_TENANT_ID if person.guest else LOCAL_TENANT_ID}}
        if where.team:
            team = {"id": where.team.id, "name": where.team.name, "aadGroupId": where.team.group_id}
            data |= {
                "teamsChannelId": where.id,
                "teamsTeamId": where.team.id,
                "channel": {"id": where.id, "name": where.name},
                "team": team,
            }
        return data

    def message(
        self, person: Human, where: Conversation, message: Message, mentions: list[Mention], *, slash: bool
    ) -> dict[str, Any]:
        """Return a `message` as typed: text with `<at>`, the rich text beside it, an entity per mention."""
        activity = self.base("message", person, where, root=message.root or message.id)
        activity |= {"id": message.id, "text": message.text, "textFormat": "plain"}
        activity["attachments"] = [{"contentType": "text/html", "content": _rich(message.text)}]
        activity["entities"] += [_mention_entity(mention) for mention in mentions]
        if slash:
            activity["recipient"]["isTargeted"] = True
        return activity

    def changed(self, kind: str, event: str, original: dict[str, Any]) -> dict[str, Any]:
        """Return an edit, a deletion or an undeletion of a message."""
        activity = {**original, "type": kind, "channelData": {**original["channelData"], "eventType": event}}
        if kind == "messageDelete":
            activity.pop("text", None)
            activity.pop("attachments", None)
        return activity

    def card_event(
        self, kind: str, person: Human, where: Conversation, card: Message, *, value: Any, name: str = ""
    ) -> dict[str, Any]:
        """Return what a press on a card sends: an `invoke`, or a `message` with a value."""
        activity = self.base(kind, person, where, root=card.root or card.id)
        activity |= {"replyToId": card.id, "value": value}
        activity["channelData"]["source"] = {"name": "message"}
        if card.only_for:
            activity["recipient"]["isTargeted"] = True
        if name:
            activity["name"] = name
        return activity

    def invoke(self, person: Human, where: Conversation, name: str, value: Any) -> dict[str, Any]:
        """Return an invoke that belongs to no message."""
        return {**self.base("invoke", person, where), "name": name, "value": value}

    def reaction(self, person: Human, where: Conversation, message: Message, kind: str, *, added: bool) -> dict:
        """Return a reaction to one of the bot's messages."""
        activity = self.base("messageReaction", person, where, root=message.root or message.id)
        change = "reactionsAdded" if added else "reactionsRemoved"
        return activity | {"replyToId": message.id, change: [{"type": kind}]}

    def installation(self, person: Human, where: Conversation, *, added: bool) -> list[dict[str, Any]]:
        """Return the two activities of an installation, or the two of a removal."""
        update = self.base("installationUpdate", person, where)
        update |= {"action": "add" if added else "remove"}
        members = self.base("conversationUpdate", person, where)
        change = "membersAdded" if added else "membersRemoved"
        members |= {change: [{"id": self.bot.id}]}
        if where.team:
            members["channelData"]["eventType"] = "teamMemberAdded" if added else "teamMemberRemoved"
        update["channelData"]["settings"] = {"selectedChannel": {"id": where.id}}
        return [members, update] if added else [update, members]


def _zone(person: Human) -> ZoneInfo:
    try:
        return ZoneInfo(person.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _client_info(person: Human) -> dict[str, str]:
    country = person.locale.partition("-")[2].upper() or "US"
    return {
        "type": "clientInfo",
        "locale": person.locale,
        "country": country,
        "platform": "Web",
        "timezone": person.time_zone,
    }


def _mention_entity(mention: Mention) -> dict[str, Any]:
    mentioned = {"id": mention.id, "name": mention.name}
    return {"type": "mention", "text": f"<at>{html.escape(mention.name)}</at>", "mentioned": mentioned}


def _rich(text: str) -> str:
    marked = re.sub(r"<at>(.*?)</at>", r'<span itemscope itemtype="http://schema.skype.com/Mention">\1</span>', text)
    return "<p>" + marked.replace("\n", "<br>") + "</p>"
