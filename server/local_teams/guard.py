"""Keeps strangers out: only this machine, only by a loopback name, never a page of another site."""

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refusal(request: web.Request) -> str | None:
    """Return why a request is refused, None when it may pass.

    The peer and the Host header must both be loopback: the second stops DNS rebinding, where another site's name
    points at this machine. A browser also tells from which site a request comes: only this one may ask.
    """
    if not request.remote or not _is_loopback(request.remote):
        return "Local Teams answers only this machine."
    if not _is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        return "Local Teams answers only under a loopback address."
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        return "Local Teams does not answer pages of other sites."
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"} and not _is_navigation(request):
        return "Local Teams does not answer pages of other sites."
    return None


def _is_navigation(request: web.Request) -> bool:
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def guarded(handler: Handler) -> Handler:
    """Wrap a handler that stands outside the sub-application."""

    async def wrapped(request: web.Request) -> web.StreamResponse:
        return await guard(request, handler)

    return wrapped


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to strangers and add the security headers to every other answer."""
    reason = refusal(request)
    if reason:
        return web.json_response({"error": reason}, status=403)
    response = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
        # The files change with the product and are not named by version: ask every time, get 304.
        response.headers.setdefault("Cache-Control", "no-cache")
    return response
