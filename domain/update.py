"""Stakeholder updates: what people who do not work on an incident are told, and when they are told more."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.errors import Refused
from domain.incident import LONGEST_REMINDER, checked_text

SUBJECT = "update"
"""What its approval is about: "update:7"."""
UPDATE_LIMIT = 4_000
"""Characters of an update; ours: it is read on a phone by somebody who has a minute."""
SHORTEST_PROMISE = timedelta(minutes=1)
"""The next update comes later than this; ours: sooner is the same update."""
APPROVAL_TAKES = timedelta(minutes=30)
"""So long an approval is waited for at most; ours: as long as a major incident may be silent."""
APPROVAL_LEAST = timedelta(minutes=10)
"""So long an approver has at least; ours: time to find the phone and to read."""

PLACEHOLDERS = ("title", "severity", "status", "services", "next")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]{1,20})\}")
_LONG = "What is wrong: {title}\nAffected: {services}\nWhat we do: we are working on it, and the status is {status}."
_SHORT = "{title}\nAffected: {services}. The status is {status}."
TEMPLATES: Mapping[int, str] = {1: _LONG, 2: _LONG, 3: _SHORT, 4: _SHORT}
"""What an update begins with, by severity: true as it stands, better with what people know."""


class UpdateState(StrEnum):
    """How an update stands."""

    AWAITING = "awaiting_approval"
    SENT = "sent"
    RETURNED = "returned"
    """Not approved: its author may change it and ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What stakeholders of an incident are told. People are named by their ids, times are UTC."""

    id: int
    incident_id: int
    cycle: int
    """How often the incident had been reopened when it was written."""
    author: int
    text: str
    """Plain words; "{next}" in it stands for `next_at`."""
    written_at: datetime
    next_at: datetime | None = None
    """When the next one comes; None: it is the last one, or nothing is promised."""
    is_final: bool = False
    """It says that the incident is resolved: nobody wrote it, and nobody approves it."""
    state: UpdateState = UpdateState.AWAITING
    audiences: tuple[str, ...] = ()
    """Names of the audiences it was sent to; empty where it went to the incident's own places."""
    sent_at: datetime | None = None
    version: int = 0


class DeliveryWay(StrEnum):
    """How an update reaches somebody."""

    POST = "post"
    """Where several people read it: a channel, a group chat."""
    CHAT = "chat"
    """Somebody's 1:1 chat."""
    EMAIL = "email"


class DeliveryState(StrEnum):
    """What became of it."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It may have arrived: it is not sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDelivery:
    """An update on its way to one place, person or address."""

    id: int
    update_id: int
    incident_id: int
    way: DeliveryWay
    target: str
    """A conversation without its thread, a person's number, or an address: each gets an update once."""
    name: str
    """As people know it, such as "Grace Hopper" or "the channel of Payments"."""
    state: DeliveryState = DeliveryState.PENDING
    reason: str = ""
    """Why it failed."""
    conversation_id: str | None = None
    """Where it stands, with the thread."""
    activity_id: str | None = None


def write(
    update: Update, text: str, *, next_at: datetime | None, at: datetime, longest: timedelta = LONGEST_REMINDER
) -> Update:
    """Give an update that is not sent yet its words and its promise. Raise Refused for what cannot be told."""
    if update.state is UpdateState.SENT:
        raise Refused("This update was sent already. Write `update` to send another one.")
    words = checked_text(text, "update")
    if len(words) > UPDATE_LIMIT:
        raise Refused(
            f"That update has {len(words)} characters; {UPDATE_LIMIT} is the most. Say what matters and link to the rest."
        )
    if next_at is not None and not SHORTEST_PROMISE <= next_at - at <= longest:
        raise Refused("Promise the next update for a time later than now and within seven days, such as 30m or 16:30.")
    return replace(
        update, text=words, next_at=next_at, written_at=at, state=UpdateState.AWAITING, version=update.version + 1
    )


def send(update: Update, audiences: tuple[str, ...], at: datetime) -> Update:
    """Send it to these audiences."""
    return replace(update, state=UpdateState.SENT, audiences=audiences, sent_at=at, version=update.version + 1)


def give_back(update: Update) -> Update:
    """Give it back to its author."""
    return replace(update, state=UpdateState.RETURNED, version=update.version + 1)


def approval_until(update: Update, now: datetime) -> datetime:
    """Tell how long an approval is waited for: never beyond the next update it promises.

    Raise Refused where that leaves an approver too little time.
    """
    least, most = now + APPROVAL_LEAST, now + APPROVAL_TAKES
    if update.next_at is not None and update.next_at < least:
        raise Refused(
            "This update needs an approval first: promise the next one in ten minutes or later, so that there is time."
        )
    return min(most, update.next_at) if update.next_at is not None else most


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put words in the place of {title} and the like; what has no words stays as it stands."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)


def unknown_placeholder(template: str) -> str | None:
    """Find a placeholder that nothing is known about."""
    return next((word for word in _PLACEHOLDER.findall(template) if word not in PLACEHOLDERS), None)


def content_of(update: Update, audiences: tuple[Mapping[str, Any], ...]) -> Mapping[str, Any]:
    """Give exactly what is approved: the words, the promise, and who hears of it."""
    promise = update.next_at.isoformat(timespec="milliseconds") if update.next_at else None
    return {"text": update.text, "next": promise, "audiences": [dict(audience) for audience in audiences]}
