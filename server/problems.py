"""Errors of the HTTP API as `application/problem+json` (RFC 9457): a sentence for people, never a traceback."""

import http
import json
import logging
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from domain.errors import Refused, Unknown
from usecases.ports import Unavailable

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - it is an answer to a caller, not a fault of ours
    """An answer to give instead of the one asked for; `detail` is one sentence that the caller may read."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(status: int, detail: str, **members: object) -> web.Response:
    """Build the answer; `members` are extra fields of the problem object. A 503 asks to come back in a few seconds."""
    body = {"type": "about:blank", "title": _title(status), "status": status, "detail": detail, **members}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == http.HTTPStatus.SERVICE_UNAVAILABLE else None
    return web.Response(status=status, text=json.dumps(body), content_type=CONTENT_TYPE, headers=headers)


def middleware(prefix: str = "/api/") -> Callable[[web.Request, _Handler], Awaitable[web.StreamResponse]]:
    """Answer every failure below `prefix` as a problem.

    A Problem answers for itself, a refusal of the domain is 400 (404 for a thing that is not there), an unavailable database 503. Whatever nobody
    expected is logged with a reference and answered 503 with that reference: the caller may try again, and reads
    nothing of the inside.
    """

    @web.middleware
    async def answer(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if not request.path.startswith(prefix):
            return await handler(request)
        try:
            return await handler(request)
        except web.HTTPException as answered:
            return _from_http(answered)
        except Exception as fault:  # noqa: BLE001 - this is the place where nothing may pass
            return _from_fault(request, fault)

    return answer


async def read_json(request: web.Request) -> object:
    """Return the body as JSON. Raise Problem 400 when it is none; aiohttp itself answers 413 to one too large."""
    raw = await request.read()
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(http.HTTPStatus.BAD_REQUEST, "The body is not JSON.") from None


async def read_object(request: web.Request, limit: int) -> dict[str, object]:
    """Return the body, a JSON object. Raise Problem 400 when it is none, 413 beyond `limit` bytes."""
    try:
        size = len(await request.read())
    except web.HTTPRequestEntityTooLarge:
        size = limit + 1
    if size > limit:
        sentence = f"The body is too large: {limit // 1024} KiB is the most. Shorten its texts."
        raise Problem(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)
    found = await read_json(request)
    if not isinstance(found, dict):
        raise Problem(http.HTTPStatus.BAD_REQUEST, 'The body must be a JSON object, such as {"title": "…"}.')
    return found


def _from_http(answered: web.HTTPException) -> web.StreamResponse:
    if answered.status < http.HTTPStatus.BAD_REQUEST:
        raise answered
    made = problem(answered.status, f"{answered.reason}.")
    for name in ("Allow", "WWW-Authenticate", "Retry-After"):
        if name in answered.headers:
            made.headers[name] = answered.headers[name]
    return made


def _from_fault(request: web.Request, fault: Exception) -> web.Response:
    if isinstance(fault, Problem):
        return problem(fault.status, fault.detail)
    if isinstance(fault, Refused):
        missing = isinstance(fault, Unknown)
        return problem(http.HTTPStatus.NOT_FOUND if missing else http.HTTPStatus.BAD_REQUEST, str(fault))
    if isinstance(fault, Unavailable):
        _log.warning("The database is unavailable: %s", fault)
        return problem(http.HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer; please try again.")
    reference = uuid.uuid4().hex[:12]
    path = request.rel_url.raw_path
    _log.error("Unexpected fault %s in %s %s", reference, request.method, path, exc_info=fault)
    detail = f"The request could not be completed; the log of the server says why under {reference}."
    return problem(http.HTTPStatus.SERVICE_UNAVAILABLE, detail, reference=reference)


def _title(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Error"
