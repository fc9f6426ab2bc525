"""One page of a timeline, and its buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards import carried, kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, Reply, Turn, Verb
from domain.people import BOT_ID
from domain.timeline import TimelineEntry
from usecases import story
from usecases.views import TimelineView
from usecases.wording import city_of

ROOM = 48_000  # bytes of UTF-16 for the rows; what does not fit goes to the next page, nothing is cut


def timeline_card(view: TimelineView, zone: str | None, now: datetime, *, newest_first: bool = True) -> Card:
    """Draw a page, oldest first. `newest_first` keeps the newest rows when long notes leave no room for all."""
    rows = [(entry, _row(view, entry, zone, now)) for entry in view.entries]
    shown = _fitting(rows, from_end=newest_first)
    older = view.older or (bool(shown) and shown[0][0] is not rows[0][0])
    newer = view.newer or (bool(shown) and shown[-1][0] is not rows[-1][0])
    incident = view.incident
    head = kit.block(f"Timeline of {incident.ref}: {kit.plain(incident.title)}", weight="Bolder", style="heading")
    local = zone and now.astimezone(ZoneInfo(zone)).utcoffset()
    where = f"times in {city_of(zone)}, UTC in brackets" if zone and local else "times in UTC"
    count = kit.label(f"{_range(shown)} of {incident.entry_seq}, oldest first, {where}")
    speak = f"Timeline of {incident.ref}, {len(shown)} entries."
    return kit.card(
        [head, count, *(row for _, row in shown)],
        speak=speak,
        actions=_buttons(incident.id, shown, older, newer),
        wide=True,
    )


def sentence(view: TimelineView, entry: TimelineEntry) -> str:
    """Tell an entry as markdown, people's words escaped."""
    return story.sentence(entry, lambda person: _name(view, person), plain=kit.plain, strong=lambda word: f"**{word}**")


def _row(view: TimelineView, entry: TimelineEntry, zone: str | None, now: datetime) -> Card:
    made = _whole_row(view, entry, zone, now)
    while kit.weight(made) > ROOM:  # thousands of characters that JSON or markdown write as several
        entry = replace(entry, text=kit.shortened(entry.text, len(entry.text) * 3 // 4))
        made = _whole_row(view, entry, zone, now)
    return made


def _whole_row(view: TimelineView, entry: TimelineEntry, zone: str | None, now: datetime) -> Card:
    edited = " (edited)" if entry.revisions else ""
    head = kit.label(
        f"{entry.seq}  ·  {kit.moment(entry.at, zone, now, named=False)}  ·  {_name(view, entry.actor)}{edited}"
    )
    return kit.container([head, kit.block(sentence(view, entry), spacing="None")], spacing="Small", separator=True)


def _name(view: TimelineView, person_id: object) -> str:
    if person_id == BOT_ID:
        return story.BOT_NAME
    person = view.people.get(person_id) if isinstance(person_id, int) else None
    return kit.plain(person.name if person else "somebody")


def _fitting(rows: Sequence[tuple[TimelineEntry, Card]], *, from_end: bool) -> list[tuple[TimelineEntry, Card]]:
    room, fitting = ROOM, list[tuple[TimelineEntry, Card]]()
    for entry, row in reversed(rows) if from_end else rows:
        room -= kit.weight(row)
        if room < 0 and fitting:
            break
        fitting.append((entry, row))
    return fitting[::-1] if from_end else fitting


def _range(shown: Sequence[tuple[TimelineEntry, Card]]) -> str:
    if not shown:
        return "Nothing yet"
    return f"{shown[0][0].seq} to {shown[-1][0].seq}"


def _buttons(incident: int, shown: Sequence[tuple[TimelineEntry, Card]], older: bool, newer: bool) -> list[Card]:  # noqa: FBT001
    buttons: list[Card] = []
    if older and shown:
        buttons.append(kit.execute("Older", "incident.timeline", {"incident": incident, "before": shown[0][0].seq}))
    if newer and shown:
        buttons.append(kit.execute("Newer", "incident.timeline", {"incident": incident, "after": shown[-1][0].seq}))
    return [*buttons, kit.execute("Back to status", "incident.view", {"incident": incident})]


def _turn_page(turn: Turn, data: Mapping[str, Any]) -> Answer:
    before, after = carried.number(data, "before"), carried.number(data, "after")
    view = turn.incidents.timeline(turn.actor, incident_of(data), after=after or 0, before=before)
    card = timeline_card(view, turn.zone, turn.now, newest_first=not after)
    return Reply(text=f"Timeline of {view.incident.ref}", card=card)


VERBS = (Verb(name="incident.timeline", run=_turn_page, kind="view"),)
