"""The sign-in side of the seam: where the bot finds the keys and fetches its token."""

from aiohttp import web

from server.local_teams.tokens import ALGORITHM, TokenIssuer


class Login:
    """OpenID metadata, key set and token endpoint (OAuth 2.0 client credentials, RFC 6749 section 4.4)."""

    def __init__(self, base_url: str, app_id: str, issuer: TokenIssuer) -> None:
        self._base_url = base_url
        self._app_id = app_id
        self._issuer = issuer

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, relative to the emulator's address."""
        return [
            web.get("/.well-known/openidconfiguration", self.metadata),
            web.get("/keys", self.keys),
            web.post("/oauth2/v2.0/token", self.token),
        ]

    async def metadata(self, _: web.Request) -> web.Response:
        """Answer where the keys and the token endpoint are."""
        return web.json_response(
            {
                "issuer": self._base_url,
                "jwks_uri": f"{self._base_url}/keys",
                "token_endpoint": f"{self._base_url}/oauth2/v2.0/token",
                "id_token_signing_alg_values_supported": [ALGORITHM],
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        """Answer the key set."""
        return web.json_response(self._issuer.key_set())

    async def token(self, request: web.Request) -> web.Response:
        """Grant a token to the bot. No secret is looked at: there is none on this machine."""
        form = await request.post()
        if request.content_type != "application/x-www-form-urlencoded":
            return _refuse(400, "invalid_request", "The request must be a form.")
        if form.get("grant_type") != "client_credentials":
            return _refuse(400, "unsupported_grant_type", "grant_type must be client_credentials.")
        if form.get("client_id") != self._app_id:
            return _refuse(401, "invalid_client", "client_id is not this bot.")
        return web.json_response(self._issuer.grant(), headers={"Cache-Control": "no-store"})


def _refuse(status: int, error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=status)
