"""The key of Local Teams: signs what it sends to the bot and the tokens it gives to the bot."""

import asyncio
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ALGORITHM = "RS256"
TOKEN_SECONDS = 3600


class TokenIssuer:
    """Issues and checks tokens. `issuer` is the emulator's address, `app_id` the bot's.

    Token life is counted in real time, never on the development clock.
    """

    def __init__(self, issuer: str, app_id: str) -> None:
        self._issuer = issuer
        self._app_id = app_id
        self._key: rsa.RSAPrivateKey | None = None
        self._kid = ""
        self._inbound: dict[str, tuple[float, str]] = {}

    async def start(self, pem: str | None) -> None:
        """Take the kept key, or make one. Making one takes a moment, so it happens in a thread."""
        self._key = _read(pem) if pem else await asyncio.to_thread(_make)
        self._kid = f"local-{self._key.public_key().public_numbers().n % 16**12:012x}"

    @property
    def _private(self) -> rsa.RSAPrivateKey:
        if self._key is None:
            raise RuntimeError("The token issuer has not been started.")
        return self._key

    @property
    def pem(self) -> str:
        """The private key, to be kept with the rest of the local data."""
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def key_set(self) -> dict[str, Any]:
        """Return the JSON Web Key Set, with the endorsement a channel's key carries."""
        jwk = RSAAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        return {"keys": [{**jwk, "kid": self._kid, "use": "sig", "alg": ALGORITHM, "endorsements": ["msteams"]}]}

    def inbound(self, service_url: str) -> str:
        """Return a token for a POST to the bot, used again for half of its life as the channel does."""
        now = time.time()
        renew_at, token = self._inbound.get(service_url, (0.0, ""))
        if now >= renew_at:
            token = self._sign({"aud": self._app_id, "serviceurl": service_url})
            self._inbound[service_url] = (now + TOKEN_SECONDS / 2, token)
        return token

    def grant(self) -> dict[str, Any]:
        """Return the answer of the token endpoint."""
        token = self._sign({"aud": f"{self._issuer}/connector", "appid": self._app_id})
        return {"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "access_token": token}

    def granted(self, header: str) -> bool:
        """Say whether an Authorization header carries a token from `grant`."""
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer":
            return False
        try:
            jwt.decode(
                token,
                self._private.public_key(),
                algorithms=[ALGORITHM],
                audience=f"{self._issuer}/connector",
                issuer=self._issuer,
                options={"require": ["exp"]},
            )
        except jwt.PyJWTError:
            return False
        return True

    def _sign(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        body = {"iss": self._issuer, "iat": now, "nbf": now - 60, "exp": now + TOKEN_SECONDS, **claims}
        return jwt.encode(body, self._private, algorithm=ALGORITHM, headers={"kid": self._kid})


def _make() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _read(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("The kept signing key is not an RSA key.")
    return key
