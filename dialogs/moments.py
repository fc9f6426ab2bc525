"""A day and a time in a form, with the pickers of the reader's device, on one zone's wall clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards import kit
from bot.turn import Card, Turn
from bot.when import left_out
from dialogs.parts import words
from domain.errors import Refused
from domain.zones import parse_moment
from usecases import people
from usecases.spans import Span


def zone_of(turn: Turn, values: Mapping[str, Any]) -> str:
    """Tell in which zone the form is written: the one it was drawn in, whoever sends it."""
    return people.known_zone(words(values, "zone")) or people.known_zone(turn.actor.time_zone) or "UTC"


def zone_line(zone: str) -> Card:
    """Say in which zone the times of a form are."""
    return kit.block(f"Times are in {kit.plain(zone)}.", size="Small", isSubtle=True)


def pickers(
    name: str,
    title: str,
    values: Mapping[str, Any],
    zone: str,
    otherwise: datetime | None = None,
    *,
    required: bool = True,
) -> Card:
    """Ask for a day and a time: as they were chosen before, else as `values` has them (ISO 8601), else `otherwise`."""
    day, clock = words(values, f"{name}_day"), words(values, f"{name}_time")
    given = _given(values, name) or (None if day or clock else otherwise)
    if given is not None:
        local = given.astimezone(ZoneInfo(zone))
        day, clock = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
    must = {"isRequired": True, "errorMessage": f"Choose a day and a time for “{title}”."} if required else {}
    return kit.columns(
        [{"type": "Input.Date", "id": f"{name}_day", "label": f"{title}, day", **_filled(day[:10]), **must}],
        [{"type": "Input.Time", "id": f"{name}_time", "label": f"{title}, time", **_filled(clock[:5]), **must}],
    )


def picked(data: Mapping[str, Any], name: str, zone: str, title: str) -> datetime:
    """Read what was chosen as UTC. Raise Refused with a sentence for anything else."""
    day, clock = words(data, f"{name}_day").strip(), words(data, f"{name}_time").strip()
    if not day or not clock:
        raise Refused(f"Choose a day and a time for “{title}”.")
    try:
        return parse_moment(f"{day} {clock}", zone)
    except (ValueError, OverflowError):
        raise Refused(f"“{day[:20]} {clock[:20]}” is no day and time. Choose them for “{title}”.") from None


def span_picked(data: Mapping[str, Any], zone: str, what: str) -> Span:
    """Read "From" and "To". Raise Refused where a time that the clocks leave out puts the ends of `what` out of order."""
    starts_at, ends_at = picked(data, "starts", zone, "From"), picked(data, "ends", zone, "To")
    moved = left_out(words(data, "starts_time"), starts_at, zone)
    if ends_at <= starts_at and moved:
        raise Refused(f"{what} ends after it begins. {moved}")
    return starts_at, ends_at


def picked_if_any(data: Mapping[str, Any], name: str, zone: str, title: str) -> datetime | None:
    """Read what was chosen where it may stay empty."""
    empty = not words(data, f"{name}_day").strip() and not words(data, f"{name}_time").strip()
    return None if empty else picked(data, name, zone, title)


def _filled(value: str) -> dict[str, str]:
    return {"value": value} if value else {}


def _given(values: Mapping[str, Any], name: str) -> datetime | None:
    written = words(values, name)
    try:
        moment = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
