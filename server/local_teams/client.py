"""Acts as people in Local Teams: what the demo and the conversation tests use instead of a browser.

    async with TeamsClient("http://127.0.0.1:3978/local-teams") as teams:
        channel = await teams.channel("ada", "General")
        said = await teams.say("ada", channel, "@Incident declare Checkout is down")
        card = await teams.wait_for(lambda m: m.has("Checkout is down"), person="ada", conversation=channel)
        await teams.press("grace", card, "Acknowledge")

People are named by handle or object id. Waiting listens to the event stream and never sleeps; it fails after
`patience` seconds (real time) with what was seen instead.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

_TAKEN = range(200, 300)


@dataclass(frozen=True)
class Seen:
    """A message as one person sees it. `raw` is the emulator's JSON; `person` who looks."""

    raw: dict[str, Any]
    person: str

    @property
    def id(self) -> str:
        """Name the message."""
        return self.raw["id"]

    @property
    def conversation(self) -> str:
        """Name where it stands."""
        return self.raw["conversation"]

    @property
    def root(self) -> str | None:
        """The post this is a reply to, None for a post and outside channels."""
        return self.raw["root"]

    @property
    def text(self) -> str:
        """Return the words outside the card."""
        return self.raw.get("text", "")

    @property
    def card(self) -> dict[str, Any] | None:
        """Return the card, as this person sees it now."""
        return self.raw.get("card")

    @property
    def private(self) -> bool:
        """Tell whether only this person and the bot see it."""
        return self.raw["private"]

    @property
    def deleted(self) -> bool:
        """Tell whether it was deleted."""
        return self.raw["deleted"]

    @property
    def from_bot(self) -> bool:
        """Tell whether the bot wrote it."""
        return self.raw["from"]["id"] == "bot"

    def texts(self) -> str:
        """All that can be read: the text of the message and every text of its card, one per line."""
        return "\n".join([self.text, *_texts(self.card)])

    def has(self, *words: str) -> bool:
        """Say whether all these words can be read in the message."""
        readable = self.texts()
        return all(word in readable for word in words)

    def buttons(self) -> list[str]:
        """Return the titles of all actions of the card, nested cards included."""
        return [str(action.get("title", "")) for action in _actions(self.card)]

    def action(self, title: str) -> dict[str, Any]:
        """Return the action with this title."""
        for action in _actions(self.card):
            if action.get("title") == title:
                return action
        raise AssertionError(f"No button {title!r}; there are {self.buttons()} in:\n{self.texts()}")

    def inputs(self) -> dict[str, Any]:
        """Return the default value of every input of the card, by id."""
        return {node["id"]: node.get("value", "") for node in _walk(self.card) if _is_input(node)}


@dataclass(frozen=True)
class Outcome:
    """What a person sees after a press: kind is done, card, message, dialog or error."""

    kind: str
    text: str
    dialog: dict[str, Any] | None
    detail: Any
    status: int

    @property
    def card(self) -> dict[str, Any] | None:
        """The card of the dialog."""
        return (self.dialog or {}).get("card")


@dataclass
class TeamsClient:
    """A client of the emulator at `base_url` (E)."""

    base_url: str
    patience: float = 30.0
    _http: aiohttp.ClientSession = field(init=False)

    async def __aenter__(self) -> Self:
        # One event is one line, and a card of the largest size fits into it.
        self._http = aiohttp.ClientSession(read_bufsize=1 << 20)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    # Places

    async def directory(self) -> dict[str, Any]:
        """Return the bot, the people, the teams with their channels."""
        return await self._get("directory")

    async def conversations(self, person: str) -> list[dict[str, Any]]:
        """Return the person's list of conversations."""
        return (await self._get("conversations", {"as": person}))["conversations"]

    async def channel(self, person: str, name: str, team: str | None = None) -> str:
        """Return the id of a channel by its name, and by its team's name where two have it."""
        for each in await self.conversations(person):
            if each["kind"] == "channel" and each["name"] == name and team in {None, each["team"]["name"]}:
                return each["id"]
        raise AssertionError(f"{person} has no channel {name!r}")

    async def personal(self, person: str) -> str:
        """Return the id of the person's 1:1 chat with the bot."""
        return (await self._post("personal", {"as": person}))["id"]

    async def group_chat(self, person: str, name: str, members: list[str]) -> str:
        """Open a group chat with the bot; returns its id."""
        return (await self._post("group-chats", {"as": person, "name": name, "members": members}))["id"]

    async def install(self, person: str, conversation: str, *, installed: bool = True) -> list[dict[str, Any]]:
        """Add the bot to a conversation's team or chat, or remove it; returns the activities it was sent."""
        body = {"as": person, "conversation": conversation, "installed": installed}
        return (await self._post("install", body))["activities"]

    # Words

    async def say(
        self, person: str, conversation: str, text: str, *, root: str | None = None, slash: bool = False
    ) -> Seen:
        """Write a message; `root` replies to a post. Returns after the bot has taken it (or does not hear it)."""
        body = {"as": person, "conversation": conversation, "text": text, "root": root, "slash": slash}
        answer = await self._post("say", body)
        delivery = answer["delivery"]
        if delivery and delivery["status"] not in _TAKEN:
            raise AssertionError(f"The bot answered {delivery['status']} to {text!r}")
        return Seen(answer["message"], person)

    async def edit(self, person: str, message: Seen | str, text: str) -> None:
        """Change an own message."""
        await self._post("edit", {"as": person, "message": _id(message), "text": text})

    async def delete(self, person: str, message: Seen | str) -> None:
        """Delete an own message."""
        await self._post("delete", {"as": person, "message": _id(message)})

    async def react(self, person: str, message: Seen | str, reaction: str = "like") -> None:
        """Set a reaction or take it back."""
        await self._post("react", {"as": person, "message": _id(message), "reaction": reaction})

    # Cards

    async def press(self, person: str, message: Seen, title: str, /, **inputs: Any) -> Outcome:
        """Press a button of a card as this person sees it now, with the inputs filled in."""
        now = await self.see(person, message)
        action = now.action(title)
        filled = {} if action.get("associatedInputs") == "none" else {**now.inputs(), **inputs}
        return await self.press_action(person, now, {**action, "data": {**(action.get("data") or {}), **filled}})

    async def press_action(self, person: str, message: Seen | str, action: dict[str, Any]) -> Outcome:
        """Press with exactly this action: for old cards, forged data and repeated presses."""
        return Outcome(**await self._post("press", {"as": person, "message": _id(message), "action": action}))

    async def submit(self, person: str, message: Seen, dialog: Outcome, title: str = "", /, **inputs: Any) -> Outcome:
        """Submit an open dialog of a card with its button of this title (the first one without)."""
        card = Seen({"card": dialog.card, "text": ""}, person)
        action = card.action(title) if title else next(_actions(dialog.card))
        data = {**(action.get("data") or {}), **card.inputs(), **inputs}
        body = {"as": person, "conversation": message.conversation, "message": message.id, "data": data}
        return Outcome(**await self._post("dialog", body))

    async def extension(
        self, person: str, conversation: str, command: str, *, message: Seen | None = None, data: Any = None
    ) -> Outcome:
        """Open the dialog of a message extension action, or with `data` submit it."""
        body = {"as": person, "conversation": conversation, "command": command, "data": data}
        body |= {"message": message.id if message else None, "submit": data is not None}
        return Outcome(**await self._post("extension", body))

    # Looking

    async def messages(self, person: str, conversation: str) -> list[Seen]:
        """Return the conversation as this person sees it, oldest first."""
        found = await self._get("messages", {"as": person, "conversation": conversation})
        return [Seen(raw, person) for raw in found["messages"]]

    async def see(self, person: str, message: Seen) -> Seen:
        """Return a message as this person sees it now."""
        for seen in await self.messages(person, message.conversation):
            if seen.id == message.id:
                return seen
        raise AssertionError(f"{person} cannot see message {message.id}")

    async def wait_for(
        self, wanted: Callable[[Seen], bool], *, person: str, conversation: str, what: str = "a message"
    ) -> Seen:
        """Return the first message that is as wanted, now or when it comes or changes."""
        seen: list[Seen] = []
        try:
            async with asyncio.timeout(self.patience), self._events(person) as events:
                seen = await self.messages(person, conversation)
                for message in seen:
                    if wanted(message):
                        return message
                async for event in events:
                    if event["type"] == "message" and event["message"]["conversation"] == conversation:
                        message = Seen(event["message"], person)
                        seen.append(message)
                        if wanted(message):
                            return message
        except TimeoutError:
            pass
        shown = "\n---\n".join(message.texts() for message in seen[-8:])
        raise AssertionError(f"{person} did not see {what}. Seen last:\n{shown}")

    @asynccontextmanager
    async def watching(self, person: str, conversation: str) -> AsyncIterator[None]:
        """Have the conversation open in a page, so that cards are refreshed for this person."""
        async with self._events(person) as events:
            hello = await anext(events)
            await self._post("open", {"as": person, "conversation": conversation, "session": hello["session"]})
            yield

    @asynccontextmanager
    async def _events(self, person: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        async with self._http.get(f"{self.base_url}/api/events", params={"as": person}) as response:
            response.raise_for_status()
            yield _parse(response)

    # Faults and what the bot did

    async def plan_faults(self, *rules: dict[str, Any]) -> None:
        """Plan faults of the connector, see `server.local_teams.faults.FaultRule`."""
        await self._send("POST", "_faults", list(rules))

    async def traffic(self) -> dict[str, Any]:
        """Return `calls` of the bot to the connector, `deliveries` to the bot, `violations` of the rate windows."""
        return await self._send("GET", "_calls")

    async def forget_traffic(self) -> None:
        """Empty that log."""
        await self._send("DELETE", "_calls")

    async def _get(self, name: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        return await self._send("GET", f"api/{name}", query=query)

    async def _post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._send("POST", f"api/{name}", body)

    async def _send(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Any:
        async with self._http.request(method, f"{self.base_url}/{path}", json=body, params=query) as response:
            answer = await response.json()
            if not response.ok:
                raise AssertionError(f"{method} {path}: {response.status} {answer.get('error')}")
            return answer


async def _parse(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    async for line in response.content:
        if line.startswith(b"data: "):
            yield json.loads(line[6:])


def _id(message: Seen | str) -> str:
    return message if isinstance(message, str) else message.id


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for item in node:
            yield from _walk(item)


def _actions(card: Any) -> Iterator[dict[str, Any]]:
    refresh = (card or {}).get("refresh", {}).get("action")
    for node in _walk(card):
        if str(node.get("type", "")).startswith("Action.") and node is not refresh:
            yield node


def _is_input(node: dict[str, Any]) -> bool:
    return str(node.get("type", "")).startswith("Input.") and "id" in node


def _texts(card: Any) -> Iterator[str]:
    for node in _walk(card):
        yield from (str(node[key]) for key in ("text", "title", "value", "label") if isinstance(node.get(key), str))
