"""Help: what can be done here, and the first steps as buttons."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.cards import kit
from bot.turn import Answer, Card, Command, OpenForm, Reply, Turn, Verb


def help_card(commands: Iterable[Command]) -> Card:
    """Draw every command once, in the order they are used."""
    shown = list({c.word: c for c in commands}.values())
    body = [
        kit.block("What I can do", weight="Bolder", size="Large", style="heading"),
        kit.block("Write to me here, or @mention me in a channel. INC-12 may be left out inside its thread."),
        *map(_explained, shown),
    ]
    return kit.card(body, speak=f"What I can do: {_words(shown)}", actions=_first_steps(), wide=True)


def suggestion_card(said: str, commands: Iterable[Command]) -> Card:
    """Draw the answer to a word we do not know, with the nearest commands."""
    body = [kit.block(kit.plain(said), weight="Bolder"), *map(_explained, commands)]
    return kit.card(body, speak=said, actions=[kit.execute("Help", "help", {}), *_first_steps()[:2]], wide=True)


def welcome_card(said: str, example: str, commands: Iterable[Command]) -> Card:
    """Draw the hello to a new place: who brought us, the first thing to type, and what else there is."""
    shown = list({c.word: c for c in commands}.values())
    body = [
        kit.block(kit.plain(said), weight="Bolder"),
        kit.block("I keep one status card per incident that is always current, with its timeline and its roles."),
        kit.block(f"To begin, write **{kit.plain(example)}**"),
        kit.block(f"I know: {_words(shown)}.", isSubtle=True),
    ]
    return kit.card(body, speak=f"{said} To begin, write {example}", actions=_first_steps(), wide=True)


def _explained(command: Command) -> Card:
    usage = kit.plain(command.usage.replace("|", " | "))
    lines = [kit.block(f"**{usage}**"), kit.block(command.meaning, spacing="None", isSubtle=True)]
    return kit.container(lines, spacing="Small")


def _words(commands: Iterable[Command]) -> str:
    return ", ".join(command.word for command in commands)


def _first_steps() -> list[Card]:
    return [
        kit.execute("Declare incident", "declare.open", {}, style="positive"),
        kit.execute("Open incidents", "incidents.page", {"which": "open"}),
        kit.execute("My incidents", "incidents.page", {"which": "mine"}),
    ]


def _help(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - help needs no data
    return Reply(text="What I can do", card=help_card(turn.commands.values()))


def _open_declare(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - an empty form
    return OpenForm(name="declare", values={"embedded": True})


VERBS = (
    Verb(name="help", run=_help, kind="view"),
    Verb(name="declare.open", run=_open_declare, kind="view"),
)
