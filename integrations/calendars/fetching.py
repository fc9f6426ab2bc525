"""Reading a feed from an address that somebody wrote into a file: it must not reach into our own network."""

import socket
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin

from aiohttp import (
    ClientConnectorDNSError,
    ClientError,
    ClientPayloadError,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)

from integrations.calendars.addresses import INSIDE, is_allowed, objection

MOST_BYTES = 5_000_000
"""Ours: ten thousand events; the greatest feed we have met has one."""
PATIENCE_S = 20.0
REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)
_OK = 200
_TROUBLES = (
    (ClientConnectorDNSError, "The name of its server is not known."),
    (ClientSSLError, "Its server has no certificate that can be trusted."),
    (ClientPayloadError, "Its answer broke off."),
)


class FetchError(Exception):
    """The feed could not be read; `str()` is a sentence without the address, whose path is often a secret."""


class Fetcher:
    """Reads feeds over https from public addresses.

    Every address is looked at twice: its text, and where a connection goes at the moment it is made, so that neither a
    redirect nor a name that changes its mind leads inside. `loopback` also allows this machine, without https, for
    tests and development.
    """

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback

    async def get(self, url: str) -> bytes:
        """Read a feed. Raises FetchError."""
        connector = TCPConnector(socket_factory=self._socket, use_dns_cache=False, limit=4)
        timeout = ClientTimeout(total=PATIENCE_S)
        async with ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar()) as http:
            try:
                return await self._follow(http, url)
            except TimeoutError:
                raise FetchError(f"There was no answer within {PATIENCE_S:.0f} seconds.") from None
            except (ClientError, OSError, ValueError) as failed:
                raise FetchError(_why(failed)) from failed

    async def _follow(self, http: ClientSession, url: str) -> bytes:
        for _ in range(REDIRECTS + 1):
            if (wrong := objection(url, loopback=self._loopback)) is not None:
                raise FetchError(wrong)
            async with http.get(url, allow_redirects=False, headers={"Accept": "text/calendar"}) as answer:
                if answer.status in _MOVED and "Location" in answer.headers:
                    url = urljoin(url, answer.headers["Location"])
                    continue
                if answer.status != _OK:
                    raise FetchError(f"Its server answered {answer.status}.")
                return await _limited(answer.content)
        raise FetchError(f"It is redirected more than {REDIRECTS} times.")

    def _socket(self, target: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one connection, unless it would lead inside; `target` is as of `getaddrinfo`."""
        family, kind, protocol, _, where = target
        if not is_allowed(ip_address(where[0]), loopback=self._loopback):
            raise _InsideError
        return socket.socket(family=family, type=kind, proto=protocol)


class _InsideError(OSError):
    """A connection to an address that is not public."""


def _why(failed: Exception) -> str:
    if isinstance(failed.__cause__, _InsideError):
        return INSIDE
    return next((said for kind, said in _TROUBLES if isinstance(failed, kind)), "It could not be reached.")


async def _limited(content: Any) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in content.iter_chunked(65_536):
        size += len(part)
        if size > MOST_BYTES:
            raise FetchError(f"It is larger than {MOST_BYTES // 1_000_000} MB.")
        parts.append(part)
    return b"".join(parts)
