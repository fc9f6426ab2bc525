"""All figures of a window at once, read for cards, the API and pages alike: they show the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import metrics
from domain.catalog import Team
from domain.metrics import REPEATS_WITHIN, Measured, Share, Spread
from usecases.changes.views import failure_rate
from usecases.handoffs.team import services_of
from usecases.metrics.work import Work, work_of
from usecases.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of incidents declared from `since` to before `until` (UTC), and of what else happened then."""

    since: datetime
    until: datetime
    team: Team | None
    """None: of the whole organisation."""
    services: frozenset[str] | None
    """Those of the team; None: all."""
    incidents: Sequence[Measured]
    """Oldest first."""
    time_to_detect: Spread
    time_to_acknowledge: Spread
    time_to_mitigate: Spread
    time_to_resolve: Spread
    repeat_rate: Share
    handoff_acceptance: Share
    """Of the handoffs that were offered, those accepted before the shift change."""
    change_failure_rate: Share
    work: Work
    """What people did in them."""

    @property
    def still_open(self) -> int:
        """How many of them are not resolved yet."""
        return sum(incident.resolved_at is None for incident in self.incidents)

    def of_severity(self, severity: int) -> int:
        """Count those of a severity."""
        return sum(incident.severity == severity for incident in self.incidents)


def figures(store: Store, since: datetime, until: datetime, team: Team | None = None) -> Figures:
    """Compute the figures of a window; of a team those of the services it owns or operates, and of its schedules."""
    services = services_of(store, team.id) if team else None
    schedules = {schedule.id for schedule in store.schedules.of_team(team.id)} if team else None
    found = store.metrics.incidents(since, until, services)
    earlier = store.metrics.incidents(since - REPEATS_WITHIN, since, services)
    accepted, offered = store.metrics.handoffs(since, until, schedules)
    failed, changed = failure_rate(store, since, until, services)
    return Figures(
        since=since,
        until=until,
        team=team,
        services=frozenset(services) if services is not None else None,
        incidents=found,
        time_to_detect=metrics.time_to_detect(found),
        time_to_acknowledge=metrics.time_to_acknowledge(found),
        time_to_mitigate=metrics.time_to_mitigate(found),
        time_to_resolve=metrics.time_to_resolve(found),
        repeat_rate=metrics.repeat_rate(found, earlier),
        handoff_acceptance=metrics.share(accepted, offered),
        change_failure_rate=metrics.share(failed, changed),
        work=work_of(store, found, since, until, team=team, services=services),
    )
