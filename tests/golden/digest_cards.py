"""Digests: a full week, a quiet one, and a week whose every line is as long as it may be."""

from collections.abc import Mapping
from typing import Any

from bot.cards import kit
from bot.cards.digest import digest_card, spoken
from domain.catalog import Side, Team
from domain.digest import Week
from tests.golden.metrics_cards import NASTY, figures, measured
from tests.support.samples import NOW
from usecases.digests import Digest, Section
from usecases.digests.making import ROWS

TEAM = Team(id="payments", name="Payments", side=Side.ENGINEERING, time_zone="Europe/London")
ON_CALL = Section(
    id="on_call", title="Who is on call", lines=("payments-primary: Ada Lovelace until Mon 2026-12-07 09:00 London",)
)


def digest(*sections: Section, team: Team | None = TEAM, zone: str = "Asia/Kolkata") -> Digest:
    week = Week(2026, 48)
    since, until = week.span(zone)
    found = figures(*(measured(n) for n in range(2)) if len(sections) > 1 else ())
    return Digest(week=week, team=team, zone=zone, since=since, until=until, sections=sections, figures=found, now=NOW)


def card(made: Digest) -> dict[str, Any]:
    return kit.message(spoken(made), digest_card(made))


HAPPENED = Section(
    id="happened", title="What happened", lines=("INC-12 SEV1 Critical: Checkout is down, resolved after 53 min",)
)
WORST = tuple(
    Section(id="happened", title=f"What happened {n}", lines=((NASTY + "<" * 300)[:160],) * (ROWS + 1))
    for n in range(6)
)
CARDS: Mapping[str, Any] = {
    "digest": lambda: card(digest(HAPPENED, ON_CALL)),
    "digest-quiet": lambda: card(digest(ON_CALL, team=None)),
    "digest-worst": lambda: card(digest(*WORST)),
}
