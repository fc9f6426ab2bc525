"""What timeline entries say, one sentence each, for cards and for reviews."""

from collections.abc import Callable

from domain.people import BOT_ID
from domain.timeline import EntryKind, TimelineEntry

BOT_NAME = "Incident bot"
Words = Callable[[str], str]
NameOf = Callable[[object], str]
"""Gives a person's name by their id."""


def _as_it_is(text: str) -> str:
    return text


def sentence(  # noqa: PLR0911 - one return per kind
    entry: TimelineEntry, name_of: NameOf, *, plain: Words = _as_it_is, strong: Words = _as_it_is
) -> str:
    """Tell an entry without its actor. `plain` makes people's words safe where they are shown, `strong` marks a word."""
    text, data = plain(entry.text), entry.data
    match entry.kind:
        case EntryKind.DECLARED:
            return f"declared it with severity {data.get('severity')}: {text}"
        case EntryKind.ACKNOWLEDGED:
            return "acknowledged it"
        case EntryKind.NOTE:
            return f"noted: {text}" if entry.deleted_at is None else "deleted this note"
        case EntryKind.STATUS_CHANGED:
            return f"changed the status from {data.get('from')} to {strong(str(data.get('to')))}"
        case EntryKind.SEVERITY_CHANGED:
            return f"changed the severity from {data.get('from')} to {strong(str(data.get('to')))}"
        case EntryKind.ROLE_ASSIGNED:
            return _assigned(entry, name_of, strong)
        case EntryKind.RESOLVED:
            return f"resolved it: {text}" if text else "resolved it"
        case EntryKind.REOPENED:
            return f"reopened it: {text}"
        case _:  # domain.timeline.TOLD: a sentence of ours
            return text


def whole(entry: TimelineEntry, name_of: NameOf) -> str:
    """Tell an entry with whoever acted; a sentence of ours names everybody itself."""
    said = sentence(entry, name_of)
    return said if entry.text == said or entry.actor == BOT_ID else f"{name_of(entry.actor)} {said}"


def _assigned(entry: TimelineEntry, name_of: NameOf, strong: Words) -> str:
    role, before = strong(str(entry.data.get("role"))), entry.data.get("before")
    instead = f" instead of {name_of(before)}" if before is not None else ""
    if entry.data.get("person") == entry.actor:
        return f"took the role {role}{instead}"
    return f"made {name_of(entry.data.get('person'))} {role}{instead}"
