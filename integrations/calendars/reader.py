"""Keeps the copies of outside calendars fresh: fetched, read apart, and taken over in one transaction."""

import asyncio
import logging

from integrations.calendars.apart import read_apart
from integrations.calendars.fetching import Fetcher, FetchError
from integrations.calendars.reading import CalendarError
from usecases import feeds
from usecases.feeds import WantedFeed
from usecases.ports import Clock, Database

logger = logging.getLogger(__name__)

AT_ONCE = 4
"""Feeds fetched side by side; ours: a few servers that do not answer hold up nobody else's shifts."""


class FeedReader:
    """One per process. Two replicas that read the same feed at the same moment take over the same copy twice."""

    def __init__(self, database: Database, clock: Clock, fetcher: Fetcher) -> None:
        self._db, self._clock, self._fetcher = database, clock, fetcher
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._one_is_read = asyncio.Lock()

    async def look(self) -> None:
        """Read every feed whose turn it is: fetched side by side, read one by one. Raises Unavailable without a database."""
        wanted = await self._db.read(lambda store: feeds.due(store, self._clock.now(store)))
        outcomes = await asyncio.gather(*map(self._read, wanted), return_exceptions=True)
        for trouble in filter(None, outcomes):
            raise trouble

    async def _read(self, wanted: WantedFeed) -> None:
        async with self._turn:
            now = await self._db.read(self._clock.now)
            try:
                data = await self._fetcher.get(wanted.url)
                async with self._one_is_read:
                    events = await read_apart(data, wanted.time_zone, now)
            except (FetchError, CalendarError) as why:
                reason, cause = str(why), type(why.__cause__).__name__
                logger.warning("the calendar of %s was not read: %s (%s)", wanted.schedule, reason, cause)
                await self._db.write(lambda store: feeds.failed(store, wanted, reason, now))
            else:
                await self._db.write(lambda store: feeds.took(store, wanted, events, now))
