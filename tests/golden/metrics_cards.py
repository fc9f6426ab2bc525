"""Figures: of a full month, of a team with few incidents, and of nothing at all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.cards import kit
from bot.cards.metrics import metrics_card, spoken
from domain.catalog import Side, Team
from domain.metrics import Measured, Share, Spread
from domain.organisation import Targets
from tests.support.samples import NOW, ago
from usecases.metrics import Figures
from usecases.metrics.work import NOTHING as NO_WORK
from usecases.metrics.work import Work

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '


def measured(number: int, severity: int = 2, hours: float | None = 1) -> Measured:
    at = ago(days=20) + timedelta(hours=number)
    return Measured(
        id=number,
        title="Checkout is down",
        severity=severity,
        services=("checkout",),
        declared_at=at,
        paged_at=at,
        acknowledged_at=at + timedelta(minutes=3),
        mitigated_at=None,
        resolved_at=at + timedelta(hours=hours) if hours is not None else None,
    )


def figures(*incidents: Measured, **more: Any) -> Figures:
    given: dict[str, Any] = {
        "since": ago(days=30),
        "until": NOW,
        "team": None,
        "services": None,
        "incidents": incidents,
        "time_to_detect": Spread(None, None, 0),
        "time_to_acknowledge": Spread(180, 412.5, len(incidents)),
        "time_to_mitigate": Spread(None, None, 0),
        "time_to_resolve": Spread(3_180, 14_220, len(incidents)),
        "repeat_rate": Share(33.3, 3),
        "handoff_acceptance": Share(87.5, 8),
        "change_failure_rate": Share(None, 0),
        "work": Work(reactive=Share(7.5, len(incidents)), hours=12, both_sides=Spread(540, 1_260, len(incidents))),
    }
    return Figures(**{**given, **more})


def card(found: Figures, zone: str | None = None) -> dict[str, Any]:
    return kit.message(spoken(found), metrics_card(found, Targets(), zone))


TEAM = Team(id="payments", name=NASTY, side=Side.ENGINEERING)
NOTHING = dict.fromkeys(("time_to_acknowledge", "time_to_mitigate", "time_to_resolve"), Spread(None, None, 0))
CARDS: Mapping[str, Any] = {
    "metrics": lambda: card(figures(*(measured(n, 1 + n % 4) for n in range(12))), "Europe/Berlin"),
    "metrics-few": lambda: card(figures(measured(1), measured(2, hours=None), team=TEAM)),
    "metrics-nothing": lambda: card(figures(**NOTHING, repeat_rate=Share(None, 0), work=NO_WORK)),
}
