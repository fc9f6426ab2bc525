"""Changes as lines: in a list, and on the status card of an incident."""

from datetime import datetime, timedelta

from bot.cards import kit
from bot.cards.change import STATE, risk_of
from bot.turn import Card
from domain.change import Change
from usecases.changes.beside import Beside
from usecases.views import IncidentView
from usecases.wording import listed

TITLE_SHOWN = 80
"""Characters of a title on the card of an incident; ours: it is a line among others there."""
_DAYS_FROM = timedelta(days=2)


def change_row(change: Change, service: str, author: str, zone: str | None, now: datetime) -> list[Card]:
    """Draw one change of a list."""
    return [
        kit.block(f"**{change.name}**  ·  {risk_of(change.risk)}  ·  {STATE[change.state]}", size="Small"),
        kit.block(kit.plain(change.title), spacing="None", weight="Bolder"),
        kit.block(
            f"{kit.plain(service)}  ·  {kit.moment(change.at, zone, now)}  ·  {kit.plain(author)}",
            size="Small",
            isSubtle=True,
            spacing="None",
        ),
    ]


def change_lines(view: IncidentView, zone: str | None) -> list[Card]:
    """Draw what changed on the services of an incident; a press opens the list."""
    near = view.changes
    if near is None:
        return []
    lines = [kit.block(f"{_counted(view, near)}  ›")] if near.total else []
    lines += [_line(change, zone, view.now) for change in near.newest if view.incident.is_open]
    if near.cause is not None:
        title = kit.plain(kit.shortened(near.cause.title, TITLE_SHOWN))
        lines.append(kit.block(f"**Cause:** {near.cause.name}, {title} ({STATE[near.cause.state].lower()})  ›"))
    opens = kit.execute("Changes", "incident.changes", {"incident": view.incident.id})
    return [kit.container(lines, spacing="Medium", separator=True, selectAction=opens)]


def _counted(view: IncidentView, near: Beside) -> str:
    count = "1 change" if near.total == 1 else f"{near.total} changes"
    names = kit.plain(listed([service.name for service in view.services], most=kit.NAMES))
    if not view.incident.is_open:
        return f"**{count} on {names}** from 24 h before it until it was resolved"
    return f"**{count} on {names}** in the last {_length(near.until - near.since)}"


def _length(long: timedelta) -> str:
    return f"{long // timedelta(hours=1)} h" if long < _DAYS_FROM else f"{long // timedelta(days=1)} d"


def _line(change: Change, zone: str | None, now: datetime) -> Card:
    at = kit.moment(change.at, zone, now, named=False)
    state = f"{risk_of(change.risk)}, {STATE[change.state].lower()}"
    return kit.block(
        f"{at}  ·  {state}  ·  {kit.plain(kit.shortened(change.title, TITLE_SHOWN))}", size="Small", spacing="None"
    )
