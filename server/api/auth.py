"""Who calls the API: the holder of one of the bearer tokens in API_TOKENS."""

import hashlib
import hmac
from collections.abc import Sequence

from aiohttp import web

from server.problems import problem
from server.settings import ApiRole, ApiToken

_ALLOWS = {ApiRole.READ: {ApiRole.READ}, ApiRole.ADMIN: {ApiRole.READ, ApiRole.ADMIN}}
_UNAUTHORIZED, _FORBIDDEN = 401, 403


class Callers:
    """The known callers; without any the API is off and every request is refused."""

    def __init__(self, tokens: Sequence[ApiToken]) -> None:
        self._known = [(_digest(token.token), token) for token in tokens]

    def admit(self, request: web.Request, role: ApiRole) -> ApiToken | web.Response:
        """Return whose token this is where it allows `role`, else why the request may not be served."""
        if not self._known:
            return _unauthorized("The API is off: no caller is set in API_TOKENS.")
        scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return _unauthorized("A token is needed: send the header “Authorization: Bearer <token>”.")
        caller = self._caller(token.strip())
        if caller is None:
            return _unauthorized("This token is not known here.")
        if role not in _ALLOWS[caller.role]:
            return problem(_FORBIDDEN, f"The token of {caller.name} has the role {caller.role}; this needs {role}.")
        return caller

    def _caller(self, token: str) -> ApiToken | None:
        """Compare with every known token, whichever matches: the time taken tells nothing."""
        given, found = _digest(token), None
        for digest, known in self._known:
            if hmac.compare_digest(digest, given):
                found = known
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _unauthorized(sentence: str) -> web.Response:
    refused = problem(_UNAUTHORIZED, sentence)
    refused.headers["WWW-Authenticate"] = 'Bearer realm="incident API"'
    return refused
