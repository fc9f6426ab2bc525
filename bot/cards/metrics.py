"""Figures as a card: median, 90th percentile and how many, never a number alone."""

from collections.abc import Sequence

from bot.cards import kit
from bot.turn import Card
from domain.incident import SEVERITIES
from domain.metrics import FEW, Share, Spread
from domain.organisation import Targets
from usecases.metrics import Figures
from usecases.metrics.words import share_said, spread_said, work_said
from usecases.wording import to_the_minute


def metrics_card(found: Figures, targets: Targets, zone: str | None) -> Card:
    """Draw the figures of a window."""
    whose = f" of {kit.plain(found.team.name)}" if found.team else ""
    window = f"{to_the_minute(found.since, zone)} to {to_the_minute(found.until, zone)}"
    body = [
        kit.block(f"Figures{whose}", weight="Bolder", size="Large", style="heading"),
        kit.block(window, size="Small", isSubtle=True, spacing="None"),
        kit.block(_counted(found)),
        kit.facts(_facts(found, targets)),
        *([kit.block(_FEW, size="Small", isSubtle=True)] if len(found.incidents) < FEW else []),
    ]
    return kit.card(body, speak=spoken(found), wide=True)


def spoken(found: Figures) -> str:
    """Say the figures in a sentence."""
    whose = f" of {found.team.name}" if found.team else ""
    return f"Figures{whose}: {_counted(found)} Time to resolve: {_said(found.time_to_resolve)}."


_FEW = f"Fewer than {FEW} incidents: too few to tell whether it gets better."


def _counted(found: Figures) -> str:
    count = len(found.incidents)
    severities = ", ".join(f"{n} SEV{s}" for s in SEVERITIES if (n := found.of_severity(s)))
    still = f"; {found.still_open} still open" if found.still_open else ""
    return f"{count} incident{'' if count == 1 else 's'}{f' ({severities})' if severities else ''}{still}."


def _facts(found: Figures, targets: Targets) -> Sequence[tuple[str, str]]:
    goal = f"; goal: below {targets.resolve_hours:g} h"
    share = f"; goal: below {targets.reactive_work_percent:g} %"
    return [
        *([("Time to detect", _said(found.time_to_detect))] if found.time_to_detect.n else []),
        ("Time to acknowledge", _said(found.time_to_acknowledge)),
        ("Time to mitigate", _said(found.time_to_mitigate)),
        ("Time to resolve", _said(found.time_to_resolve) + goal),
        *([("Work, estimated", f"{work}{share}")] if (work := work_said(found.work)) else []),
        *([("Both sides joined", _said(found.work.both_sides))] if found.work.both_sides.n else []),
        ("Came again within 90 days", _part(found.repeat_rate)),
        ("Handoffs accepted in time", _part(found.handoff_acceptance)),
        ("Changes that failed", _part(found.change_failure_rate)),
    ]


def _said(spread: Spread) -> str:
    return spread_said(spread) or "nothing measured (n=0)"


def _part(share: Share) -> str:
    return share_said(share) or "none (n=0)"
