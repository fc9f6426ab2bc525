"""News for people whose coming shifts change because somebody else changed a schedule."""

from datetime import datetime
from typing import Any

from bot.cards import kit
from bot.letters.letter import Activity, Letter, Payload
from domain.zones import parse_moment
from usecases import shift_news
from usecases.ports import Store
from usecases.wording import between

SPANS_SHOWN = 6
SCHEDULES_SHOWN = 10
"""Times of one kind on one schedule, and schedules, that are written out; ours: a phone screen or two."""
SPOKEN = 3
"""The same, in the notification."""


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw what is new and what is gone on each schedule, in the reader's zone."""
    del now
    reader_id = int(payload["reader"])
    reader = store.people.many([reader_id]).get(reader_id)
    if reader is None or not payload["news"]:
        return None
    news = payload["news"]
    zone = reader.time_zone
    body = [kit.block("Your on-call shifts changed", weight="Bolder", size="Medium", style="heading")]
    for item in news[:SCHEDULES_SHOWN]:
        body.append(kit.block(f"**{kit.plain(item['schedule'])}**", separator=True))
        for what, kind in _KINDS:
            told = _told(item[kind], zone, SPANS_SHOWN)
            body += [kit.label(what), *(kit.block(line, spacing="None") for line in told)] if told else []
    if len(news) > SCHEDULES_SHOWN:
        body.append(kit.block(f"{len(news) - SCHEDULES_SHOWN} more schedules changed."))
    body.append(
        kit.block("This looks four weeks ahead. Your next shifts: write “oncall me”.", size="Small", isSubtle=True)
    )
    said = " ".join(_sentence(item, zone) for item in news[:SPOKEN])
    said += f" {len(news) - SPOKEN} more schedules changed." if len(news) > SPOKEN else ""
    return kit.message(said, kit.card(body, speak=said, wide=True))


_KINDS = (("New", "gained"), ("No longer", "lost"))


def _sentence(item: Any, zone: str) -> str:
    told = [f"{what.lower()} {', '.join(times)}" for what, kind in _KINDS if (times := _told(item[kind], zone, SPOKEN))]
    return f"Your on-call shifts on {item['schedule']} changed: {'; '.join(told)}."


def _told(spans: Any, zone: str, most: int) -> list[str]:
    told = [between(parse_moment(begins, "UTC"), parse_moment(ends, "UTC"), zone) for begins, ends in spans[:most]]
    return [*told, f"and {len(spans) - most} more"] if len(spans) > most else told


LETTER = Letter(name=shift_news.LETTER, draw=draw)
