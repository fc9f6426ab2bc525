"""A sign of life to the outside: while it comes all is well, and when it stops somebody else's monitor says so."""

import logging

import aiohttp

PATIENCE_S = 10.0
"""Ours: the next beat comes in a minute."""
TAKEN = range(200, 300)

logger = logging.getLogger(__name__)


class Heartbeat:
    """Calls an address with GET. What goes wrong is logged once, and that it went well again is logged once."""

    def __init__(self, http: aiohttp.ClientSession, url: str | None, *, patience_s: float = PATIENCE_S) -> None:
        self._http = http
        self._url = url
        self._patience = aiohttp.ClientTimeout(total=patience_s)
        self._trouble: str | None = None

    async def beat(self) -> None:
        """Say that all is well. It never raises for what the other side does; without an address it does nothing."""
        if self._url is None:
            return
        trouble = await self._call(self._url)
        if trouble and trouble != self._trouble:
            logger.warning("the heartbeat is not heard: %s", trouble)
        elif self._trouble and not trouble:
            logger.info("the heartbeat is heard again")
        self._trouble = trouble

    async def _call(self, url: str) -> str | None:
        """Call once; say what went wrong without the address, which is a secret of its monitor."""
        try:
            async with self._http.get(url, timeout=self._patience, allow_redirects=False) as answer:
                return None if answer.status in TAKEN else f"its address answers {answer.status}"
        except TimeoutError:
            return "its address does not answer in time"
        except aiohttp.ClientError as fault:
            return f"its address cannot be reached ({type(fault).__name__})"
