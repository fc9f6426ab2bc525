"""The token we send: one cache, one caller at a time, and the ways to get a token."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.transport.addresses import LOGIN_URL, TOKEN_RESOURCE, TOKEN_SCOPE, Addresses

MANAGED_IDENTITY = "UserAssignedMSI"
EARLY = 300.0
"""Seconds before its end at which a token is renewed; a short-lived one at 90 % of its life."""
AFTER_FAILURE = 1.0
_FETCH_SECONDS = 10

log = logging.getLogger(__name__)


class TokenUnavailable(Exception):  # noqa: N818 - named by what the caller has to do without
    """No token can be had now; `str()` is a short reason without any secret."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A token and its end in Unix seconds."""

    token: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The app registration as this room needs it; exactly one of secret, certificate or managed identity."""

    app_id: str
    app_type: str = "SingleTenant"
    tenant_id: str = ""
    password: str = field(default="", repr=False)
    certificate_path: str = ""
    """A PEM file with the private key and its certificate."""


Fetch = Callable[[], Awaitable[Grant]]


class TokenCache:
    """One outbound token. A fetch under way is shared by all callers; a good token is never waited for."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._grant = Grant("", 0.0)
        self._renew_at = self._next_try = 0.0
        self._fetching: asyncio.Task[None] | None = None
        self._problem = "no token was fetched yet"

    async def get(self, *, patience: float | None = None) -> str:
        """Return a token; raises TokenUnavailable, at the latest after `patience` seconds.

        Near its end the old token is used while a new one is fetched.
        """
        now = time.time()
        if now < self._renew_at:
            return self._grant.token
        fetching = self._start()
        if now < self._grant.expires_at:
            return self._grant.token
        if fetching is not None:
            await asyncio.wait({fetching}, timeout=None if patience is None else max(patience, 0.0))
        if time.time() < self._grant.expires_at:
            return self._grant.token
        raise TokenUnavailable(self._problem)

    def invalidate(self, token: str) -> None:
        """Forget `token` after it was refused; a newer one that came meanwhile stays."""
        if token == self._grant.token:
            self._grant, self._renew_at = Grant("", 0.0), 0.0

    def _start(self) -> asyncio.Task[None] | None:
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if time.monotonic() < self._next_try:
            return None
        self._fetching = asyncio.create_task(self._renew())
        return self._fetching

    async def _renew(self) -> None:
        try:
            grant = await self._fetch()
        except TokenUnavailable as error:
            self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a library raises, the meaning is: no token
            self._failed(type(error).__name__)
        else:
            left = grant.expires_at - time.time()
            self._grant, self._renew_at = grant, grant.expires_at - min(EARLY, left / 10)

    def _failed(self, problem: str) -> None:
        self._problem, self._next_try = problem, time.monotonic() + AFTER_FAILURE
        log.warning("no token for the connector: %s", problem)


def token_cache(http: ClientSession, addresses: Addresses, credentials: AppCredentials) -> TokenCache:
    """Return the cache for these addresses: an emulator's tokens, or Microsoft Entra's."""
    if addresses.token_url is not None:
        return TokenCache(partial(_from_emulator, http, addresses.token_url, credentials))
    fetch = _from_managed_identity if credentials.app_type == MANAGED_IDENTITY else _from_entra
    return TokenCache(in_thread(partial(fetch, credentials)))


def in_thread(fetch: Callable[[], Grant]) -> Fetch:
    """Turn a blocking fetch into one that leaves the event loop alone."""
    return partial(asyncio.to_thread, fetch)


async def _from_emulator(http: ClientSession, url: str, credentials: AppCredentials) -> Grant:
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.app_id,
        "client_secret": credentials.password or "local",
        "scope": TOKEN_SCOPE,
    }
    try:
        async with http.post(
            url, data=form, timeout=ClientTimeout(total=_FETCH_SECONDS), allow_redirects=False, raise_for_status=True
        ) as reply:
            return _grant(await reply.json(content_type=None))
    except (ClientError, TimeoutError, ValueError) as error:
        raise TokenUnavailable(f"the emulator gave no token: {type(error).__name__}") from error


def _from_entra(credentials: AppCredentials, login_url: str = LOGIN_URL) -> Grant:
    """Ask Microsoft Entra; a new MSAL client each time, so that its own cache cannot return a refused token."""
    import msal  # noqa: PLC0415 - slow to load, and needed for Microsoft Entra only
    import requests  # noqa: PLC0415

    with requests.Session() as session:
        client = msal.ConfidentialClientApplication(
            credentials.app_id,
            authority=f"{login_url}{credentials.tenant_id}",
            client_credential=_proof(credentials),
            http_client=_limited(session),
            # The authority is configured, not discovered: one request less and nothing to be misled by.
            instance_discovery=False,
        )
        return _grant(client.acquire_token_for_client([TOKEN_SCOPE]))


def _from_managed_identity(credentials: AppCredentials) -> Grant:
    import msal  # noqa: PLC0415
    import requests  # noqa: PLC0415

    identity = msal.UserAssignedManagedIdentity(client_id=credentials.app_id)
    with requests.Session() as session:
        client = msal.ManagedIdentityClient(identity, http_client=_limited(session))
        return _grant(client.acquire_token_for_client(resource=TOKEN_RESOURCE))


def _proof(credentials: AppCredentials) -> Any:
    """Return what proves who we are; with the certificate MSAL computes the SHA-256 thumbprint itself."""
    if not credentials.certificate_path:
        return credentials.password
    try:
        pem = Path(credentials.certificate_path).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise TokenUnavailable(f"the certificate file cannot be read: {type(error).__name__}") from error
    return {"private_key": pem, "public_certificate": pem}


def _limited(session: Any) -> Any:
    """Give every request of `session` a time-out; requests itself has none."""
    session.request = partial(session.request, timeout=_FETCH_SECONDS)
    return session


def _grant(answer: Any) -> Grant:
    """Read a token answer; MSAL reports a failure as a dictionary with `error`, not as an exception."""
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        code = answer.get("error") if isinstance(answer, dict) else None
        raise TokenUnavailable(f"refused: {code if isinstance(code, str) else 'no access_token'}"[:120])
    try:
        lifetime = float(answer.get("expires_in", 0))
    except (TypeError, ValueError):
        lifetime = 0.0
    if not 0 < lifetime < float("inf"):
        raise TokenUnavailable("the token answer has no usable expires_in")
    return Grant(answer["access_token"], time.time() + lifetime)
