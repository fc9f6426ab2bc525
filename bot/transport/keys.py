"""The public keys that sign inbound tokens: fetched once, refreshed by one request at a time."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import ClientSession, ClientTimeout
from yarl import URL

from bot.transport.refusals import KeysUnavailable

MAX_AGE = 24 * 3600.0
"""Seconds after which keys are asked for again (Bot Framework authentication guide: daily)."""
AFTER_SUCCESS = 60.0
"""Seconds between two fetches: an unknown key id costs at most one request a minute."""
AFTER_FAILURE = 1.0
PATIENCE = 1.0
"""Seconds a turn waits for newer keys when it already has an old one."""
_FETCH_LIMIT = ClientTimeout(total=5)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """One RSA public key. `channels` are its endorsements, None where the key set lists none."""

    kid: str
    public: Any
    channels: frozenset[str] | None


class KeyRing:
    """The keys named by an OpenID metadata document."""

    def __init__(
        self, http: ClientSession, metadata_url: str, on_refresh: Callable[[bool], None] | None = None
    ) -> None:
        """`on_refresh` hears of every fetch and whether it succeeded."""
        self._on_refresh = on_refresh
        self._http, self._metadata_url = http, metadata_url
        self._keys: dict[str, SigningKey] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self._next_try = self._stale_at = 0.0
        self._answered = False
        self.failures = 0
        """Fetches that failed since the start, for metrics."""

    def _tell(self, *, ok: bool) -> None:
        if self._on_refresh is not None:
            self._on_refresh(ok)

    @property
    def loaded(self) -> bool:
        """Whether there is any key to check a token with."""
        return bool(self._keys)

    def fresh(self, kid: str) -> SigningKey | None:
        """Return the key if it is here and young enough to be used without asking again."""
        return self._keys.get(kid) if time.monotonic() < self._stale_at else None

    async def find(self, kid: str) -> SigningKey | None:
        """Return the key, fetching if it is unknown or old; None if there is no such key.

        Raises KeysUnavailable where that cannot be told because the key server does not answer.
        """
        if found := self.fresh(kid):
            return found
        if refreshing := self._refresh():
            # Old keys stay good while the key server is slow: only a turn without any key waits to the end.
            await asyncio.wait({refreshing}, timeout=PATIENCE if kid in self._keys else None)
        found = self._keys.get(kid)
        if found is None and not self._answered:
            raise KeysUnavailable("the key server does not answer")
        return found

    async def load(self) -> None:
        """Fetch the keys now, if they may be fetched; a failure is logged and counted, not raised."""
        if refreshing := self._refresh():
            await asyncio.wait({refreshing})

    def _refresh(self) -> asyncio.Task[None] | None:
        """Return the fetch everybody waits for, or None when it is too early for another one."""
        if self._refreshing is not None and not self._refreshing.done():
            return self._refreshing
        if time.monotonic() < self._next_try:
            return None
        self._refreshing = asyncio.create_task(self._fetch_keys())
        return self._refreshing

    async def _fetch_keys(self) -> None:
        try:
            found = _parse(await self._get(await self._key_set_url()), self._keys)
        except Exception as error:  # noqa: BLE001 - whatever the document was, the meaning is: no keys
            self.failures += 1
            self._tell(ok=False)
            self._answered, self._next_try = False, time.monotonic() + AFTER_FAILURE
            log.warning("signing keys could not be fetched: %s", type(error).__name__)
            return
        self._tell(ok=True)
        self._keys, self._answered = found, True
        self._next_try = time.monotonic() + AFTER_SUCCESS
        self._stale_at = time.monotonic() + MAX_AGE

    async def _key_set_url(self) -> str:
        url = (await self._get(self._metadata_url))["jwks_uri"]
        here, there = URL(self._metadata_url), URL(url)
        if there.scheme != "https" and there.origin() != here.origin():
            raise ValueError("a key set over http must live where its metadata lives")
        return url

    async def _get(self, url: str) -> Any:
        async with self._http.get(url, timeout=_FETCH_LIMIT, allow_redirects=False, raise_for_status=True) as reply:
            return await reply.json(content_type=None)


def _parse(document: Any, known: dict[str, SigningKey]) -> dict[str, SigningKey]:
    found: dict[str, SigningKey] = {}
    for entry in document["keys"]:
        if not isinstance(entry, dict) or entry.get("kty") != "RSA" or not isinstance(entry.get("kid"), str):
            continue
        try:
            public = jwt.PyJWK(entry, "RS256").key
        except (jwt.PyJWTError, LookupError, TypeError, ValueError):
            continue  # one odd key must not take the good ones away
        listed = entry.get("endorsements")
        channels = frozenset(map(str, listed)) if isinstance(listed, list) and listed else None
        key = SigningKey(entry["kid"], public, channels)
        old = known.get(key.kid)
        # The same object for the same key: tokens already verified with it stay verified.
        unchanged = old and old.channels == channels and old.public.public_numbers() == public.public_numbers()
        found[key.kid] = old if old and unchanged else key
    if not found:
        raise ValueError("the key set has no usable key")
    return found
