"""Keeps the copies of outside calendars fresh: fetched, read on a thread, and taken over in one transaction."""

import asyncio
import logging

from integrations.calendars.fetching import Fetcher, FetchError
from integrations.calendars.reading import CalendarError, read_calendar
from usecases import feeds
from usecases.feeds import WantedFeed
from usecases.ports import Clock, Database

logger = logging.getLogger(__name__)


class FeedReader:
    """One per process. Two replicas that read the same feed at the same moment take over the same copy twice."""

    def __init__(self, database: Database, clock: Clock, fetcher: Fetcher) -> None:
        self._db, self._clock, self._fetcher = database, clock, fetcher

    async def look(self) -> None:
        """Read every feed whose turn it is, one after the other. Raises Unavailable without a database."""
        for wanted in await self._db.read(lambda store: feeds.due(store, self._clock.now(store))):
            await self._read(wanted)

    async def _read(self, wanted: WantedFeed) -> None:
        now = await self._db.read(self._clock.now)
        try:
            data = await self._fetcher.get(wanted.url)
            events = await asyncio.to_thread(read_calendar, data, wanted.time_zone, now)
        except (FetchError, CalendarError) as why:
            reason = str(why)
            logger.warning("the calendar of %s was not read: %s", wanted.schedule, reason)
            await self._db.write(lambda store: feeds.failed(store, wanted, reason, now))
        else:
            await self._db.write(lambda store: feeds.took(store, wanted, events, now))
