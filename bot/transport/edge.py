"""HTTP in front of a turn: the size and shape of the body, and the fixed answers to what is not served."""

import json
import re
from typing import Any

from aiohttp import web

from bot.transport.inbound import scrubbed
from bot.transport.refusals import Forbidden, KeysUnavailable, Malformed, Refusal, TooLarge, Unauthorized

BODY_LIMIT = 256 * 1024
"""Bytes of one activity; Teams' own limit for a message is below 100 KiB."""
KIND = web.RequestKey("kind", str)
"""The type of a verified activity, for the metrics of the server."""
MOST_NESTED = 100
"""Levels of JSON: far above any card, far below what exhausts the stack."""

_ANSWERS: dict[type[Refusal], tuple[int, str]] = {
    Malformed: (400, "This is not a Bot Framework activity."),
    Unauthorized: (401, "A valid bearer token is needed."),
    Forbidden: (403, "This activity is not accepted here."),
    TooLarge: (413, "The body is larger than 256 KiB."),
    KeysUnavailable: (503, "The token cannot be checked now. Please try again."),
}
_UNSAFE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


async def read_body(request: web.Request) -> bytes:
    """Return the body; raises TooLarge, also where the application allows more."""
    if (request.content_length or 0) > BODY_LIMIT:
        raise TooLarge("declared length")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge("body") from error
    if len(body) > BODY_LIMIT:
        raise TooLarge("body")
    return body


def parse(body: bytes) -> dict[str, Any]:
    """Return the activity as received; raises Malformed unless it is an object with a `type`."""
    try:
        raw = _decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed(type(error).__name__) from error
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str) or not raw["type"]:
        raise Malformed("no activity type")
    # Each level needs an opening bracket, so most bodies are shown to be shallow by counting.
    if body.count(b"{") + body.count(b"[") > MOST_NESTED and _too_deep(raw):
        raise Malformed("nested too deep")
    return raw


def storable(raw: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Return the activity without characters that databases refuse; the same object where there are none."""
    return scrubbed(raw) if _UNSAFE_ESCAPE.search(body) else raw


def refused(refusal: Refusal) -> web.Response:
    """Return the answer to a request that is not served: one fixed sentence, nothing of the request."""
    status, sentence = _ANSWERS[type(refusal)]
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(refusal, Unauthorized) else None
    return web.json_response({"error": sentence}, status=status, headers=headers)


def unavailable() -> web.Response:
    """Return the answer to a turn that failed: the channel delivers it again, which has no second effect."""
    return web.json_response({"error": "This cannot be done now. Please try again."}, status=503)


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_NESTED):
        level = [item for found in level for item in _items(found)]
        if not level:
            return False
    return True


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [item for item in value.values() if isinstance(item, dict | list)]
    return [item for item in value if isinstance(item, dict | list)]
