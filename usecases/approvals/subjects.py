"""What can be decided about: each kind of subject tells what exactly it is, and what follows from a decision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.approval import Approval
from domain.people import Person
from usecases.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectView:
    """What a decider has to know, in people's words: whoever draws it escapes them."""

    title: str
    """One line, such as "Maintenance 7: Database upgrade"."""
    lines: tuple[tuple[str, str], ...] = ()
    """Names and values, such as ("Services", "checkout")."""
    text: str = ""
    """The words that are decided about, where it is about words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKind:
    """One kind of subject. All of it runs in the transaction of whoever asks, and only `decided` writes."""

    kind: str
    """Such as "maintenance"; it stands in front of the number: "maintenance:7"."""
    content: Callable[[Store, int], Mapping[str, Any] | None]
    """Everything that is approved; None where it is gone or over: then there is nothing left to decide."""
    view: Callable[[Store, int, str | None, datetime], SubjectView]
    """Show it to a reader in a time zone (None: several people read it, times are UTC)."""
    decided: Callable[[Store, Approval, Person | None, datetime], None]
    """What follows when it was approved, rejected, expired or withdrawn; the person who did it, None: time or the bot."""
    gives_back: bool = False
    """Whether `decided` itself tells whoever asked that it was not approved, and why."""
