"""All commands and the verbs of all cards. A new command or card is one line here; a duplicate fails at start."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.cards import action as action_card
from bot.cards import approval as approval_card
from bot.cards import care as care_card
from bot.cards import causes as causes_card
from bot.cards import change as change_card
from bot.cards import changes as changes_card
from bot.cards import handoff as handoff_card
from bot.cards import help as help_card
from bot.cards import incident, incidents, timeline
from bot.cards import maintenance as maintenance_card
from bot.cards import oncall as oncall_card
from bot.cards import override as override_card
from bot.cards import page as page_card
from bot.cards import problem as problem_card
from bot.cards import review as review_card
from bot.cards import swap as swap_card
from bot.cards import update as update_card
from bot.commands import (
    ack,
    actions,
    approvals,
    assign,
    calendar,
    care,
    change,
    declare,
    digest,
    drill,
    escalate,
    handoff,
    help,  # noqa: A004
    here,
    list,  # noqa: A004
    maintenance,
    metrics,
    moment,
    note,
    oncall,
    override,
    problem,
    remind,
    reopen,
    resolve,
    review,
    severity,
    show,
    status,
    swap,
    update,
)
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
    escalate.COMMAND,
    resolve.COMMAND,
    reopen.COMMAND,
    update.COMMAND,
    remind.COMMAND,
    timeline_command.COMMAND,
    moment.COMMAND,
    moment.KEY,
    oncall.COMMAND,
    override.COMMAND,
    swap.COMMAND,
    change.COMMAND,
    handoff.COMMAND,
    review.COMMAND,
    actions.COMMAND,
    problem.COMMAND,
    approvals.COMMAND,
    care.COMMAND,
    maintenance.COMMAND,
    digest.COMMAND,
    metrics.COMMAND,
    calendar.COMMAND,
    drill.COMMAND,
    here.COMMAND,
)
VERBS: tuple[Verb, ...] = (
    *help_card.VERBS,
    *incident.VERBS,
    *incidents.VERBS,
    *timeline.VERBS,
    *page_card.VERBS,
    *handoff_card.VERBS,
    *oncall_card.VERBS,
    *override_card.VERBS,
    *swap_card.VERBS,
    *maintenance_card.VERBS,
    *review_card.VERBS,
    *action_card.VERBS,
    *problem_card.VERBS,
    *approval_card.VERBS,
    *care_card.VERBS,
    *change_card.VERBS,
    *changes_card.VERBS,
    *causes_card.VERBS,
    *update_card.VERBS,
)


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
