"""What leaves the bot: rows that are written with their cause and delivered afterwards, in order, per lane."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

Payload = Mapping[str, Any]


class MessageClass(StrEnum):
    """Decides what an ambiguous answer means: it may or may not have been delivered."""

    PAGE = "page"  # at least once: retried, a double is harmless because its buttons are
    CARD = "card"  # retried: a status card is drawn anew from the newest state
    CHATTER = "chatter"  # at most once: never doubled, shown as undelivered


class MessageState(StrEnum):
    """Where a message is in its life."""

    OPEN = "open"
    SENT = "sent"
    UNKNOWN = "unknown"  # an ambiguous answer to chatter: it may have arrived, it is not sent again
    DEAD = "dead"  # refused for good, or given up


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """One thing to be sent.

    `lane` is the queue: order and Teams' rate windows are kept per lane. `dedupe_key` is unique for ever; a second
    message with it is not added. With a `coalesce_key` an open message of the same key is not doubled, its `version`
    is raised instead, so that only the newest state is drawn. `not_before_ms` is real time, epoch milliseconds.
    """

    lane: str
    tenant_id: str
    dedupe_key: str
    message_class: MessageClass
    payload: Payload
    coalesce_key: str | None = None
    version: int = 0
    incident_id: int | None = None
    not_before_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A message that was given up, for people to see."""

    message_id: int
    incident_id: int | None
    state: MessageState
    reason: str  # a sentence
    at_ms: int  # epoch milliseconds, real time


class Outbox(Protocol):
    """The sending side of a transaction."""

    def enqueue(self, message: NewMessage) -> None:
        """Add a message to its lane. Call last: the lane's row stays locked until the transaction ends."""
        ...

    def failures(self, incident_id: int, *, limit: int = 20) -> Sequence[Failure]:
        """List what could not be delivered for an incident, newest first."""
        ...

    def attempts(self, dedupe_keys: Collection[str]) -> Mapping[str, int]:
        """Tell how many sends were begun, of messages that are still kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMessage:
    """The head of a lane, with its token already taken: send it now."""

    id: int
    lane: str
    fence: int  # the lane's lease; a write with an older fence matches no row
    seq: int
    version: int  # as read; the message stays open when it was raised meanwhile
    attempts: int  # sends begun, this one included
    tenant_id: str
    message_class: MessageClass
    payload: Payload
    incident_id: int | None = None
    alone_at: int = 0  # the lane's enqueue count while nothing else waits in it: lets one statement close the lane


@dataclass(frozen=True, slots=True)
class Delivered:
    """It arrived. `then` is run in the transaction that records it (a card learns its activity id)."""

    activity_id: str | None = None
    then: "Callable[[Any], None] | None" = None  # takes a usecases.ports.Store


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was created: try again. `after_s` is Teams' own wish (Retry-After), None leaves it to the back-off.

    `slow_down`: Teams asked for fewer messages, so nothing at all is sent to that place meanwhile, nor with `tenant_wide`
    anywhere in the tenant. `then` is run where it is not tried again: when Teams has put it off for too long.
    """

    reason: str
    after_s: float | None = None
    slow_down: bool = False
    tenant_wide: bool = False
    then: "Callable[[Any], None] | None" = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """No clear answer: it may have arrived. The message class decides; `then` is run where it is not sent again."""

    reason: str
    then: "Callable[[Any], None] | None" = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Refused for good. `then` is run in the transaction that records it (another way is tried, a place is marked)."""

    reason: str
    then: "Callable[[Any], None] | None" = None


Delivery = Delivered | Later | Ambiguous | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxHealth:
    """The state of all lanes, for metrics and readiness."""

    open: int
    dead: int
    unknown: int
    oldest_overdue_ms: int = 0  # age of the oldest message that could have been sent by now
    by_state: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Claim:
    """What a look at the lanes found: messages to send now, and when it is worth looking again."""

    messages: Sequence[DueMessage]
    next_in_s: float | None = None  # seconds until the next lane is due; None: nothing waits


class Courier(Protocol):
    """Who delivers in this process. Turns hand their messages to it directly where the lane was idle."""

    def room(self) -> int:
        """How many more messages could be sent at once. Asked on worker threads."""
        ...

    def hand_over(self, messages: Sequence[DueMessage]) -> None:
        """Take messages whose lanes were claimed by the transaction that wrote them. Called on the event loop."""
        ...

    def wake(self, after_s: float = 0.0) -> None:
        """Look at the lanes, now or in so many seconds. Called on the event loop."""
        ...


class Lanes(Protocol):
    """The delivering side: who may send what, when. Every method is one transaction and may raise Unavailable."""

    @property
    def poll_s(self) -> float:
        """How often to look without being woken: a wake-up may be lost, a promise may not."""
        ...

    async def claim(self, limit: int) -> Claim:
        """Take the heads of at most `limit` lanes that may send now, each with its token."""
        ...

    async def finish(self, due: DueMessage, delivery: Delivery, *, more: bool = True) -> DueMessage | None:
        """Record how a send ended, and take the next message of the lane where one may be sent now."""
        ...

    async def put_back(self, due: DueMessage) -> None:
        """Give up a message that was taken and not sent; others may take it at once."""
        ...

    async def health(self) -> OutboxHealth:
        """Tell the state of all lanes."""
        ...

    async def quiet(self) -> bool:
        """Tell whether nothing is being sent, nothing could be sent by now, and no page waits for its turn."""
        ...

    async def sweep(self) -> int:
        """Forget a batch of what is old: inbound keys and delivered messages. Return how many rows went."""
        ...

    def attach(self, courier: Courier) -> None:
        """Name who delivers in this process; only then do turns hand messages over."""
        ...

    def detach(self) -> None:
        """Stop handing over."""
        ...
