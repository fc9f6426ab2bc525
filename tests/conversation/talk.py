"""What the tests of conversations say over and over."""

import re
from collections.abc import Callable
from itertools import count
from typing import Any

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.stage import Stage

_titles = count(1)


def ref_in(message: Seen) -> str:
    """Read the name of the incident in a message."""
    found = re.search(r"INC-\d+", message.texts())
    assert found, message.texts()
    return found[0]


def a_title(about: str = "Checkout is down") -> str:
    """Make a title that no other incident has."""
    return f"{about} {next(_titles):04d}"


def card_of(ref: str, *words: str) -> Callable[[Seen], bool]:
    """Recognise the status card of an incident, with these words on it."""
    return lambda m: m.from_bot and m.card is not None and m.has(ref, *words) and "Timeline" in m.buttons()


def after(message: Seen, *words: str) -> Callable[[Seen], bool]:
    """Recognise what the bot writes after a message."""
    return lambda m: m.from_bot and int(m.id) > int(message.id) and m.has(*words)


async def ask(
    teams: TeamsClient,
    person: str,
    conversation: str,
    text: str,
    *words: str,
    root: str | None = None,
    slash: bool = False,
) -> Seen:
    """Say something and return the first answer that has these words."""
    said = await teams.say(person, conversation, text, root=root, slash=slash)
    return await teams.wait_for(
        after(said, *words), person=person, conversation=conversation, what=f"an answer to {text[:60]!r}"
    )


async def declare(
    teams: TeamsClient, person: str, conversation: str, words: str = "", *, mention: bool = True
) -> tuple[str, Seen]:
    """Declare an incident; return its name and its card."""
    title = words or a_title()
    said = await teams.say(person, conversation, f"{'@Incident ' if mention else ''}declare {title}")
    card = await teams.wait_for(
        lambda m: after(said)(m) and m.card is not None and m.has("INC-"),
        person=person,
        conversation=conversation,
        what="a status card",
    )
    return ref_in(card), card


async def cards_in(teams: TeamsClient, person: str, conversation: str, ref: str) -> list[Seen]:
    """Return the live status cards of an incident in a conversation."""
    return [m for m in await teams.messages(person, conversation) if not m.deleted and card_of(ref)(m)]


async def sends(teams: TeamsClient, conversation: str, *words: str, method: str = "POST") -> list[dict[str, Any]]:
    """Return the bot's calls to the connector for a conversation whose body has these words."""
    base = conversation.partition(";")[0]
    calls = (await teams.traffic())["calls"]
    return [
        c
        for c in calls
        if c["method"] == method and base in c["path"] and all(word in str(c["body"]) for word in words)
    ]


def kinds(timeline: list[dict[str, Any]]) -> list[str]:
    """Name the kinds of what people did; when the bot pages somebody in between is another matter."""
    return [entry["kind"] for entry in timeline if entry["source"] != "timer"]


async def settled(stage: Stage, people: TeamsClient, ref: str, card: Seen, person: str = "ada") -> None:
    """Wait until the card that everybody sees is up to date: from then on it takes away nobody's own view of it."""
    version = (await stage.incident(ref))["version"]

    def current(message: Seen) -> bool:
        drawn = [a["data"] for a in actions_of(message) if "card" in (a.get("data") or {})]
        return message.id == card.id and any(data["version"] == version for data in drawn)

    await people.wait_for(current, person=person, conversation=card.conversation, what=f"version {version} of {ref}")


def actions_of(message: Seen) -> list[dict[str, Any]]:
    """List the buttons of a card."""
    return (message.card or {}).get("actions", [])
