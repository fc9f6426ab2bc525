"""All commands and the verbs of all cards. A new command or card is one line here; a duplicate fails at start."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.cards import help as help_card
from bot.cards import incident, incidents, timeline
from bot.commands import ack, assign, declare, help, list, note, reopen, resolve, severity, show, status  # noqa: A004
from bot.commands import timeline as timeline_command
from bot.turn import Command, Verb

T = TypeVar("T")

COMMANDS: tuple[Command, ...] = (
    help.COMMAND,
    declare.COMMAND,
    list.COMMAND,
    show.COMMAND,
    ack.COMMAND,
    note.COMMAND,
    status.COMMAND,
    severity.COMMAND,
    assign.COMMAND,
    resolve.COMMAND,
    reopen.COMMAND,
    timeline_command.COMMAND,
)
VERBS: tuple[Verb, ...] = (*help_card.VERBS, *incident.VERBS, *incidents.VERBS, *timeline.VERBS)


def by_word(commands: Iterable[Command]) -> Mapping[str, Command]:
    """Index commands by word and alias. Raise ValueError when a word is taken twice."""
    return _unique((word, command) for command in commands for word in (command.word, *command.aliases))


def by_name(verbs: Iterable[Verb]) -> Mapping[str, Verb]:
    """Index verbs by name. Raise ValueError when a name is taken twice."""
    return _unique((verb.name, verb) for verb in verbs)


def _unique(pairs: Iterable[tuple[str, T]]) -> Mapping[str, T]:
    found: dict[str, T] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"“{name}” is registered twice")
        found[name] = value
    return found
