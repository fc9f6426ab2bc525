"""The few building blocks of our cards. Teams draws Adaptive Cards up to version 1.5.

Words a person or an alert wrote go through `plain` before they enter a card; titles of buttons are ours.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from bot.turn import Card
from domain.people import Person
from usecases.wording import city_of

MIME = "application/vnd.microsoft.card.adaptive"
NAMES = 3  # names in a row; ours: more is read as "many" anyway
REFRESH_LIMIT = 60  # people whose view of a card refreshes by itself; Teams' limit for refresh.userIds
BUDGET = 60_000  # bytes of UTF-16; Teams refuses a message above 100 KB with 413
_ACTIVE = re.compile(r"[\\*`\[\]]|(?<=\])\(|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
_LINE_START = re.compile(r"(?:^|(?<=\r))(\s*)([-+#>]|\d+(?=[.)]))", re.MULTILINE)

ADDRESS_LIMIT = 2_000  # characters of a link; ours: a few of them still fit a card
_IN_ADDRESSES = "%:/?#@!$&+,;=~-."  # what an address may hold as it stands; brackets, quotes and marks are encoded

SEVERITY_SIGN = {1: "⬤", 2: "▲", 3: "◆", 4: "○"}
SEVERITY_STYLE = {1: "attention", 2: "warning", 3: "accent", 4: "emphasis"}


def plain(text: str) -> str:
    """Escape a person's words for a TextBlock or a fact: no markdown, no mention, no HTML."""
    text = _ENTITY.sub("&amp;", text)
    text = _ACTIVE.sub(lambda found: "\\" + found[0], text)
    text = _LINE_START.sub(lambda found: found[1] + _defused(found[2]), text)
    return text.replace("<", "&lt;")


def _defused(mark: str) -> str:
    return mark + "\\" if mark.isdigit() else "\\" + mark


def unmarked(text: str) -> str:
    """Keep a person's words for places that know no markdown (fallback, notification): only `<at>` is broken up."""
    return re.sub(r"<(?=/?at\b)", "<\u200b", text, flags=re.IGNORECASE)


def shortened(text: str, limit: int) -> str:
    """Cut at `limit` characters, and say so."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def block(text: str, **more: Any) -> Card:
    """Make a TextBlock that wraps. `text` is markdown: people's words come through `plain`."""
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def label(text: str) -> Card:
    """Make a small subtle line above a value."""
    return block(text, size="Small", isSubtle=True)


def container(items: Sequence[Card], **more: Any) -> Card:
    """Group blocks."""
    return {"type": "Container", "items": list(items), **more}


def columns(*groups: Sequence[Card] | Card, **more: Any) -> Card:
    """Set groups side by side; a group is a list of blocks, or a whole column."""
    sides = [g if isinstance(g, dict) else {"type": "Column", "width": "stretch", "items": list(g)} for g in groups]
    return {"type": "ColumnSet", "columns": sides, **more}


def facts(pairs: Iterable[tuple[str, str]], **more: Any) -> Card:
    """List names and values; values come through `plain`."""
    return {"type": "FactSet", "facts": [{"title": t, "value": v} for t, v in pairs], **more}


def execute(title: str, verb: str, data: Mapping[str, Any], **more: Any) -> Card:
    """Make a button that comes back to us. `data` holds ids and the moment it was drawn, nothing worth forging."""
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": dict(data), **more}


def opens_dialog(title: str, verb: str, data: Mapping[str, Any], **more: Any) -> Card:
    """Make a button that opens a dialog: what is typed there is safe from changes of the card behind it."""
    return {
        "type": "Action.Submit",
        "title": title,
        "data": {**data, "verb": verb, "msteams": {"type": "task/fetch"}},
        **more,
    }


def text_input(name: str, title: str, **more: Any) -> Card:
    """Ask for words."""
    return {"type": "Input.Text", "id": name, "label": title, **more}


def choice_input(name: str, title: str, choices: Iterable[tuple[str, str]], **more: Any) -> Card:
    """Ask to choose; pairs are (value, what is read)."""
    options = [{"title": shown, "value": value} for value, shown in choices]
    return {"type": "Input.ChoiceSet", "id": name, "label": title, "style": "compact", "choices": options, **more}


def card(
    body: Sequence[Card],
    *,
    speak: str,
    actions: Sequence[Card] = (),
    wide: bool = False,
    mentions: Iterable[Person] = (),
    **more: Any,
) -> Card:
    """Close a card. `speak` is what a screen reader says and what an old client shows; who is mentioned is notified."""
    made: Card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "speak": unmarked(speak),
        "fallbackText": unmarked(speak),
        "body": list(body),
        **more,
    }
    if actions:
        made["actions"] = list(actions)
    entities = [entity for person in mentions if (entity := _mention_entity(person))]
    teams = ({"width": "Full"} if wide else {}) | ({"entities": entities} if entities else {})
    return made | ({"msteams": teams} if teams else {})


def sentence_card(text: str, *, actions: Sequence[Card] = ()) -> Card:
    """Make a card that says one thing."""
    return card([block(plain(text))], speak=text, actions=actions)


def notice(text: str) -> Card:
    """Make a line on top of a card for the one who pressed."""
    return container([block(plain(text), size="Small")], style="emphasis", bleed=True)


def problem(text: str | None) -> list[Card]:
    """Say why a form came back."""
    return [block(f"⚠ {plain(text)}", color="Attention", weight="Bolder")] if text else []


def message(text: str, drawn: Card | None = None) -> dict[str, Any]:
    """Make the activity for a sentence, or for a card with its notification text."""
    said = unmarked(text)
    if drawn is None:
        return {"type": "message", "textFormat": "plain", "text": said}
    return {"type": "message", "summary": said, "attachments": [{"contentType": MIME, "content": drawn}]}


def mentioning(person: Person, text: str) -> dict[str, Any]:
    """Make the activity for a sentence that begins with a mention; without a Teams account it is only the name."""
    entity = _mention_entity(person)
    if entity is None:
        return message(f"{person.name}: {text}")
    return {
        "type": "message",
        "textFormat": "markdown",
        "text": f"{mention(person)} {plain(text)}",
        "entities": [entity],
    }


def mention(person: Person) -> str:
    """Name somebody so that Teams notifies them; the card names them in `mentions` too. Else it is only the name."""
    name = plain(person.name)
    return f"<at>{name}</at>" if _mention_entity(person) else name


def _mention_entity(person: Person) -> dict[str, Any] | None:
    known_as = person.channel_user_id or person.object_id
    if known_as is None:
        return None
    mark = f"<at>{plain(person.name)}</at>"
    return {"type": "mention", "text": mark, "mentioned": {"id": known_as, "name": person.name}}


def web_address(address: str) -> str | None:
    """Write an address so that nothing in it can end a link early; None for what does not lead to the web."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    safe = quote(address, safe=_IN_ADDRESSES)
    return safe if parts.scheme in ("http", "https") and parts.netloc and len(safe) <= ADDRESS_LIMIT else None


def link(text: str, address: str) -> str:
    """Make a link to an address that `web_address` has written."""
    return f"[{plain(text)}]({address})"


def weight(made: Any) -> int:
    """Measure the bytes a value adds to a message, as Teams counts: compact JSON in UTF-16."""
    return len(json.dumps(made, separators=(",", ":"), ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def moment(at: datetime, zone: str | None, now: datetime, *, named: bool = True) -> str:
    """Write a time: UTC alone for everybody, the reader's zone first for one person. The date only when it differs.

    `named` says the zone's city: once on a card is enough, on a phone it costs a line.
    """
    utc = f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"
    if not zone or zone == "UTC":
        return utc
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    if local.utcoffset() == timedelta(0):
        return utc
    clock = f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
    city = f" {city_of(zone)}" if named else ""
    return f"{clock}{city} ({utc})"


def span(seconds: float) -> str:
    """Write a length of time as people do: 38 min, 1 h 12 min, 3 d 4 h."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{max(int(seconds), 0)} s"
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:  # noqa: PLR2004 - hours of a day
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
