"""Calls to the Bot Connector: one session, one attempt, and a plain outcome for whatever comes back."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from bot.transport.addresses import GCC_SERVICE_URL, ServiceUrls
from bot.transport.credentials import TokenCache, TokenUnavailable
from bot.transport.outcomes import (
    Ambiguous,
    Found,
    Outcome,
    Refused,
    Retryable,
    Sent,
    Throttled,
    Unreachable,
    classify,
    unanswered,
)

__all__ = [
    "Ambiguous",
    "Connector",
    "Found",
    "Outcome",
    "Refused",
    "Retryable",
    "Sent",
    "Throttled",
    "Unreachable",
    "open_session",
]

DEADLINE = 10.0
"""Seconds a call may take: Teams waits about 15 s for a turn."""
CONNECT = 4.0
"""Seconds to reach the other side; what fails here was certainly not sent."""
_MOST_CONNECTIONS = 50
_LEAST = 0.1
_WRONG_HOST = "InvalidBotApiHost"
_UNAUTHORIZED, _FORBIDDEN = 401, 403


def open_session() -> ClientSession:
    """Return the one session of the process for keys, tokens and connector; the caller closes it."""
    return ClientSession(
        connector=TCPConnector(limit=_MOST_CONNECTIONS),
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=DEADLINE, connect=CONNECT),
    )


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    service_url: str
    path: str
    body: Mapping[str, Any] | None = None


class Connector:
    """The Teams side of the bot. Waiting and repeating belong to whoever keeps the message.

    A new message is tried once. aiohttp itself repeats a change once, harmlessly, when a kept-alive
    connection turns out to be dead.
    """

    def __init__(
        self,
        http: ClientSession,
        tokens: TokenCache,
        service_urls: Iterable[str],
        *,
        deadline: float = DEADLINE,
        wrong_host_url: str = GCC_SERVICE_URL,
    ) -> None:
        self._http, self._tokens = http, tokens
        self._service_urls = ServiceUrls(service_urls)
        self._deadline = deadline
        self._wrong_host_url = wrong_host_url

    async def post_activity(
        self,
        service_url: str,
        conversation_id: str,
        activity: Mapping[str, Any],
        *,
        reply_to: str | None = None,
        targeted_to: str | None = None,
    ) -> Outcome:
        """Post a new message; with `targeted_to` (a 29: id) only that member sees it."""
        body = {**activity, "recipient": {"id": targeted_to}} if targeted_to else activity
        path = _path(conversation_id, "activities", reply_to, targeted=bool(targeted_to))
        return await self._send(_Call("POST", service_url, path, body))

    async def put_activity(
        self,
        service_url: str,
        conversation_id: str,
        activity_id: str,
        activity: Mapping[str, Any],
        *,
        targeted: bool = False,
    ) -> Outcome:
        """Replace a message; `targeted` must say whether it was posted to one member."""
        # Naming the recipient again is a 400: "Cannot edit Recipient of Targeted Message".
        body = {key: value for key, value in activity.items() if key != "recipient"} if targeted else activity
        path = _path(conversation_id, "activities", activity_id, targeted=targeted)
        return await self._send(_Call("PUT", service_url, path, body))

    async def delete_activity(
        self, service_url: str, conversation_id: str, activity_id: str, *, targeted: bool = False
    ) -> Outcome:
        """Delete a message; one that is gone already counts as done."""
        path = _path(conversation_id, "activities", activity_id, targeted=targeted)
        return await self._send(_Call("DELETE", service_url, path))

    async def create_conversation(self, service_url: str, body: Mapping[str, Any]) -> Outcome:
        """Open a conversation (bodies: see addressing); `Sent` has its id and that of the first activity."""
        outcome = await self._send(_Call("POST", service_url, _path(), body))
        if not isinstance(outcome, Sent):
            return outcome
        first = outcome.body.get("activityId")
        return replace(
            outcome, conversation_id=outcome.activity_id, activity_id=first if isinstance(first, str) else ""
        )

    async def get_member(self, service_url: str, conversation_id: str, member_id: str) -> Found | Outcome:
        """Read one member of a conversation, by 29: id or Entra object id."""
        outcome = await self._send(_Call("GET", service_url, _path(conversation_id, "members", member_id)))
        return Found(outcome.body) if isinstance(outcome, Sent) else outcome

    async def _send(self, call: _Call) -> Outcome:
        if not self._service_urls.allows(call.service_url):
            return Refused(0, "ServiceUrlNotAllowed", "this service URL may not see our token")
        end = time.monotonic() + self._deadline
        outcome = await self._authorized(call, end)
        if isinstance(outcome, Refused) and outcome.status == _FORBIDDEN and outcome.code == _WRONG_HOST:
            moved = replace(call, service_url=self._wrong_host_url)
            return await self._authorized(moved, end) if self._service_urls.allows(moved.service_url) else outcome
        return outcome

    async def _authorized(self, call: _Call, end: float) -> Outcome:
        """Send with our token, and once more with a new one where the old one was refused."""
        outcome: Outcome = Unreachable("no attempt")
        for _ in range(2):
            try:
                token = await self._tokens.get(patience=end - time.monotonic())
            except TokenUnavailable as error:
                return Unreachable(f"no token: {error}")
            outcome = await self._attempt(call, token, max(end - time.monotonic(), _LEAST))
            if not isinstance(outcome, Refused) or outcome.status != _UNAUTHORIZED:
                break
            self._tokens.invalidate(token)
        return outcome

    async def _attempt(self, call: _Call, token: str, seconds: float) -> Outcome:
        limit = ClientTimeout(total=seconds, connect=min(CONNECT, seconds / 2))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        # Encoded by us and passed as encoded: yarl would turn %3A, %40 and %3B back into : @ ;
        url = URL(call.service_url.rstrip("/") + call.path, encoded=True)
        data = None if call.body is None else json.dumps(call.body).encode()
        try:
            async with self._http.request(
                call.method, url, data=data, headers=headers, timeout=limit, allow_redirects=False
            ) as reply:
                return classify(call.method, reply.status, reply.headers.get("Retry-After"), await reply.read())
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            return Unreachable(type(error).__name__)
        except (ClientError, TimeoutError) as error:
            return unanswered(call.method, type(error).__name__)


def _path(*parts: str | None, targeted: bool = False) -> str:
    path = "/".join(["/v3/conversations", *(quote(part, safe="") for part in parts if part)])
    return f"{path}?isTargetedActivity=true" if targeted else path
