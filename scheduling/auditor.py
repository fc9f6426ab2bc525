"""The auditor: looks every minute whether a promise is overdue. It repairs nothing; it makes silence impossible."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from usecases import audit
from usecases.audit import Finding
from usecases.outbox import Lanes
from usecases.ports import Clock, Database
from usecases.work import WorkQueue

EVERY_S = 60.0
"""Ours: an escalation's shortest sensible wait is a few minutes."""

logger = logging.getLogger(__name__)


class Auditor:
    """One per process; with several replicas each looks, and a finding is told once by whoever is first."""

    def __init__(
        self,
        database: Database,
        queue: WorkQueue,
        lanes: Lanes,
        clock: Clock,
        *,
        all_is_well: Callable[[], Awaitable[None]],
        on_findings: Callable[[int], None],
    ) -> None:
        self._db, self._queue, self._lanes, self._clock = database, queue, lanes, clock
        self._all_is_well = all_is_well
        self._on_findings = on_findings
        self._known: frozenset[str] = frozenset()

    async def look(self) -> Sequence[Finding]:
        """Look once; tell what is new, or tell the outside that all is well. Raise Unavailable without a database."""
        work, outbox = await self._queue.health(), await self._lanes.health()
        found = await self._db.read(lambda store: audit.find(store, work, outbox, self._clock.now(store)))
        self._on_findings(len(found))
        for finding in found:
            if finding.key not in self._known:
                logger.error("overdue: %s", finding.sentence)
        self._known = frozenset(finding.key for finding in found)
        if found:
            await self._db.write(lambda store: audit.tell(store, found, self._clock.now(store)))
        else:
            await self._all_is_well()
        return found
