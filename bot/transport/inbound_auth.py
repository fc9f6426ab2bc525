"""Who may deliver an activity: the Bot Framework token, and that it was issued for this very activity."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import ClientSession

from bot.transport.addresses import ServiceUrls
from bot.transport.keys import KeyRing, SigningKey
from bot.transport.refusals import Forbidden, KeysUnavailable, Refusal, Unauthorized

__all__ = ["Forbidden", "InboundAuth", "KeysUnavailable", "Refusal", "Unauthorized"]

CHANNEL = "msteams"
LEEWAY = 300
"""Seconds two clocks may differ (Bot Framework authentication guide: 5 minutes)."""
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a good token says; remembered because the channel sends one token with many activities."""

    key: SigningKey
    expires: float
    service_url: str


class InboundAuth:
    """Checks the token of each inbound activity. There is no way to switch it off."""

    def __init__(
        self,
        http: ClientSession,
        *,
        app_id: str,
        metadata_url: str,
        issuers: Iterable[str],
        service_urls: Iterable[str],
        allowed_tenants: frozenset[str] | None,
        require_endorsements: bool,
        on_key_refresh: Callable[[bool], None] | None = None,
    ) -> None:
        """`allowed_tenants` None accepts every tenant and belongs to an emulator only."""
        if not app_id:
            raise ValueError("no app id: without it every token would be good")
        if allowed_tenants is None and require_endorsements:
            raise ValueError("no allowed tenants: only an emulator may serve every tenant")
        self._app_id = app_id
        self._issuers = [form for issuer in issuers for form in (issuer.rstrip("/"), issuer.rstrip("/") + "/")]
        self._service_urls = ServiceUrls(service_urls)
        self._tenants = None if allowed_tenants is None else frozenset(map(str.lower, allowed_tenants))
        self._require_endorsements = require_endorsements
        self._keys = KeyRing(http, metadata_url, on_key_refresh)
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    @property
    def ready(self) -> bool:
        """Whether tokens can be checked at all."""
        return self._keys.loaded

    @property
    def key_failures(self) -> int:
        """Failed key fetches since the start."""
        return self._keys.failures

    async def warm_up(self) -> None:
        """Fetch the keys before the first activity needs them; never raises, see `ready`."""
        await self._keys.load()

    async def check(self, header: str | None, activity: Mapping[str, Any]) -> None:
        """Return if `header` carries a good token for `activity`.

        Raises Unauthorized (no good token), Forbidden (a good one for something else) or
        KeysUnavailable (nobody can tell now, the channel should come back).
        """
        verified = await self._verify(_bearer(header))
        self._check_channel(activity, verified.key)
        self._check_service_url(activity, verified.service_url)
        self._check_tenant(activity)

    async def _verify(self, token: str) -> _Verified:
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._verified.get(digest)
        if known and self._keys.fresh(known.key.kid) is known.key and time.time() < known.expires + LEEWAY:
            self._verified.move_to_end(digest)
            return known
        self._verified.pop(digest, None)
        verified = await self._decode(token)
        self._verified[digest] = verified
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)
        return verified

    async def _decode(self, token: str) -> _Verified:
        try:
            header = jwt.get_unverified_header(token)
            # Before the key is looked up: a token that can never be good must not cost a request for keys.
            if header.get("alg") != "RS256" or not header.get("kid"):
                raise Unauthorized("token is not RS256 with a key id")
            key = await self._keys.find(header["kid"])
            if key is None:
                raise Unauthorized("token is signed with an unknown key")
            claims = jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                options={"require": ["exp", "iss", "aud"]},
                leeway=LEEWAY,
                audience=self._app_id,
                issuer=self._issuers,
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise Unauthorized(type(error).__name__) from error
        claimed = claims.get("serviceurl") or claims.get("serviceUrl")
        return _Verified(key, float(claims["exp"]), claimed.rstrip("/") if isinstance(claimed, str) else "")

    def _check_channel(self, activity: Mapping[str, Any], key: SigningKey) -> None:
        if activity.get("channelId") != CHANNEL:
            raise Forbidden("channel is not Teams")
        if key.channels is None and not self._require_endorsements:
            return
        if key.channels is None or CHANNEL not in key.channels:
            raise Forbidden("signing key is not endorsed for Teams")

    def _check_service_url(self, activity: Mapping[str, Any], claimed: str) -> None:
        url = activity.get("serviceUrl")
        if not claimed or not isinstance(url, str) or url.rstrip("/") != claimed:
            raise Forbidden("service URL is not the one the token was issued for")
        if not self._service_urls.allows(url):
            raise Forbidden("service URL is not on the allow-list")

    def _check_tenant(self, activity: Mapping[str, Any]) -> None:
        if self._tenants is None:
            return
        named = _tenants(activity)
        if not named:
            raise Forbidden("activity names no tenant")
        if not all(isinstance(tenant, str) and tenant.lower() in self._tenants for tenant in named):
            raise Forbidden("tenant is not allowed")


def _bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("no bearer token")
    return token.strip()


def _tenants(activity: Mapping[str, Any]) -> list[Any]:
    """Return every tenant the activity names, of whatever type: an odd one is not an allowed one."""
    channel_data, conversation, sender = (_object(activity, key) for key in ("channelData", "conversation", "from"))
    named = (_object(channel_data, "tenant").get("id"), conversation.get("tenantId"), sender.get("tenantId"))
    return [tenant for tenant in named if tenant not in (None, "")]


def _object(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = source.get(key)
    return found if isinstance(found, dict) else {}
