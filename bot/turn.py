"""What a handler gets and what it gives back: plain values, no wire, no SDK.

A turn is one transaction: its handlers are synchronous, run in the database's worker thread and may run again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.words import Mention
from domain.conversation import ConversationKind, Place
from domain.incident import Incident
from domain.people import Person
from domain.timeline import Source
from usecases.incidents import Incidents, Trail
from usecases.ports import Store

Card = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request of one person, at one moment (UTC), in one place."""

    actor: Person
    now: datetime
    place: Place
    private: bool  # asked privately (slash menu), so answered privately
    incidents: Incidents
    store: Store
    key: str  # names this request: a second delivery carries the same
    at_ms: int  # real time, epoch milliseconds: how old a seen key is
    source: Source
    message_id: str | None = None  # the message whose button was pressed
    mentions: tuple[Mention, ...] = ()
    commands: Mapping[str, "Command"] = field(default_factory=dict[str, "Command"])
    newcomer: bool = False

    @property
    def zone(self) -> str | None:
        """Tell in whose time zone to write times: the asker's where nobody else reads the answer, else only UTC."""
        alone = self.private or self.message_id is not None or self.place.kind is ConversationKind.PERSONAL
        return self.actor.time_zone if alone else None

    @property
    def aside(self) -> Place:
        """Where to tell later what comes of it: where it was asked, for a private question in the asker's own chat."""
        own = self.store.conversations.personal(self.actor.object_id) if self.private and self.actor.object_id else None
        return own or self.place

    @property
    def trail(self) -> Trail:
        """Where the change of this turn comes from."""
        return Trail(self.source, self.key)

    def once(self, key: str) -> bool:
        """Claim a key for this turn; False when an earlier turn has it."""
        return self.store.inbound.first_time(key, at_ms=self.at_ms)

    def here(self) -> Incident | None:
        """Tell which incident this place is about, if it is clear."""
        return self.incidents.here(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: a sentence, or a card with its `text` as notification and fallback."""

    text: str
    card: Card | None = None
    about: int | None = None  # the incident it belongs to: what cannot be delivered is shown there
    silent: bool = False  # the status card itself is the answer; nothing else is posted
    asks: bool = False  # a form that is filled in next: a dialog stays open for it
    closes: bool = False  # a form that was a message of its own is done: everybody sees `text` in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """Ask for what is missing. `values` are what was typed already; `problem` says why we ask."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    problem: str | None = None


Answer = Reply | OpenForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One word of the language. `usage` and `meaning` feed help, docs and manifest."""

    word: str
    usage: str
    meaning: str
    run: Callable[[Turn, str], Answer]
    example: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What a button does. `view` only looks, `change` may write."""

    name: str
    run: Callable[[Turn, Mapping[str, Any]], Answer]
    kind: Literal["view", "change"] = "change"
    again: str = "incident.view"  # the verb that draws its card anew: after a refusal, or a press that came twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A guided question: drawn as a card, sent back by its own verb."""

    name: str
    draw: Callable[[Turn, Mapping[str, Any], str | None], Card]
    title: str
    verbs: tuple[Verb, ...]
