"""Looking whether a promise is overdue, and saying so where the people who run the bot will see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.catalog import Side, Team
from domain.running_escalation import Escalation, EscalationState
from usecases import letters
from usecases.outbox import OutboxHealth
from usecases.ports import Store
from usecases.work import WorkHealth

OVERDUE = timedelta(seconds=60)
"""So late that somebody should know (the contract's figure for readiness)."""
DEAD_FOR = timedelta(days=1)
"""So long work that was given up is told of; ours: then it was seen or never will be, and other news must get through."""
LISTED = 3
"""Escalations named in one sentence; ours: the channel needs to know that, not which hundred."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that is not kept. `key` names its kind: it is told once an hour."""

    key: str
    sentence: str


def find(store: Store, work: WorkHealth, outbox: OutboxHealth, now: datetime) -> Sequence[Finding]:
    """Find what is overdue at `now` (UTC)."""
    found: list[Finding] = []
    limit_ms = OVERDUE // timedelta(milliseconds=1)
    if work.oldest_overdue_ms >= limit_ms:
        late = work.oldest_overdue_ms // 1000
        found.append(Finding("work", f"Work has been due for {late} seconds and nobody has done it."))
    if outbox.oldest_overdue_ms >= limit_ms:
        late = outbox.oldest_overdue_ms // 1000
        found.append(Finding("outbox", f"A message that could be sent has waited for {late} seconds."))
    found += [
        Finding(f"dead:{dead.id}", f"Work was given up: {dead.kind} of {dead.subject or 'nothing'}, {dead.error}")
        for dead in store.work.dead(since=now - DEAD_FOR, limit=LISTED)
    ]
    stuck = [e for e in store.escalations.live() if _is_stuck(e, now)]
    if stuck:
        refs = ", ".join(f"INC-{e.incident_id}" for e in stuck[:LISTED])
        many = "1 escalation is past its" if len(stuck) == 1 else f"{len(stuck)} escalations are past their"
        found.append(Finding("escalations", f"{many} next step: {refs}."))
    return found


def _is_stuck(escalation: Escalation, now: datetime) -> bool:
    """Tell whether an escalation waits for something that should have happened, or for nothing at all."""
    if escalation.next_at is None:
        return escalation.state is EscalationState.RUNNING and now - escalation.started_at > OVERDUE
    return now - escalation.next_at > OVERDUE


def tell(store: Store, found: Sequence[Finding], now: datetime) -> None:
    """Post findings in the channel of the team that runs the bot; each kind at most once an hour."""
    team = watching_team(store)
    place = letters.channel_of_team(store, team.id) if team else None
    if place is None:
        return
    for finding in found:  # the message's key lets one through, whoever looks and however often
        key = f"audit:{finding.key}:{now:%Y-%m-%dT%H}"
        letters.say_in_place(store, place, f"⚠ The bot is late: {finding.sentence}", key=key)


def watching_team(store: Store) -> Team | None:
    """Tell who hears of it: the first operations team that has a channel, else the first platform team."""
    for side in (Side.OPERATIONS, Side.PLATFORM):
        teams = sorted((t for t in store.catalog.teams() if t.side is side and t.channel), key=lambda t: t.id)
        if teams:
            return teams[0]
    return None
