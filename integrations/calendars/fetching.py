"""Reading a feed from an address that somebody wrote into a file: it must not reach into our own network."""

import ipaddress
import socket
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

MOST_BYTES = 5_000_000
"""Ours: ten thousand events; the greatest feed we have met has one."""
PATIENCE_S = 20.0
REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)
_OK = 200


class FetchError(Exception):
    """The feed could not be read; `str()` is a sentence without the address, whose path is often a secret."""


class Fetcher:
    """Reads feeds over https from public addresses.

    Every connection is checked after its name was resolved and connects to just that address, so that neither a
    redirect nor a name that changes its mind leads inside. `loopback` also allows this machine and http, for tests and
    development.
    """

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback

    async def get(self, url: str) -> bytes:
        """Read a feed. Raises FetchError."""
        connector = TCPConnector(resolver=_PublicResolver(loopback=self._loopback), use_dns_cache=False, limit=4)
        timeout = ClientTimeout(total=PATIENCE_S)
        async with ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar()) as http:
            try:
                return await self._follow(http, url)
            except TimeoutError:
                raise FetchError(f"There was no answer within {PATIENCE_S:.0f} seconds.") from None
            except _InsideError:
                raise FetchError("Its address leads into a private network, where calendars are not read.") from None
            except (ClientError, OSError, ValueError) as failed:
                if isinstance(failed.__context__, _InsideError) or isinstance(failed.__cause__, _InsideError):
                    raise FetchError(
                        "Its address leads into a private network, where calendars are not read."
                    ) from None
                raise FetchError(f"It could not be reached ({type(failed).__name__}).") from failed

    async def _follow(self, http: ClientSession, url: str) -> bytes:
        for _ in range(REDIRECTS + 1):
            self._check(url)
            async with http.get(url, allow_redirects=False, headers={"Accept": "text/calendar"}) as answer:
                if answer.status in _MOVED and "Location" in answer.headers:
                    url = urljoin(url, answer.headers["Location"])
                    continue
                if answer.status != _OK:
                    raise FetchError(f"Its server answered {answer.status}.")
                return await _limited(answer.content)
        raise FetchError(f"It is redirected more than {REDIRECTS} times.")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        schemes = ("https", "http") if self._loopback else ("https",)
        if parts.scheme not in schemes or not parts.hostname:
            raise FetchError("Only https addresses are read.")
        try:
            literal = ipaddress.ip_address(parts.hostname)
        except ValueError:
            return  # a name: the resolver looks at what it means
        if not _is_allowed(literal, loopback=self._loopback):
            raise _InsideError


class _InsideError(OSError):
    """An address that is not public."""


class _PublicResolver(AbstractResolver):
    """Resolves names, and keeps only addresses of the public Internet."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._resolver: ThreadedResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self._resolver = self._resolver or ThreadedResolver()
        found = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if _is_allowed(ipaddress.ip_address(one["host"]), loopback=self._loopback)]
        if found and not allowed:
            raise _InsideError(host)
        return allowed

    async def close(self) -> None:
        if self._resolver is not None:
            await self._resolver.close()


def _is_allowed(address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, loopback: bool) -> bool:
    plain: Any = getattr(address, "ipv4_mapped", None) or address
    return (plain.is_global and not plain.is_multicast) or (loopback and plain.is_loopback)


async def _limited(content: Any) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in content.iter_chunked(65_536):
        size += len(part)
        if size > MOST_BYTES:
            raise FetchError(f"It is larger than {MOST_BYTES // 1_000_000} MB.")
        parts.append(part)
    return b"".join(parts)
