"""What a message of our own is made of: how it is drawn when its turn comes, and what follows when it has gone out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.conversation import Place
from domain.people import Person
from usecases.ports import Store

Payload = Mapping[str, Any]
Activity = dict[str, Any]

Draw = Callable[[Store, Payload, datetime], Activity | None]
"""Gives the activity as it is true now (UTC), None where nobody needs it any more. Reads only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A letter that Teams has taken. For one that was brought up to date it says where it stood before."""

    payload: Payload
    place: Place
    activity_id: str | None
    attempts: int
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A letter that did not go out, or may not have: `unclear` says that it may have arrived all the same."""

    payload: Payload
    reason: str
    attempts: int
    at: datetime
    """UTC."""
    unclear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One kind of message. `sent`, `failed` and `dropped` run in the transaction that records how the send ended."""

    name: str
    draw: Draw
    where: Callable[[Store, Payload], Place | None] | None = None
    """Tells where it goes where that is known only when its turn comes, such as the thread of a post; None: as planned."""
    sent: Callable[[Store, Gone], None] | None = None
    failed: Callable[[Store, Undelivered], None] | None = None
    """Refused for good: this is where another way is tried."""
    dropped: Callable[[Store, Payload, datetime], None] | None = None
    """`draw` said that nobody needs it any more."""
    vanished: Callable[[Store, Payload, datetime], None] | None = None
    """It was to be brought up to date, and Teams does not know it any more: whatever was new in it has not arrived."""


def reader_of(store: Store, payload: Payload) -> Person | None:
    """Find whose own copy a letter is, by its `reader`; None where several people read it."""
    number = payload["reader"]
    return None if number is None else store.people.many([int(number)]).get(int(number))
