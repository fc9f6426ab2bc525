"""News for people whose coming shifts change because somebody else changed a schedule."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.oncall import Schedule
from domain.zones import format_moment
from usecases import letters, spans
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.shift_windows import bounded
from usecases.spans import Span

LETTER = "shift_news"
"""The letter that tells it; its payload holds `news`, one entry of `News.to_json` for each schedule."""
AHEAD = timedelta(weeks=4)
"""How far ahead shifts are compared; ours: what people have planned around, and what fits a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one person gets and loses on one schedule; spans in order, half-open, UTC."""

    schedule: str
    gained: tuple[Span, ...]
    lost: tuple[Span, ...]

    def to_json(self) -> dict[str, Any]:
        """Write it for a letter."""
        return {
            "schedule": self.schedule,
            "gained": [[format_moment(begins), format_moment(ends)] for begins, ends in self.gained],
            "lost": [[format_moment(begins), format_moment(ends)] for begins, ends in self.lost],
        }


def tell(
    store: Store,
    before: Sequence[Schedule],
    after: Sequence[Schedule],
    now: datetime,
    *,
    key: str,
    but: Collection[int],
) -> None:
    """Tell everybody, once, whose shifts of the next four weeks differ; `but` are the ids of those who know already.

    `key` names the change. Where nothing was there before nobody is told: nobody could rely on it.
    """
    if not before:
        return
    for handle, news in changes(before, after, now).items():
        person = store.people.by_handle(handle)
        if person is None or not person.active or person.id in but:
            continue
        told = [item.to_json() for item in news]
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
        letters.to_person(
            store,
            person,
            LETTER,
            key=f"shifts:{key}:{person.id}:{digest}",
            message_class=MessageClass.CHATTER,
            news=told,
            reader=person.id,
        )


def changes(before: Sequence[Schedule], after: Sequence[Schedule], now: datetime) -> Mapping[str, tuple[News, ...]]:
    """Tell what each person gets and loses in the next four weeks, by handle, in the order of the schedules' ids."""
    old, new = {schedule.id: schedule for schedule in before}, {schedule.id: schedule for schedule in after}
    found: dict[str, list[News]] = {}
    for schedule_id in sorted({*old, *new}):
        was, will_be = old.get(schedule_id), new.get(schedule_id)
        if was == will_be:
            continue
        ends_at = now + min(bounded(schedule, AHEAD) for schedule in (was, will_be) if schedule is not None)
        mine = spans.moved(_held(was, now, ends_at), _held(will_be, now, ends_at))
        for person, (gained, lost) in mine.items():
            found.setdefault(person, []).append(News(schedule=schedule_id, gained=gained, lost=lost))
    return {person: tuple(news) for person, news in found.items()}


def _held(schedule: Schedule | None, now: datetime, ends_at: datetime) -> Mapping[str, tuple[Span, ...]]:
    return spans.held(schedule, now, ends_at) if schedule is not None else {}
