"""Brings activities to the bot as the channel does: signed, timed, and again when the bot did not take them."""

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from server.local_teams.tokens import TokenIssuer
from server.local_teams.values import Patience

log = logging.getLogger(__name__)

_SERVER_ERROR = 500
_MAX_ANSWER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered. Status 0: it did not, and `body` is None."""

    status: int
    body: Any = None
    content_type: str = ""

    @property
    def taken(self) -> bool:
        """Whether the channel would leave it at that: everything but a server error and silence."""
        return 0 < self.status < _SERVER_ERROR

    @property
    def good(self) -> bool:
        """Whether the bot accepted the activity."""
        return self.status // 100 == 2  # noqa: PLR2004 - 2xx


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt, for the log. `seconds` is how long the bot took."""

    at: float
    type: str
    name: str
    activity_id: str
    attempt: int
    status: int
    seconds: float


class Courier:
    """Posts activities to the bot's processes in turn."""

    def __init__(
        self, bot_urls: Sequence[str], issuer: TokenIssuer, http: aiohttp.ClientSession, patience: Patience
    ) -> None:
        self._urls = list(bot_urls)
        self._turn = 0
        self._issuer = issuer
        self._http = http
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()
        self.log: deque[Delivery] = deque(maxlen=1000)

    async def send(self, activity: dict[str, Any]) -> Answer:
        """Deliver an activity that is not an invoke. Returns the first answer; further attempts go on behind."""
        answer = await self._post(activity, self._patience.message, 1)
        if not answer.taken:
            self._background(self._again(activity))
        return answer

    def send_soon(self, activity: dict[str, Any]) -> None:
        """Deliver without waiting for the answer."""
        self._background(self._forget(activity))

    async def invoke(self, activity: dict[str, Any]) -> Answer:
        """Deliver an invoke and return the bot's answer. An answer that is too late is lost and asked for again."""
        extension = str(activity.get("name", "")).startswith("composeExtension/")
        limit = self._patience.extension if extension else self._patience.invoke
        answer = await self._post(activity, limit, 1)
        if answer.status == 0:
            self._background(self._once_more(activity, limit))
        return answer

    async def _forget(self, activity: dict[str, Any]) -> None:
        await self.send(activity)

    async def _once_more(self, activity: dict[str, Any], limit: float) -> None:
        await self._post(activity, limit, 2)

    async def _again(self, activity: dict[str, Any]) -> None:
        for number, pause in enumerate(self._patience.redelivery, start=2):
            await asyncio.sleep(pause)
            if (await self._post(activity, self._patience.message, number)).taken:
                return
        log.warning("Local Teams gave up on activity %s: the bot did not take it", activity["id"])

    async def _post(self, activity: dict[str, Any], limit: float, attempt: int) -> Answer:
        url = self._urls[self._turn % len(self._urls)]
        self._turn += 1
        started = time.monotonic()
        answer = await self._try(url, activity, limit)
        name = str(activity.get("name", ""))
        took = time.monotonic() - started
        self.log.append(
            Delivery(time.time(), activity["type"], name, activity["id"], attempt, answer.status, round(took, 4))
        )
        if not answer.good:
            log.warning(
                "The bot answered %s to %s %s (attempt %d)", answer.status or "nothing", activity["type"], name, attempt
            )
        return answer

    async def _try(self, url: str, activity: dict[str, Any], limit: float) -> Answer:
        headers = {"Authorization": f"Bearer {self._issuer.inbound(activity['serviceUrl'])}"}
        timeout = aiohttp.ClientTimeout(total=limit)
        try:
            async with self._http.post(url, json=activity, headers=headers, timeout=timeout) as response:
                raw = await response.content.read(_MAX_ANSWER_BYTES)
                return Answer(response.status, _parse(raw), response.content_type)
        except (aiohttp.ClientError, TimeoutError):
            return Answer(0)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def report(self) -> list[dict[str, Any]]:
        """Return the attempts as JSON, oldest first."""
        return [asdict(delivery) for delivery in self.log]

    async def close(self) -> None:
        """Stop all attempts that are still going on."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None
