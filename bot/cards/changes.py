"""The list of changes, and its buttons."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.cards import carried, kit
from bot.cards.change_lines import change_row
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from usecases.change_ports import ChangeFilter, Position
from usecases.changes.views import RATE_OVER, ChangePage, change_page

PAGE = 10  # rows; ours: what fits two phone screens


def list_answer(turn: Turn, service: str | None, before: Position | None = None) -> Reply:
    """Show a page of changes, of one service or of all."""
    wanted = ChangeFilter(services=(service,) if service else (), before=before, limit=PAGE)
    page = change_page(turn.store, wanted, turn.now)
    count = "1 change" if len(page.changes) == 1 else f"{len(page.changes)} changes"
    return Reply(text=count, card=list_card(page, turn.zone))


def list_card(page: ChangePage, zone: str | None) -> Card:
    """Draw one page; each row opens its change."""
    heading = "Changes"
    if page.wanted.services:
        heading += f" on {kit.plain(page.services[page.wanted.services[0]])}"
    body = [kit.block(heading, weight="Bolder", size="Large", style="heading"), *_rate(page)]
    for change in page.changes:
        opens = kit.execute(f"Open {change.name}", "change.view", {"change": change.id})
        row = change_row(change, page.services[change.service], page.author_of(change), zone, page.now)
        body.append(kit.container(row, separator=True, selectAction=opens))
    if not page.changes:
        body.append(kit.block("There are none. Write “change” and what changes to record one."))
    actions = [
        kit.execute(
            "Record change", "change.open", {"service": page.wanted.services[0] if page.wanted.services else ""}
        )
    ]
    if page.more:
        more = {"service": page.wanted.services[0] if page.wanted.services else "", **carried_position(page)}
        actions.insert(0, kit.execute("Older", "change.page", more))
    speak = "Changes: " + ("; ".join(f"{c.name} {kit.shortened(c.title, 60)}" for c in page.changes) or "none")
    return kit.card(body, speak=speak, actions=actions, wide=True)


def carried_position(page: ChangePage) -> dict[str, Any]:
    """Write where the next page begins into a button."""
    last = page.changes[-1]
    return {"before": last.id, "before_at": last.at.isoformat()}


def position_in(data: Mapping[str, Any]) -> Position | None:
    """Read where a page begins; None: at the top."""
    number = carried.number(data, "before")
    try:
        at = datetime.fromisoformat(str(data.get("before_at")))
    except ValueError:
        return None
    return (at, number) if number is not None and at.tzinfo is not None else None


def _rate(page: ChangePage) -> list[Card]:
    if not page.total:
        return []
    percent = round(100 * page.failed / page.total)
    said = f"Change failure rate, last {RATE_OVER.days} days: {percent} % ({page.failed} of {page.total})"
    return [kit.block(said, size="Small", isSubtle=True, spacing="None")]


def _page(turn: Turn, data: Mapping[str, Any]) -> Answer:
    service = data.get("service")
    return list_answer(turn, service if isinstance(service, str) and service else None, position_in(data))


def _open(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - the form is drawn from the button
    service = data.get("service")
    return OpenForm(name="change", values={"service": service if isinstance(service, str) else "", "embedded": True})


VERBS = (
    Verb(name="change.page", run=_page, kind="view", again="change.page"),
    Verb(name="change.open", run=_open, kind="view", again="change.page"),
)
