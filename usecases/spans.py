"""Who has which time on call, as plain intervals that can be compared. Half-open, UTC."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from domain.oncall import Schedule
from domain.shifts import shifts_between

Span: TypeAlias = tuple[datetime, datetime]


def held(schedule: Schedule, starts_at: datetime, ends_at: datetime) -> Mapping[str, tuple[Span, ...]]:
    """Tell each person's time within a window, by handle; shifts that touch are one span."""
    found: dict[str, list[Span]] = {}
    for shift in shifts_between(schedule, starts_at, ends_at):
        if shift.person is None or shift.starts_at is None or shift.ends_at is None:
            continue
        mine = found.setdefault(shift.person, [])
        if mine and mine[-1][1] == shift.starts_at:
            mine[-1] = (mine[-1][0], shift.ends_at)
        else:
            mine.append((shift.starts_at, shift.ends_at))
    return {person: tuple(spans) for person, spans in found.items()}


def less(spans: Iterable[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """Take away from spans what others cover. Each list is in order and without overlaps, so is the answer."""
    left: list[Span] = []
    for span in spans:
        begins, ends = span
        for other_begins, other_ends in others:
            if other_ends <= begins or other_begins >= ends:
                continue
            if other_begins > begins:
                left.append((begins, other_begins))
            begins = max(begins, other_ends)
        if begins < ends:
            left.append((begins, ends))
    return tuple(left)


def moved(
    before: Mapping[str, Sequence[Span]], after: Mapping[str, Sequence[Span]]
) -> Mapping[str, tuple[tuple[Span, ...], tuple[Span, ...]]]:
    """Tell what each person gets and loses between two states, by handle; who keeps everything is left out."""
    found: dict[str, tuple[tuple[Span, ...], tuple[Span, ...]]] = {}
    for person in sorted({*before, *after}):
        old, new = before.get(person, ()), after.get(person, ())
        gained, lost = less(new, old), less(old, new)
        if gained or lost:
            found[person] = (gained, lost)
    return found
