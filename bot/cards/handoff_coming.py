"""The sections of a handoff card that say what awaits the incoming person."""

from collections.abc import Sequence

from bot.cards import kit
from bot.cards.change import risk_of
from bot.turn import Card
from domain.maintenance import MaintenanceState
from usecases.handoffs.coming import ComingWindow, DueCare, RiskyChange
from usecases.wording import between, exact

TITLE_SHOWN = 50
"""Characters; ours: it is a line among others here."""
_STATE = {
    MaintenanceState.AWAITING_APPROVAL: "○ waits for approval",
    MaintenanceState.PLANNED: "○ planned",
    MaintenanceState.IN_PROGRESS: "▲ runs now",
    MaintenanceState.OVERRUN: "■ overruns",
}


def window_rows(windows: Sequence[ComingWindow], zone: str | None) -> list[Card]:
    """Draw maintenance, a line each."""
    return [
        _row(f"{w.name} {_titled(w.title)}: {between(*w.span, zone)}, {_STATE.get(w.state, str(w.state))}")
        for w in windows
    ]


def change_rows(changes: Sequence[RiskyChange], zone: str | None) -> list[Card]:
    """Draw changes, a line each."""
    return [_row(f"{c.name} {_titled(c.title)}: {risk_of(c.risk).lower()}, {exact(c.at, zone)}") for c in changes]


def care_rows(rows: Sequence[DueCare], zone: str | None) -> list[Card]:
    """Draw planned care, a line each."""
    return [_row(f"{_titled(c.title)}: {_due(c, zone)}, {kit.plain(c.owner) or 'nobody has it'}") for c in rows]


def _due(care: DueCare, zone: str | None) -> str:
    said = "■ overdue since" if care.is_overdue else "due"
    return f"{said} {exact(care.due_at, zone)}"


def _titled(title: str) -> str:
    return f"“{kit.plain(kit.shortened(title, TITLE_SHOWN))}”"


def _row(text: str) -> Card:
    return kit.block(text, spacing="Small")
